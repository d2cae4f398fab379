import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../platform/clock.js';
import { createTestContext } from '../testing/text-sink.js';
import { loadConfigFromFlags } from './context.js';
import { doctorChecks, type Finding, runChecks } from './doctor-checks.js';

const folder = mkdtempSync(join(tmpdir(), 'parapet-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function diskFinding(maxSizeBytes: number): Promise<Finding | undefined> {
  const context = { ...createTestContext(folder), setExitCode: () => undefined };
  const { config } = loadConfigFromFlags(context, { set: [`retention.max_size=${maxSizeBytes}`] });
  const checks = doctorChecks(config, folder, systemClock).filter(({ what }) => what === 'disk');
  return (await runChecks(checks, context.signal))[0];
}

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
