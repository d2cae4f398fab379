import { AgentError, errorMessage } from '../errors.js';
import { brokerName, isSecure, parseBrokerUrl } from './options.js';

/** The broker answered and said no. `reasonCode`: MQTT 5's, or 3.1.1's return code 1..5 at connect. */
export class BrokerRefusal extends Error {
  override readonly name = 'BrokerRefusal';

  /** @param topics what was to be subscribed to, of a subscription. */
  constructor(
    readonly what: 'connect' | 'publish' | 'subscribe' | 'unsubscribe' | 'disconnect',
    readonly reasonCode: number,
    readonly topics = '',
  ) {
    super(`the broker refused to ${what}${topics === '' ? '' : ` ${topics}`}: ${reasonText(reasonCode)}`);
  }
}

/** The link ended before the broker answered. */
export class LinkClosed extends Error {
  override readonly name = 'LinkClosed';
}

/** What a broker says with a number, as far as an agent meets it (MQTT 5, 2.4; MQTT 3.1.1, 3.2.2.3). */
const reasons: Readonly<Record<number, { readonly text: string; readonly mend: string }>> = {
  1: { text: 'protocol version not supported', mend: 'upgrade the broker to MQTT 3.1.1 or 5' },
  2: { text: 'client id not allowed', mend: 'change `site` or `agent`, or allow the id at the broker' },
  3: { text: 'server unavailable', mend: 'wait, or look at the broker' },
  4: { text: 'wrong user name or password', mend: 'check mqtt.username and mqtt.password' },
  5: { text: 'not authorised', mend: 'check mqtt.username, mqtt.password and the broker’s access list' },
  128: { text: 'unspecified error', mend: 'look at the broker’s log' },
  132: { text: 'protocol version not supported', mend: 'upgrade the broker to MQTT 3.1.1 or 5' },
  133: { text: 'client id not allowed', mend: 'change `site` or `agent`, or allow the id at the broker' },
  134: { text: 'wrong user name or password', mend: 'check mqtt.username and mqtt.password' },
  135: { text: 'not authorised', mend: 'check mqtt.username, mqtt.password and the broker’s access list' },
  136: { text: 'server unavailable', mend: 'wait, or look at the broker' },
  137: { text: 'server busy', mend: 'wait, or look at the broker' },
  138: { text: 'banned', mend: 'ask the broker’s operator' },
  139: { text: 'server shutting down', mend: 'wait for the broker to come back' },
  140: { text: 'bad authentication method', mend: 'check the broker’s authentication settings' },
  142: { text: 'session taken over', mend: 'give every box its own `agent` name: two of them use this one' },
  144: { text: 'topic name not allowed', mend: 'check mqtt.prefix against the broker’s access list' },
  147: { text: 'receive maximum exceeded', mend: 'lower mqtt.max_in_flight' },
  149: { text: 'packet too large', mend: 'lower mqtt.chunk_size or raise the broker’s packet limit' },
  151: { text: 'quota exceeded', mend: 'raise the quota at the broker' },
  153: { text: 'payload format invalid', mend: 'look at the broker’s log' },
  154: { text: 'retained messages not supported', mend: 'allow retained messages at the broker' },
  155: { text: 'QoS 1 not supported', mend: 'use a broker that supports QoS 1' },
  159: { text: 'connection rate exceeded', mend: 'wait, or raise the broker’s connection rate' },
};

/** @example reasonText(135) // 'not authorised (135)' */
export function reasonText(reasonCode: number): string {
  return `${reasons[reasonCode]?.text ?? 'reason'} (${reasonCode})`;
}

/** A right that is lacking means something else at each step; `undefined`: see `reasons`. */
function lackingRight({ what, reasonCode, topics }: BrokerRefusal): string | undefined {
  if (reasonCode === 135 || reasonCode === 5) {
    if (what === 'connect') {
      return 'not authorised: wrong or missing user name or password; check mqtt.username and mqtt.password, and whether the broker knows them';
    }
    if (what === 'subscribe') return `no right to read ${topics}; allow it in the broker’s access list (docs/security.md)`;
    if (what === 'publish') return 'no right to write there; allow it in the broker’s access list (docs/security.md)';
  }
  // What 3.1.1 says of any refused subscription.
  if (reasonCode === 128 && what === 'subscribe') return `it refuses ${topics}; allow it in the broker’s access list (docs/security.md)`;
  return undefined;
}

/** Problems with the certificate that the broker shows, by OpenSSL's name. */
const brokerCertificateProblems: Readonly<Record<string, { readonly text: string; readonly mend: string }>> = {
  CERT_HAS_EXPIRED: {
    text: 'the broker’s certificate has expired',
    mend: 'renew it at the broker, or set this machine’s clock if it is wrong',
  },
  CERT_NOT_YET_VALID: { text: 'the broker’s certificate is not valid yet', mend: 'set this machine’s clock' },
  CERT_REVOKED: { text: 'the broker’s certificate has been revoked', mend: 'renew it at the broker' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    text: 'the broker’s certificate bears another name',
    mend: 'use a host name that it bears in mqtt.url, or set mqtt.tls.servername',
  },
  ...Object.fromEntries(
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_SIGNATURE_FAILURE',
    ].map((code) => [
      code,
      {
        text: 'the broker’s certificate is not signed by an authority this machine trusts',
        mend: 'set mqtt.tls.ca to the PEM file of the authority that signed it',
      },
    ]),
  ),
};

