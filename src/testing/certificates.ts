import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface CertificateWish {
  /** Name of the authority that signs; `ca` by default. */
  readonly by?: string;
  /** Days from now, negative ones lie in the past; from 2 days ago to in 30 days by default. */
  readonly fromDays?: number;
  readonly toDays?: number;
  /** As OpenSSL writes them; `DNS:localhost` by default. */
  readonly altNames?: string;
  /** Common name; the certificate's own by default. */
  readonly commonName?: string;
}

/** Authorities and certificates in a folder, made on the spot: `<name>.pem` and `<name>.key`. */
export interface CertificateWorkshop {
  authority(name: string): void;
  certificate(name: string, wish?: CertificateWish): Promise<void>;
  of(file: string): string;
}

const DAY_MS = 86_400_000;

/** Whether openssl is there. Without it, tests say loudly what to install, and fail in CI. */
export function opensslInstalled(): boolean {
  if (spawnSync('openssl', ['version']).error === undefined) return true;
  const message = 'openssl is not installed: apt-get install openssl';
  if (process.env['CI'] !== undefined) throw new Error(message);
  process.stderr.write(`\n*** tests skipped: ${message} ***\n\n`);
  return false;
}

export function createCertificateWorkshop(folder: string): CertificateWorkshop {
  let serial = 0x10;

  function openssl(...args: string[]): void {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder });
    if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${String(stderr)}`);
  }
  const newKey = (name: string): string[] => [
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-keyout', `${name}.key`],
  ];

  return {
    authority(name) {
      openssl('req', '-x509', ...newKey(name), '-days', '3', '-out', `${name}.pem`, '-subj', `/CN=${name}`);
    },
    async certificate(name, { by = 'ca', fromDays = -2, toDays = 30, altNames = 'DNS:localhost', commonName = name } = {}) {
      openssl('req', '-new', ...newKey(name), '-out', `${name}.csr`, '-subj', `/CN=${commonName.replaceAll('/', '\\/')}`);
      // `openssl ca`, since `openssl x509` of Debian 12 can set no dates.
      const config = [
        ...['[ca]', 'default_ca = own', '[own]', `database = ${name}.index`, 'new_certs_dir = .', `serial = ${name}.serial`],
        ...['default_md = sha256', 'policy = any', 'x509_extensions = names', '[any]', 'commonName = supplied'],
        ...['[names]', `subjectAltName = ${altNames}`],
      ];
      await writeFile(join(folder, `${name}.cnf`), `${config.join('\n')}\n`);
      await writeFile(join(folder, `${name}.index`), '');
      await writeFile(join(folder, `${name}.serial`), `${(serial++).toString(16)}\n`);
      openssl(
        ...['ca', '-batch', '-notext', '-config', `${name}.cnf`, '-in', `${name}.csr`, '-out', `${name}.pem`],
        ...['-cert', `${by}.pem`, '-keyfile', `${by}.key`, '-startdate', opensslTime(fromDays), '-enddate', opensslTime(toDays)],
      );
    },
    of: (file) => join(folder, file),
  };
}

/** @example opensslTime(0) // '20260301074112Z' */
function opensslTime(inDays: number): string {
  return `${new Date(Date.now() + inDays * DAY_MS).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
}
