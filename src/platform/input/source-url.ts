import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AgentError, errorMessage } from '../errors.js';
import { redactUrls } from '../redact.js';

/** What a source's URL names. */
export type SourceAddress =
  | { readonly kind: 'rtsp'; readonly url: string }
  /** As it was given: a relative path stays one. */
  | { readonly kind: 'file'; readonly path: string };

/** What looks like a camera's address without its scheme: host and port, or an IPv4 address, with or without a login. */
const cameraPattern = /^(?:[^/\s]+@)?(?:[\w.-]+:\d{1,5}|\d{1,3}(?:\.\d{1,3}){3})(?:\/|$)/;

/**
 * Reads the URL or path of a source; everyone who must know what it names asks here. Without a scheme it is the path of a
 * file, as it stands (unless there is no such file and it looks like a camera's address); in a `file://` URL, characters are percent-encoded.
 *
 * @throws {AgentError} CONFIG_INVALID for a scheme that no source is for, an address without one, or a `file://` URL that names no file here.
 * @example parseSourceUrl('file:///a%20b.mp4') // { kind: 'file', path: '/a b.mp4' }
 */
export function parseSourceUrl(url: string): SourceAddress {
  if (/^rtsps?:/i.test(url)) return { kind: 'rtsp', url };
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (cameraPattern.test(url) && !existsSync(url)) {
      throw new AgentError('CONFIG_INVALID', `this is no file and lacks a scheme; did you mean ${redactUrls(`rtsp://${url}`)}?`);
    }
    return { kind: 'file', path: url };
  }
  if (scheme === 'file') {
    try {
      return { kind: 'file', path: fileURLToPath(url) };
    } catch (error) {
      throw new AgentError('CONFIG_INVALID', `${url} names no file (${errorMessage(error)}); expected file:///path or a path`, {
        cause: error,
      });
    }
  }
  throw new AgentError(
    'CONFIG_INVALID',
    `${redactUrls(url)}: no source reads ${scheme}://; expected rtsp://, rtsps://, file:// or the path of a file`,
  );
}
