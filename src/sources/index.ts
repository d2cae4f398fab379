import { AgentError } from '../platform/errors.js';
import { redactUrls } from '../platform/redact.js';
import type { Source, SourceOptions } from './contract.js';
import { createFileSource } from './file.js';
import { createRtspSource } from './rtsp.js';

/** One line a kind of source, by URL scheme. A URL without a scheme is the path of a file. */
const sourceTypes: Readonly<Record<string, (options: SourceOptions) => Source>> = {
  rtsp: createRtspSource,
  rtsps: createRtspSource,
  file: createFileSource,
};

/** The URL schemes that there are sources for. */
export const sourceSchemes: readonly string[] = Object.keys(sourceTypes);

/**
 * Makes the source that a URL or path names. Nothing is opened yet.
 *
 * @throws {AgentError} CONFIG_INVALID for a scheme that no source is for, or a camera's URL without a host.
 */
export function createSource(options: SourceOptions): Source {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(options.url)?.[1]?.toLowerCase() ?? 'file';
  const create = sourceTypes[scheme];
  if (create !== undefined) return create(options);
  throw new AgentError(
    'CONFIG_INVALID',
    `${redactUrls(options.url)}: no source reads ${scheme}://; expected ${sourceSchemes.map((name) => `${name}://`).join(', ')} or the path of a file`,
  );
}
