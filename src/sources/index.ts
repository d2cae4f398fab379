import { parseSourceUrl } from '../platform/input/source-url.js';
import type { Source, SourceOptions } from './contract.js';
import { createFileSource } from './file.js';
import { createRtspSource } from './rtsp.js';

/**
 * Makes the source that a URL or path names: one line a kind. Nothing is opened yet.
 *
 * @throws {AgentError} CONFIG_INVALID for a scheme that no source is for, or a camera's URL without a host.
 */
export function createSource(options: SourceOptions): Source {
  const address = parseSourceUrl(options.url);
  switch (address.kind) {
    case 'rtsp':
      return createRtspSource(options);
    case 'file':
      return createFileSource(address.path, options);
  }
}
