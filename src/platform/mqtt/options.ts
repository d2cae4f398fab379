import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { AgentError, errorMessage } from '../errors.js';
import { redactUrls } from '../redact.js';

/** How to reach a broker. Files are read anew for every connection, so that a renewed certificate is taken up by itself. */
export interface MqttOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, host and port; may carry user name and password. */
  readonly url: string;
  /** Beats the one in `url`. */
  readonly username?: string | null;
  readonly password?: string | null;
  /** Stable: the broker keeps the session under it. Two clients with one id throw each other out. */
  readonly clientId: string;
  /** The broker answers within 1.5 × this or the link counts as dead. Milliseconds, rounded up to seconds; default 30 s. */
  readonly keepaliveMs?: number;
  /** How long the broker keeps the session while the client is away, milliseconds; default one day. 0: no session is kept. */
  readonly sessionExpiryMs?: number;
  /** From the first packet to the broker's answer, milliseconds; default 20 s (a TLS handshake over a poor 4G link takes 5 s). */
  readonly connectTimeoutMs?: number;
  /** Largest packet that the broker may send here, bytes (MQTT 5 only). */
  readonly maximumPacketBytes?: number;
  readonly tls?: MqttTlsOptions;
}

/** Paths of PEM files. */
export interface MqttTlsOptions {
  readonly ca?: string | null;
  readonly cert?: string | null;
  readonly key?: string | null;
  /** Name that the broker's certificate must bear; the host of the URL by default. */
  readonly servername?: string | null;
}

export const DEFAULT_KEEPALIVE_MS = 30_000;
export const DEFAULT_SESSION_EXPIRY_MS = 24 * 3_600_000;
export const DEFAULT_CONNECT_TIMEOUT_MS = 20_000;

const defaultPorts = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const;
export type BrokerProtocol = keyof typeof defaultPorts;

export interface BrokerAddress {
  readonly protocol: BrokerProtocol;
  /** Without brackets for IPv6. */
  readonly host: string;
  readonly port: number;
  /** Only for websockets; `/` at least. */
  readonly path: string;
  readonly username: string | null;
  readonly password: string | null;
}

/**
 * Takes a broker's URL apart.
 *
 * @throws {AgentError} CONFIG_INVALID when it is not a broker's URL.
 * @example parseBrokerUrl('mqtts://box:pw@broker.city').port // 8883
 */
export function parseBrokerUrl(url: string): BrokerAddress {
  const form = 'write mqtt://host:1883 or mqtts://host:8883';
  if (!URL.canParse(url)) throw new AgentError('CONFIG_INVALID', `mqtt url ${redactUrls(url)} is not a URL; ${form}`);
  const parsed = new URL(url);
  const protocol = parsed.protocol.slice(0, -1);
  if (!isBrokerProtocol(protocol)) {
    throw new AgentError('CONFIG_INVALID', `mqtt url ${redactUrls(url)}: ${protocol}:// is not a broker's protocol; ${form}`);
  }
  if (parsed.hostname === '') throw new AgentError('CONFIG_INVALID', `mqtt url ${redactUrls(url)} names no host; ${form}`);
  return {
    protocol,
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? defaultPorts[protocol] : Number(parsed.port),
    path: `${parsed.pathname === '' ? '/' : parsed.pathname}${parsed.search}`,
    username: parsed.username === '' ? null : decode(parsed.username),
    password: parsed.password === '' ? null : decode(parsed.password),
  };
}

/** With TLS. */
export function isSecure({ protocol }: Pick<BrokerAddress, 'protocol'>): boolean {
  return protocol === 'mqtts' || protocol === 'wss';
}

/** Where a broker is, for messages to people: no credentials. */
export function brokerName(url: string): string {
  const { protocol, host, port } = parseBrokerUrl(url);
  return `${protocol}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** Contents of the certificate files. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
}

/** @throws {AgentError} FILE_INVALID when a file cannot be read. */
export async function readTlsMaterial(tls: MqttTlsOptions | undefined): Promise<TlsMaterial> {
  if (tls === undefined) return {};
  const [ca, cert, key] = await Promise.all([readPem('ca', tls.ca), readPem('cert', tls.cert), readPem('key', tls.key)]);
  return {
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(tls.servername === undefined || tls.servername === null ? {} : { servername: tls.servername }),
  };
}

async function readPem(what: 'ca' | 'cert' | 'key', path: string | null | undefined): Promise<Buffer | null> {
  if (path === undefined || path === null) return null;
  try {
    return await readFile(path);
  } catch (error) {
    throw new AgentError('FILE_INVALID', `mqtt.tls.${what}: cannot read ${path} (${errorMessage(error)}); give the path of a PEM file`, {
      cause: error,
    });
  }
}

function isBrokerProtocol(protocol: string): protocol is BrokerProtocol {
  return Object.hasOwn(defaultPorts, protocol);
}

/** A literal percent sign in a password is not an escape: then it stands as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/**
 * User name and password: those given apart beat those in the URL.
 *
 * @throws {AgentError} CONFIG_INVALID for a password without a user name, which MQTT 3.1.1 does not know.
 */
export function brokerCredentials(mqtt: MqttOptions): { readonly username?: string; readonly password?: string } {
  const address = parseBrokerUrl(mqtt.url);
  const username = mqtt.username ?? address.username;
  const password = mqtt.password ?? address.password;
  if (username === null && password !== null) {
    throw new AgentError('CONFIG_INVALID', 'mqtt.password is set and mqtt.username is not; give both or neither');
  }
  return { ...(username === null ? {} : { username }), ...(password === null ? {} : { password }) };
}
