import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parseRange, rangeHead } from '../../platform/http/byte-range.js';
import type { CaseFileOnDisk } from '../cases/case-evidence.js';
import { HttpProblem } from './problem.js';

/** Types that are told as the agent gave them; a page or a script must not come out of evidence. */
const plainTypes: ReadonlySet<string> = new Set(['video/mp4', 'image/jpeg', 'image/png', 'image/webp', 'application/json']);

/**
 * Sends a file or the part of it that was asked for. A link in its place is not followed.
 *
 * @throws {HttpProblem} 410 when it is gone or is not what was received, 416.
 */
export async function sendFile(request: IncomingMessage, response: ServerResponse, file: CaseFileOnDisk): Promise<void> {
  const handle = await open(file.path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (handle === null) throw new HttpProblem(410, 'this file is no longer here');
  try {
    await sendOpened(request, response, handle, file);
  } finally {
    await handle.close();
  }
}

async function sendOpened(request: IncomingMessage, response: ServerResponse, handle: FileHandle, file: CaseFileOnDisk): Promise<void> {
  const { name, bytes, sha256, mediaType } = file;
  const found = await handle.stat();
  if (!found.isFile() || found.size !== bytes) throw new HttpProblem(410, 'the file here is not the one that was received');
  const range = parseRange(request.headers.range, bytes);
  if (range === 'outside') throw new HttpProblem(416, `the file has ${bytes} bytes`, { 'content-range': `bytes */${bytes}` });
  response.setHeader('content-type', plainTypes.has(mediaType) ? mediaType : 'application/octet-stream');
  response.setHeader('content-disposition', `attachment; filename="${name.replace(/[^A-Za-z0-9._-]/g, '_')}"`);
  response.setHeader('etag', `"${sha256}"`);
  const { status, length, headers } = rangeHead(range, bytes);
  response.writeHead(status, headers);
  if (request.method === 'HEAD' || length === 0) {
    response.end();
    return;
  }
  const span = range === null ? {} : { start: range.first, end: range.last };
  await pipeline(handle.createReadStream({ ...span, autoClose: false }), response);
}
