import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../../shared/data/', import.meta.url);

/**
 * A real clip, model or folder of them that is not ours to give away: read from beside the checkout, never kept in it. (docs/scenes.md and docs/street-scenes.md have
 * made ones.)
 *
 * @example sharedData('falling/tower.mp4') // '/srv/shared/data/falling/tower.mp4', of a checkout at /srv/parapet
 */
export const sharedData = (path = ''): string => fileURLToPath(new URL(path, folder));

/** Whether all of these are there; where they are not, says loudly what was not tested. */
export function hasSharedData(paths: readonly string[], untested: string): boolean {
  const missing = paths.map(sharedData).find((path) => !existsSync(path));
  if (missing === undefined) return true;
  process.stderr.write(`SKIPPED: ${missing} is not there: ${untested}\n`);
  return false;
}
