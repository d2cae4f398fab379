import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.js';
import { createLogger } from '../../platform/logger.js';
import { makeTestFolder } from '../../testing/delivery-fixtures.js';
import { type EvictableFile, enforceRetention } from './retention.js';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-03-10T00:00:00Z');

describe('enforceRetention', () => {
  let folder: string;
  let delivered: EvictableFile[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-retention-'));
    delivered = [];
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function keep(id: string, daysOld: number, isDelivered = true): Promise<void> {
    const path = join(folder, `day-${daysOld}`, id, 'clip.mp4');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.alloc(100));
    if (isDelivered) delivered.push({ id, path, bytes: 100, toMs: nowMs - daysOld * dayMs });
  }
  const enforce = (over: { maxBytes?: number; maxAgeMs?: number } = {}) =>
    enforceRetention({
      folder,
      maxBytes: 10_000_000,
      maxAgeMs: 30 * dayMs,
      ...over,
      evictable: (limit) => delivered.slice(0, limit),
      evicted: (id) => {
        delivered = delivered.filter((file) => file.id !== id);
      },
      clock: { ...systemClock, now: () => nowMs },
      logger: createLogger('silent'),
    });

  it('removes what is held and was not asked for: by age, and for room after all that is delivered', async () => {
    for (const [id, days] of [
      ['a', 40],
      ['b', 3],
      ['c', 2],
    ] as const)
      await keep(id, days, false);
    await keep('delivered', 1);
    let held: EvictableFile[] = [
      ['a', 40],
      ['b', 3],
      ['c', 2],
    ].map(([id, days]) => ({
      id: String(id),
      path: join(folder, `day-${days}`, String(id), 'clip.mp4'),
      bytes: 100,
      toMs: nowMs - Number(days) * dayMs,
    }));
    const gone: string[] = [];
    const options = {
      folder,
      ...{ maxBytes: 10_000, maxAgeMs: 30 * dayMs },
      evictable: (limit: number) => delivered.slice(0, limit),
      evicted: (id: string) => {
        gone.push(`delivered ${id}`);
        delivered = delivered.filter((file) => file.id !== id);
      },
      held: {
        files: (limit: number, beforeMs: number) => held.filter(({ toMs }) => toMs < beforeMs).slice(0, limit),
        givenUp: (id: string, reason: string) => {
          gone.push(`held ${id} ${reason}`);
          held = held.filter((file) => file.id !== id);
        },
      },
      clock: { ...systemClock, now: () => nowMs },
      logger: createLogger('silent'),
    };
    expect(await enforceRetention(options)).toEqual({ removedFiles: 1, removedBytes: 100, leftBytes: 300 });
    expect(gone).toEqual(['held a age']);
    expect(await enforceRetention({ ...options, maxBytes: 150 })).toEqual({ removedFiles: 2, removedBytes: 200, leftBytes: 100 });
    expect(gone).toEqual(['held a age', 'delivered delivered', 'held b room']);
  });

  it('makes room with what is closed first, and finds what is too old behind it', async () => {
    for (let i = 0; i < 150; i++) await keep(`closed-${i}`, 1);
    await keep('old', 31);
    await keep('older', 5);
    const isClosed = ({ id }: EvictableFile): boolean => id.startsWith('closed');
    const round = await enforceRetention({
      folder,
      maxBytes: 1_000,
      maxAgeMs: 30 * dayMs,
      evictable: (limit, closedFirst) =>
        delivered.toSorted((a, b) => (closedFirst ? Number(isClosed(b)) - Number(isClosed(a)) : 0) || a.toMs - b.toMs).slice(0, limit),
      evicted: (id) => {
        delivered = delivered.filter((file) => file.id !== id);
      },
      clock: { ...systemClock, now: () => nowMs },
      logger: createLogger('silent'),
    });
    expect(round.leftBytes).toBe(1_000);
    expect(delivered.map(({ id }) => id)).not.toContain('old');
    expect(delivered.map(({ id }) => id)).toContain('older');
  });

  it('removes what is too old, with the folders that it leaves empty', async () => {
    await keep('old', 31);
    await keep('young', 29);
    expect(await enforce()).toEqual({ removedFiles: 1, removedBytes: 100, leftBytes: 100 });
    expect(await readdir(folder)).toEqual(['day-29']);
    expect(delivered.map((file) => file.id)).toEqual(['young']);
  });

  it('makes room by the oldest first, and no more than needed', async () => {
    for (const daysOld of [5, 4, 3, 2, 1]) await keep(`e${daysOld}`, daysOld);
    expect((await enforce({ maxBytes: 350 })).removedFiles).toBe(2);
    expect(delivered.map((file) => file.id)).toEqual(['e3', 'e2', 'e1']);
  });

  it('never removes what is not delivered, even when it alone passes the limit', async () => {
    await keep('waiting-1', 40, false);
    await keep('waiting-2', 39, false);
    await keep('sent', 1);
    expect(await enforce({ maxBytes: 150 })).toEqual({ removedFiles: 1, removedBytes: 100, leftBytes: 200 });
    expect(await readdir(folder)).toEqual(['day-39', 'day-40']);
  });

  it('works through more files than one batch', async () => {
    for (let i = 0; i < 230; i++) await keep(`e${i}`, 40);
    expect((await enforce()).removedFiles).toBe(230);
    expect(await readdir(folder)).toEqual([]);
  });

  it('counts a file that is gone already as removed', async () => {
    await keep('gone', 40);
    await rm(join(folder, 'day-40'), { recursive: true });
    await enforce();
    expect(delivered).toEqual([]);
  });

  it('touches no file outside the evidence folder, and goes on with the others', async () => {
    await using elsewhere = await makeTestFolder();
    await writeFile(elsewhere.of('parapet.db'), 'x');
    delivered.push({ id: 'x', path: elsewhere.of('parapet.db'), bytes: 1, toMs: 0 });
    for (let i = 0; i < 130; i++) await keep(`e${i}`, 40);
    expect((await enforce()).removedFiles).toBe(130);
    expect(await readdir(elsewhere.path)).toEqual(['parapet.db']);
    expect(delivered.map(({ id }) => id)).toEqual(['x']);
  });

  it('has nothing to do where no evidence was ever kept', async () => {
    expect(await enforceRetentionOf(join(folder, 'none'))).toEqual({ removedFiles: 0, removedBytes: 0, leftBytes: 0 });
  });

  const enforceRetentionOf = (path: string) =>
    enforceRetention({
      folder: path,
      maxBytes: 1,
      maxAgeMs: 1,
      evictable: () => [],
      evicted: () => undefined,
      clock: systemClock,
      logger: createLogger('silent'),
    });
});
