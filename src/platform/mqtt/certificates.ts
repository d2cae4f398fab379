import { createPrivateKey, X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { AgentError, errorMessage } from '../errors.js';
import type { TlsMaterial } from './options.js';

/** Whose certificate: the authority's (`mqtt.tls.ca`), this client's (`mqtt.tls.cert`), the broker's own. */
export type CertificateOf = 'authority' | 'client' | 'broker';

/** How long a certificate is still good. */
export interface CertificateTerm {
  readonly of: CertificateOf;
  /** UTC milliseconds since 1970. Of a file with several authorities the latest. */
  readonly notAfterMs: number;
}

const DAY_MS = 86_400_000;
/**
 * From here on a certificate that runs out is warned of, milliseconds. Long enough for somebody to come back from a holiday; automatic
 * renewal (ACME) happens 30 days ahead, so that this speaks only when it has failed.
 */
const EXPIRY_WARNING_MS = 14 * DAY_MS;

const keyOf = { authority: 'mqtt.tls.ca', client: 'mqtt.tls.cert', broker: 'the certificate at the broker' } as const;
const nameOf = {
  authority: 'the authority’s certificate',
  client: 'this client’s certificate',
  broker: 'the broker’s certificate',
} as const;

/**
 * Looks into the files before they are used, and says what OpenSSL would not.
 *
 * @throws {AgentError} FILE_INVALID for a file that holds no certificate, a key that is locked or belongs to another certificate.
 */
export function certificateTerms(tls: TlsMaterial): readonly CertificateTerm[] {
  const terms: CertificateTerm[] = [];
  if (tls.ca !== undefined) terms.push({ of: 'authority', notAfterMs: Math.max(...parseAll('ca', tls.ca).map(notAfterMs)) });
  if (tls.cert !== undefined) {
    // The first is the client's own, authorities in between may follow it.
    const [own] = parseAll('cert', tls.cert);
    if (own === undefined) throw new TypeError('a file without certificates has been let through');
    if (tls.key !== undefined) expectKeyOf(own, tls.key);
    terms.push({ of: 'client', notAfterMs: notAfterMs(own) });
  }
  return terms;
}

/** Of the certificate that the broker showed; nothing without TLS. Over a websocket it cannot be seen. */
export function brokerTerm(stream: unknown): readonly CertificateTerm[] {
  if (!(stream instanceof TLSSocket)) return [];
  const shown = stream.getPeerX509Certificate();
  return shown === undefined ? [] : [{ of: 'broker', notAfterMs: notAfterMs(shown) }];
}

/**
 * One line for a certificate that has run out or will within 14 days; `null` for a good one.
 *
 * @example certificateWarning({ of: 'client', notAfterMs: Date.UTC(2026, 2, 8) }, Date.UTC(2026, 2, 1)) // 'this client’s certificate runs out in 7 days (2026-03-08); renew mqtt.tls.cert'
 */
export function certificateWarning({ of, notAfterMs: endMs }: CertificateTerm, nowMs: number): string | null {
  const leftMs = endMs - nowMs;
  if (leftMs > EXPIRY_WARNING_MS) return null;
  const day = new Date(endMs).toISOString().slice(0, 10);
  if (leftMs <= 0) return `${nameOf[of]} ran out on ${day}; renew ${keyOf[of]}, or set this machine’s clock if it is wrong`;
  const days = Math.floor(leftMs / DAY_MS);
  return `${nameOf[of]} runs out ${days === 0 ? 'within a day' : `in ${days} day${days === 1 ? '' : 's'}`} (${day}); renew ${keyOf[of]}`;
}

/** @throws {AgentError} FILE_INVALID */
function parseAll(key: 'ca' | 'cert', pem: Buffer): readonly X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    throw new AgentError(
      'FILE_INVALID',
      `mqtt.tls.${key}: the file holds no certificate; give a PEM file with -----BEGIN CERTIFICATE-----`,
    );
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new AgentError(
        'FILE_INVALID',
        `mqtt.tls.${key}: certificate ${index + 1} in the file is damaged (${errorMessage(error)}); copy it anew`,
        {
          cause: error,
        },
      );
    }
  });
}

/** @throws {AgentError} FILE_INVALID */
function expectKeyOf(certificate: X509Certificate, pem: Buffer): void {
  let belongs: boolean;
  try {
    belongs = certificate.checkPrivateKey(createPrivateKey(pem));
  } catch (error) {
    const locked = /ENCRYPTED/.test(pem.toString('latin1'));
    const mend = locked
      ? 'the key is locked by a passphrase; unlock it (openssl pkey -in KEY -out NEW) and protect the file by its mode'
      : `the file holds no private key (${errorMessage(error)}); give a PEM file with -----BEGIN PRIVATE KEY-----`;
    throw new AgentError('FILE_INVALID', `mqtt.tls.key: ${mend}`, { cause: error });
  }
  if (!belongs)
    throw new AgentError('FILE_INVALID', 'mqtt.tls.key: the key does not belong to mqtt.tls.cert; give the pair that was made together');
}

function notAfterMs(certificate: X509Certificate): number {
  return Date.parse(certificate.validTo);
}
