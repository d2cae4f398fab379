import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Bytes read at a time: a clip has some tens of megabytes, and smaller pieces cost more turns of the loop. */
const READ_BYTES = 1024 * 1024;

/**
 * SHA-256 of a file, or of several one after the other as `cat a b | sha256sum` says; lower-case hex. Files are read piece by piece, never whole.
 *
 * @throws what reading throws, ENOENT included.
 */
export async function sha256OfFiles(...paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) await pipeline(createReadStream(path, { highWaterMark: READ_BYTES }), hash, { end: false });
  return hash.digest('hex');
}
