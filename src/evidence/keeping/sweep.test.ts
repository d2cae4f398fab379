import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../platform/clock.js';
import { makeTestFolder, recordingLogger } from '../../testing/delivery-fixtures.js';
import { sweepEvidence } from './sweep.js';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-03-10T00:00:00Z');

test('removes what a crash left, and nothing that may still be wanted', async () => {
  await using folder = await makeTestFolder();
  const keep = async (name: string, hoursOld: number): Promise<string> => {
    const path = folder.of('evidence', 'day', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'x');
    const writtenAtS = (nowMs - hoursOld * hourMs) / 1000;
    await utimes(path, writtenAtS, writtenAtS);
    return path;
  };
  await keep('.part.abandoned.mp4', 2);
  await keep('.part.being-written.mp4', 0.1);
  await keep('unknown-old.mp4', 73);
  await keep('unknown-young.mp4', 71);
  const known = await keep('known-old.mp4', 1000);
  const { logger, lines } = recordingLogger();
  const sweep = (maxAgeMs = 72 * hourMs) =>
    sweepEvidence({
      folder: folder.of('evidence'),
      maxAgeMs,
      isKnown: (path) => path === known,
      clock: { ...systemClock, now: () => nowMs },
      logger,
    });
  expect(await sweep()).toEqual({ removedFiles: 2 });
  expect((await readdir(folder.of('evidence', 'day'))).sort()).toEqual(['.part.being-written.mp4', 'known-old.mp4', 'unknown-young.mp4']);
  expect(lines()).toMatchObject([{ event: 'evidence-swept' }, { event: 'evidence-swept' }]);
  expect(await sweep()).toEqual({ removedFiles: 0 });

  // Evidence that is to go at once: a file that was finished a moment ago has no row yet.
  await keep('just-finished.mp4', 0.1);
  expect(await sweep(0)).toEqual({ removedFiles: 1 });
  expect((await readdir(folder.of('evidence', 'day'))).sort()).toEqual(['.part.being-written.mp4', 'just-finished.mp4', 'known-old.mp4']);
});

test('has nothing to do where no evidence was ever kept', async () => {
  await using folder = await makeTestFolder();
  const logger = recordingLogger().logger;
  expect(await sweepEvidence({ folder: folder.of('none'), maxAgeMs: 1, isKnown: () => false, clock: systemClock, logger })).toEqual({
    removedFiles: 0,
  });
});
