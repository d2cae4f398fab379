import { readFileSync } from 'node:fs';

/** The version in package.json, which lies two folders up from the source and from the built file alike. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return String((manifest as { version?: unknown }).version);
}
