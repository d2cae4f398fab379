import { isAbsolute, resolve } from 'node:path';
import { AgentError } from '../platform/errors.js';
import { redactUrls } from '../platform/redact.js';

/** A camera that is spoken to by RTSP. */
export interface RtspInput {
  readonly kind: 'rtsp';
  /** `rtsp://` or `rtsps://`; may hold user name and password. */
  readonly url: string;
  /** Used instead of what the URL holds when given. */
  readonly username?: string | null;
  readonly password?: string | null;
  readonly transport: 'tcp' | 'udp';
  /** How long the camera may be silent, milliseconds. */
  readonly timeoutMs: number;
}

export interface FileInput {
  readonly kind: 'file';
  readonly path: string;
}

/** MPEG-TS segments of one connection that follow one another. */
export interface SegmentsInput {
  readonly kind: 'segments';
  readonly paths: readonly string[];
  /** Stream clock at the first one's start, seconds: their own clock wraps after 26.5 hours. */
  readonly startS: number;
}

export type MediaInput = RtspInput | FileInput | SegmentsInput;
export type FootageInput = FileInput | SegmentsInput;

/**
 * How ffmpeg and ffprobe are told of an input. The protocols that they may use are the fewest that work: a camera's
 * answer must not make them open files or other addresses.
 *
 * @throws {AgentError} MEDIA_FAILED for a path that cannot be expressed.
 */
export function inputArguments(input: MediaInput): { readonly options: readonly string[]; readonly source: string } {
  switch (input.kind) {
    case 'rtsp': {
      const protocols = ['tcp', ...(input.transport === 'udp' ? ['rtp', 'udp'] : []), ...(isSecure(input.url) ? ['tls'] : [])];
      const options = [
        ...['-protocol_whitelist', protocols.join(',')],
        ...['-rtsp_transport', input.transport],
        // Microseconds. It does not always hold: whoever reads watches for stalls besides.
        ...['-timeout', String(Math.round(input.timeoutMs * 1000))],
        // Sound is never recorded, so it is not asked for.
        ...['-allowed_media_types', 'video'],
      ];
      return { options, source: authenticatedUrl(input) };
    }
    case 'file':
      // The prefix keeps names such as `-x.mp4` or `concat:a` what they are: names.
      return { options: ['-protocol_whitelist', 'file'], source: `file:${absolute(input.path)}` };
    case 'segments': {
      const broken = input.paths.find((path) => path.includes('|'));
      if (broken !== undefined) throw new AgentError('MEDIA_FAILED', `${broken}: ffmpeg cannot join files with "|" in their path`);
      if (input.paths.length === 0) throw new AgentError('MEDIA_FAILED', 'no segment of the recording is on disk');
      return { options: ['-protocol_whitelist', 'concat,file', '-f', 'mpegts'], source: `concat:${input.paths.map(absolute).join('|')}` };
    }
  }
}

/** How an input is called in messages: no credentials. */
export function inputName(input: MediaInput): string {
  if (input.kind === 'rtsp') return redactUrls(input.url);
  if (input.kind === 'file') return input.path;
  return input.paths.length === 1 ? (input.paths[0] ?? '') : `${input.paths[0]} and ${input.paths.length - 1} more`;
}

/**
 * The camera's URL with user name and password percent-encoded as ffmpeg wants them, wherever they were given. What
 * stands in the URL may be encoded or not: `p@ss` as well as `p%40ss`.
 *
 * @example authenticatedUrl({ url: 'rtsp://10.0.0.8/main', username: 'admin', password: 'p@ss' }) // 'rtsp://admin:p%40ss@10.0.0.8/main'
 */
export function authenticatedUrl(input: Pick<RtspInput, 'url' | 'username' | 'password'>): string {
  const parts = splitUrl(input.url);
  const username = input.username ?? parts.username;
  const password = input.password ?? parts.password;
  if (username === null) return `${parts.scheme}${parts.rest}`;
  return `${parts.scheme}${encode(username)}${password === null ? '' : `:${encode(password)}`}@${parts.rest}`;
}

/** Host and port of a camera's URL. @throws {AgentError} CONFIG_INVALID when it has none. */
export function cameraAddress(url: string): { readonly host: string; readonly port: number } {
  const { rest } = splitUrl(url);
  const match = /^(?:\[([^\]]+)\]|([^:/?#]+))(?::(\d+))?(?:[/?#]|$)/.exec(rest);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new AgentError('CONFIG_INVALID', `${redactUrls(url)} names no host; expected rtsp://host[:port]/path`);
  return { host, port: Number(match?.[3] ?? (isSecure(url) ? 322 : 554)) };
}

function isSecure(url: string): boolean {
  return url.toLowerCase().startsWith('rtsps:');
}

function splitUrl(url: string): { scheme: string; username: string | null; password: string | null; rest: string } {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0] ?? '';
  const afterScheme = url.slice(scheme.length);
  // A password may hold anything unencoded: the host begins after the last @ that a host and its path can follow.
  const match = /^(.*)@((?:\[[^\]]+\]|[\w.-]+)(?::\d+)?(?:[/?#].*)?)$/s.exec(afterScheme);
  const userInfo = match?.[1];
  if (userInfo === undefined || /^[\w.-]+(?::\d+)?\/[^@]*$/.test(userInfo)) {
    return { scheme, username: null, password: null, rest: afterScheme };
  }
  const colon = userInfo.indexOf(':');
  return {
    scheme,
    username: decode(colon < 0 ? userInfo : userInfo.slice(0, colon)),
    password: colon < 0 ? null : decode(userInfo.slice(colon + 1)),
    rest: match?.[2] ?? '',
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A lone % is a character of the password, not an encoding.
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function absolute(path: string): string {
  return isAbsolute(path) ? path : resolve(path);
}
