// Short versions of faults that no test beside the code makes: that each can be made here, and that nothing is lost by it. The numbers of
// docs/reliability.md come from run.mjs.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mosquittoInstalled } from '../../dist/testing/mosquitto.js';
import { createRandom } from '../../dist/testing/random.js';
import { rtspServerInstalled } from '../../dist/testing/rtsp-server.js';
import { notifyInstalled } from '../../dist/testing/service-manager.js';
import { failingSyncMissing } from './failing-sync.mjs';
import { faults } from './faults.mjs';
import { powerDiskMissing } from './power-disk.mjs';

/** Limits of time are those of a machine that does nothing else: beside other tests, on two cores, only what hangs is too late. */
const PATIENCE = 3;
const root = fileURLToPath(new URL('../..', import.meta.url));

const noPowerDisk = await powerDiskMissing();

/** Why one of a fault's needs is not met; `null`: it is. Mounting a disk may be forbidden, which nothing that is installed would mend: no failure in CI. */
const missing = {
  disk: () => noPowerDisk,
  compiler: once(() => installedInCi(failingSyncMissing())),
  camera: once(() => (rtspServerInstalled() ? null : 'there is no RTSP server')),
  notify: once(() => (notifyInstalled() ? null : 'systemd-notify is missing')),
};

describe.skipIf(!mosquittoInstalled())('a short version', () => {
  let work;
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'parapet-reliability-'));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  test.each(faults.filter(({ runs }) => runs.short === null))('of $id is in $shortIn', ({ shortIn }) => {
    expect(existsSync(join(root, shortIn))).toBe(true);
  });

  const waits = ({ needs }) => needs?.includes('camera') === true;
  const shortOnes = faults.filter(({ runs }) => runs.short !== null);
  for (const fault of [...shortOnes.filter((fault) => !waits(fault)), ...shortOnes.filter(waits)]) {
    const why = (fault.needs ?? []).map((need) => missing[need]()).find((reason) => reason !== null) ?? null;
    if (why !== null) console.warn(`SKIPPED: ${fault.id} (${fault.title}): ${why}`);
    // Whole agents with cameras wait most of the time: these go side by side.
    const one = waits(fault) ? test.concurrent : test;
    one.skipIf(why !== null)(`${fault.id}: ${fault.title}`, async () => {
      const facts = {
        note: () => undefined,
        progress: () => undefined,
        // Too little happens in a short version to say how often; that nothing goes wrong must hold all the same.
        judge: (what, wrong) => expect(wrong, what).toEqual([]),
        patience: PATIENCE,
      };
      await fault.run({ runs: fault.runs.short, random: createRandom(1), work: ownFolder(work, fault.id), facts });
    });
  }
});

function ownFolder(work, id) {
  const folder = join(work, id);
  mkdirSync(folder);
  return folder;
}

function installedInCi(why) {
  if (why !== null && process.env.CI) throw new Error(why);
  return why;
}

function once(ask) {
  let answer;
  return () => {
    answer ??= { is: ask() };
    return answer.is;
  };
}
