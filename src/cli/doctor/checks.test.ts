import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { systemClock } from '../../platform/clock.js';
import { createCertificateWorkshop, opensslInstalled } from '../../testing/certificates.js';
import { mosquittoInstalled, startMosquitto } from '../../testing/mosquitto.js';
import { createTestContext } from '../../testing/text-sink.js';
import { loadConfigFromFlags } from '../context.js';
import { doctorChecks, type Finding, runChecks } from './checks.js';

const folder = mkdtempSync(join(tmpdir(), 'parapet-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function finding(wanted: string, ...set: string[]): Promise<Finding | undefined> {
  const context = { ...createTestContext(folder), setExitCode: () => undefined };
  const { config } = loadConfigFromFlags(context, { set });
  const checks = doctorChecks(config, folder, systemClock).filter(({ what }) => what === wanted);
  return (await runChecks(checks, context.signal))[0];
}

const diskFinding = (maxSizeBytes: number): Promise<Finding | undefined> => finding('disk', `retention.max_size=${maxSizeBytes}`);

test('the disk must hold all evidence that is to be kept, less what is there already', async () => {
  const { bavail, bsize } = statfsSync(folder);
  const overBytes = bavail * bsize + 5e9;
  expect(await diskFinding(10e6)).toMatchObject({ ok: true, detail: expect.stringContaining('evidence 10') });
  expect(await diskFinding(overBytes)).toMatchObject({ ok: false, detail: expect.stringContaining('lower evidence.ring or retention') });
  // Sparse: it has a size and takes no room.
  mkdirSync(join(folder, 'evidence'));
  writeFileSync(join(folder, 'evidence', 'clip.mp4'), '');
  truncateSync(join(folder, 'evidence', 'clip.mp4'), 20e9);
  expect(await diskFinding(overBytes)).toMatchObject({ ok: true });
});

test('without perl it says that pipes stay narrow, which is no fault', async () => {
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  symlinkSync(execFileSync('which', ['mkfifo'], { encoding: 'utf8' }).trim(), join(programs, 'mkfifo'));
  vi.stubEnv('PATH', programs);
  try {
    expect(await finding('pipes')).toMatchObject({ ok: true, detail: expect.stringContaining('apt-get install perl') });
  } finally {
    vi.unstubAllEnvs();
  }
});

test.skipIf(!mosquittoInstalled() || !opensslInstalled())(
  'certificates that run out soon need mending, and those of a good broker do not',
  async () => {
    const made = createCertificateWorkshop(folder);
    made.authority('ca');
    await made.certificate('server', { toDays: 90 });
    await made.certificate('box', { toDays: 5.5 });
    const config = [
      ...['allow_anonymous true', 'require_certificate true', `cafile ${made.of('ca.pem')}`],
      ...[`certfile ${made.of('server.pem')}`, `keyfile ${made.of('server.key')}`],
    ];
    await using broker = await startMosquitto({ config });
    const url = `mqtts://localhost:${broker.port}`;
    const tls = [
      `mqtt.url=${url}`,
      `mqtt.tls.ca=${made.of('ca.pem')}`,
      `mqtt.tls.cert=${made.of('box.pem')}`,
      `mqtt.tls.key=${made.of('box.key')}`,
    ];
    expect(await finding(`broker ${url}`, ...tls)).toMatchObject({ ok: true, detail: expect.stringContaining('takes what we publish') });
    const certificates = await finding('certificates', ...tls);
    expect(certificates).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/this client’s certificate runs out in 5 days.*renew mqtt\.tls\.cert/),
    });
    expect(certificates?.detail).not.toContain('the broker’s certificate runs out');
  },
);
