import { CommandRefusal } from '../../domain/wire/command.js';

/** Where files may be uploaded to. */
export interface UploadPolicy {
  /** `host` or `host:port`; without a port 443 (80 with http) is meant. */
  readonly hosts: readonly string[];
  /** PEM file of the authority that the hosts' certificates are checked against; `null`: those that the system trusts. */
  readonly ca: string | null;
  readonly allowHttp: boolean;
}

export const NO_UPLOADS: UploadPolicy = { hosts: [], ca: null, allowHttp: false };

/** Headers that say how the request itself is framed: the agent's own business. */
const OWN_HEADERS: ReadonlySet<string> = new Set(
  'connection content-digest content-length expect host keep-alive proxy-connection repr-digest te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);

/**
 * The URL of an order, when files may go there.
 *
 * @throws {CommandRefusal} with what to change; the message names the host, never the path, which may hold a secret.
 */
export function checkUploadUrl(text: string, policy: UploadPolicy): URL {
  if (!URL.canParse(text)) throw new CommandRefusal('invalid', 'url: not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new CommandRefusal('invalid', `url: ${url.protocol}// is not https://`);
  if (url.username !== '' || url.password !== '') {
    throw new CommandRefusal('invalid', 'url: holds a user name or password; give it as a header');
  }
  if (!policy.hosts.some((host) => sameHost(host, url))) {
    throw new CommandRefusal('not_allowed', `${url.host} is not in mqtt.evidence.upload.hosts of the agent's config`);
  }
  if (url.protocol === 'http:' && !policy.allowHttp) {
    throw new CommandRefusal('not_allowed', 'url: only https:// is taken here; see mqtt.evidence.upload.allow_http');
  }
  return url;
}

/** @throws {CommandRefusal} for a header that the agent sets itself. */
export function checkUploadHeaders(headers: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(headers)) {
    if (OWN_HEADERS.has(name.toLowerCase())) throw new CommandRefusal('invalid', `headers: ${name} is set by the agent itself`);
  }
}

function sameHost(entry: string, url: URL): boolean {
  // Parsed the same way, so that case, trailing default ports and ways to write an address do not matter.
  const text = `${url.protocol}//${entry}`;
  return URL.canParse(text) && new URL(text).host === url.host;
}
