import { resolve } from 'node:path';
import { AgentError } from '../../platform/errors.js';
import { parseSourceUrl } from '../../platform/input/source-url.js';
import { redactUrls } from '../../platform/redact.js';

/**
 * Absolute path of a video that was named on the command line.
 *
 * @throws {AgentError} BAD_USAGE for a camera, whose address may hold a password and must not be taken for a path.
 */
export function videoFile(cwd: string, video: string): string {
  const address = parseSourceUrl(video);
  if (address.kind === 'file') return resolve(cwd, address.path);
  throw new AgentError('BAD_USAGE', `${redactUrls(video)} is a camera, not a file; record it first, or watch it with parapet run --camera`);
}
