import { resolve } from 'node:path';
import type { CameraConfig } from '../../config/camera-schema.js';
import type { FileInput, RtspInput } from '../../media/input.js';
import { parseSourceUrl } from '../../platform/input/source-url.js';

/** What a camera or file that was named on the command line is to ffmpeg; a file's path begins at `cwd`. */
export function mediaInput(cwd: string, source: string, asked: Pick<RtspInput, 'transport' | 'timeoutMs'>): FileInput | RtspInput {
  const address = parseSourceUrl(source);
  return address.kind === 'file' ? { kind: 'file', path: resolve(cwd, address.path) } : { ...address, ...asked };
}

/** The same of a camera of the config. */
export function cameraInput(cwd: string, { url, username, password, transport, timeout }: CameraConfig['source']): FileInput | RtspInput {
  const input = mediaInput(cwd, url, { transport, timeoutMs: timeout });
  return input.kind === 'file' ? input : { ...input, username, password };
}
