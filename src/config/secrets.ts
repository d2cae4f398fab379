import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OptionNode } from './option-tree.js';
import { type Layers, locate, nearestOrigin, positionOf } from './origin.js';
import { formatPath } from './path.js';
import type { Problem } from './problem.js';
import { replaceAt, walkLeaves } from './walk.js';

/** Longest secret file, bytes: anything larger is not a password but the wrong file. */
const MAX_SECRET_BYTES = 8192;

/**
 * Reads the secrets that are given as `file:/run/secrets/name` and puts them in place. One line break at the end is not
 * part of the secret.
 *
 * @returns what is wrong, and the paths that were given as files.
 */
export function readSecretFiles(
  root: OptionNode,
  layers: Layers,
  cwd: string,
): { readonly problems: readonly Problem[]; readonly fromFiles: ReadonlySet<string>; readonly unresolved: ReadonlySet<string> } {
  const problems: Problem[] = [];
  const fromFiles = new Set<string>();
  const unresolved = new Set<string>();
  walkLeaves(root, layers.value, (path, { leaf }, value) => {
    if (leaf.secret !== true || typeof value !== 'string' || !value.startsWith('file:')) return;
    const at = formatPath(path);
    const file = value.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
    const read = readSecret(resolve(cwd, file));
    if (read.secret !== null) {
      replaceAt(layers.value, path, read.secret);
      fromFiles.add(at);
      return;
    }
    unresolved.add(at);
    const origin = nearestOrigin(layers, path);
    const text = `${locate(origin, 'value')}${at}: the secret file ${file} ${read.reason}`;
    problems.push({ code: 'CONFIG_SECRET_MISSING', text, at: positionOf(origin, 'value') });
  });
  return { problems, fromFiles, unresolved };
}

type ReadSecret = { readonly secret: string; readonly reason: null } | { readonly secret: null; readonly reason: string };

function readSecret(path: string): ReadSecret {
  const failed = (reason: string): ReadSecret => ({ secret: null, reason });
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_SECRET_BYTES) return failed(`is larger than ${MAX_SECRET_BYTES} bytes; is it the right file?`);
    const secret = bytes.toString('utf8').replace(/\r?\n$/, '');
    return secret === '' ? failed('is empty; write the secret into it') : { secret, reason: null };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    return failed(code === 'ENOENT' ? 'is not there; make it, or mount the secret' : `cannot be read (${code}); check its owner and mode`);
  }
}

/** Warnings about passwords that stand readable for everyone on this machine in the config file. */
export function literalSecretWarnings(root: OptionNode, layers: Layers, fromFiles: ReadonlySet<string>): readonly string[] {
  const warnings: string[] = [];
  walkLeaves(root, layers.value, (path, { leaf }, value) => {
    if (typeof value !== 'string' || leaf.kind !== 'text') return;
    const key = path.at(-1);
    const isPassword =
      (leaf.secret === true && key !== 'username') || (key === 'url' && /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]*:[^\s/?#]*@/i.test(value));
    const origin = nearestOrigin(layers, path);
    if (!isPassword || fromFiles.has(formatPath(path)) || origin.kind !== 'file' || origin.variables.length > 0) return;
    warnings.push(
      `${locate(origin, 'value')}${formatPath(path)}: others on this machine can read this password; use \${NAME} or file:/path instead, or chmod 600 ${origin.file}`,
    );
  });
  return warnings;
}