/** What brokers say of a client's certificate, by the end of OpenSSL's name of the alert (RFC 8446, 6.2). */
const clientCertificateAlerts: readonly (readonly [RegExp, string])[] = [
  [/CERTIFICATE_REQUIRED$/, 'wants a certificate of this client, and none was shown; set mqtt.tls.cert and mqtt.tls.key'],
  [
    /CERTIFICATE_EXPIRED$/,
    'says that this client’s certificate has expired; renew mqtt.tls.cert and mqtt.tls.key, or set this machine’s or the broker’s clock',
  ],
  [
    /UNKNOWN_CA$/,
    'does not know the authority that signed this client’s certificate; set mqtt.tls.cert and mqtt.tls.key to one of an authority in its cafile',
  ],
  [/CERTIFICATE_REVOKED$/, 'says that this client’s certificate has been revoked; set mqtt.tls.cert and mqtt.tls.key to a new one'],
  [/ALERT_PROTOCOL_VERSION$/, 'does not speak TLS 1.2 or 1.3; upgrade it or lift its tls_version'],
  [/UNRECOGNIZED_NAME$/, 'has no certificate for that name; correct the host in mqtt.url or mqtt.tls.servername'],
  [
    /HANDSHAKE_FAILURE$/,
    'agrees to no way of encryption, or wants a certificate of this client; set mqtt.tls.cert and mqtt.tls.key, or look at its ciphers',
  ],
  [/ALERT/, 'refuses this client’s certificate; set mqtt.tls.cert and mqtt.tls.key to a certificate it accepts'],
];

const networkProblems: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; start the broker or correct host and port in mqtt.url',
  ENOTFOUND: 'the host name is not known; correct mqtt.url or this machine’s DNS',
  EAI_AGAIN: 'the name server does not answer; check this machine’s network',
  EHOSTUNREACH: 'there is no way to the host; check this machine’s network',
  ENETUNREACH: 'there is no way to the network; check this machine’s network',
  ETIMEDOUT: 'no answer; check network and firewall',
};

/** A plain port broke off a greeting in TLS, or the reverse: neither says so. */
export function brokenOff(url: string): string {
  return isSecure(parseBrokerUrl(url))
    ? 'it broke off the connection; does the port speak TLS? If not, use mqtt:// or the port for TLS'
    : 'it broke off the connection; does the port speak MQTT, and is TLS needed (mqtts://)?';
}

/**
 * Makes of anything that went wrong with a broker one line that says what, where and how to mend it: BROKER_UNREACHABLE
 * when it cannot be talked to, BROKER_REFUSED when it (or the check of its certificate) says no.
 */
export function classifyBrokerError(error: unknown, url: string): AgentError {
  if (error instanceof AgentError) return error;
  const broker = `MQTT broker ${brokerName(url)}`;
  if (error instanceof BrokerRefusal) {
    const known = reasons[error.reasonCode];
    const text = lackingRight(error) ?? `${known?.text ?? 'refused'}; ${known?.mend ?? 'look at the broker’s log'}`;
    const kind = [3, 136, 137, 139].includes(error.reasonCode) ? 'BROKER_UNREACHABLE' : 'BROKER_REFUSED';
    return new AgentError(kind, `${broker}: ${text} (reason ${error.reasonCode})`, { cause: error });
  }
  if (error instanceof LinkClosed) return new AgentError('BROKER_UNREACHABLE', `${broker}: ${error.message}`, { cause: error });
  const code = errorCode(error);
  const shown = brokerCertificateProblems[code];
  if (shown !== undefined) {
    const names = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? namesOf(error) : '';
    return new AgentError('BROKER_REFUSED', `${broker}: ${shown.text}${names}; ${shown.mend}`, { cause: error });
  }
  const alert = code.includes('ALERT') ? clientCertificateAlerts.find(([pattern]) => pattern.test(code)) : undefined;
  if (alert !== undefined) return new AgentError('BROKER_REFUSED', `${broker} ${alert[1]}`, { cause: error });
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO') {
    return new AgentError('BROKER_UNREACHABLE', `${broker} does not speak TLS there; use mqtt:// or the port for TLS`, { cause: error });
  }
  if (code.startsWith('ERR_OSSL') || code === 'ERR_SSL_PEM' || code === 'ERR_CRYPTO_INVALID_KEYTYPE') {
    const mend = 'check that mqtt.tls.ca, cert and key are PEM files that belong together';
    return new AgentError('FILE_INVALID', `${broker}: the certificate files cannot be used (${errorMessage(error)}); ${mend}`, {
      cause: error,
    });
  }
  const mend = code === 'ECONNRESET' ? brokenOff(url) : (networkProblems[code] ?? noBroker(errorMessage(error)));
  return new AgentError('BROKER_UNREACHABLE', `${broker} does not answer: ${mend}`, { cause: error });
}

/** What the client says of whoever is no broker: a web server, a camera, a proxy that takes every connection. */
function noBroker(said: string): string {
  const where = 'correct host and port in mqtt.url';
  if (said === 'connack timeout')
    return `something takes the connection and says nothing, as no broker does; ${where}, or look at the broker’s log`;
  if (/header flag bits|malformed|cannot parse|packet too short|variable byte integer|^invalid /i.test(said))
    return `what listens there does not speak MQTT (${said}); ${where}`;
  return `${said}; check mqtt.url, network and firewall`;
}

/** The names that the broker's certificate does bear, in brackets. */
function namesOf(error: unknown): string {
  const { cert } = error as { readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } } };
  const names = cert?.subjectaltname ?? cert?.subject?.CN;
  return typeof names === 'string' && names !== '' ? ` (it bears ${names.slice(0, 200).replace(/[^ -~]/g, '?')})` : '';
}

/** The `code` of a system error; of several addresses tried in vain, that of the first. */
function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0 && !('code' in error)) return errorCode(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}
