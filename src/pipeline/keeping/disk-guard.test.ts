import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Severity } from '../../domain/incident.js';
import { type DiskSpace, diskSpace } from '../../platform/disk/disk-space.js';
import { diskTrouble } from '../../platform/disk/disk-trouble.js';
import { createReserveFile } from '../../platform/disk/reserve-file.js';
import { openStore, type Store } from '../../store/index.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, recordingLogger, silentLogger } from '../../testing/delivery-fixtures.js';
import { makeProof } from '../../testing/proof-fixtures.js';
import { createTestClock } from '../../testing/test-clock.js';
import { createDiskGuard, type DiskGuardOptions } from './disk-guard.js';
import { createRoomMaker } from './room-maker.js';

/** A disk of 1000 bytes whose use is set by hand. */
function rig(free: number, over: Partial<DiskGuardOptions> = {}) {
  const clock = createTestClock();
  const log = recordingLogger();
  const disk = { free, total: 1000, ring: 400, delivered: 0, undelivered: 0 };
  const steps: string[] = [];
  const take = (of: 'delivered' | 'undelivered', bytes: number): number => {
    const taken = Math.min(disk[of], bytes);
    disk[of] -= taken;
    disk.free += taken;
    if (taken > 0) steps.push(`${of} ${taken}`);
    return taken;
  };
  let kept = 0;
  const guard = createDiskGuard({
    reserveShare: () => 0.1,
    space: async () => ({ freeBytes: disk.free, totalBytes: disk.total }),
    probe: async () => undefined,
    ringBytes: () => disk.ring,
    reserveFile: {
      held: () => kept > 0,
      release: () => kept > 0,
      take: async (bytes) => {
        kept = bytes;
      },
    },
    removeDelivered: async (bytes) => take('delivered', bytes),
    giveUp: async (bytes) => ({ files: 1, bytes: take('undelivered', bytes) }),
    onTier: () => steps.push(guard.snapshot().tier),
    clock,
    logger: log.logger,
    ...over,
  });
  return { guard, disk, steps, clock, log, kept: () => kept };
}

describe('the disk guard', () => {
  it('goes step by step: warns, thins recordings, removes what is delivered, gives up clips, stops recording', async () => {
    const { guard, disk, steps } = rig(150);
    await guard.look();
    expect([guard.snapshot().tier, guard.snapshot().problem, guard.ringRoom.share()]).toEqual(['low', null, 1]);
    Object.assign(disk, { free: 80, delivered: 30, undelivered: 40 });
    await guard.look();
    expect([guard.snapshot().tier, guard.ringRoom.share()]).toEqual(['short', 0.5]);
    for (let i = 0; i < 3; i++) await guard.look();
    expect(guard.ringRoom.share()).toBe(1 / 16);
    expect(steps).toEqual(['low', 'short']);
    await guard.look();
    expect(steps).toEqual(['low', 'short', 'delivered 20', 'low']);
    Object.assign(disk, { free: 5, delivered: 10, undelivered: 100 });
    await guard.look();
    expect(steps.slice(4)).toEqual(['delivered 10', 'undelivered 35', 'short']);
    Object.assign(disk, { free: 0, undelivered: 5 });
    await guard.look();
    expect([guard.snapshot().tier, guard.ringRoom.share()]).toEqual(['full', 0]);
    expect(guard.snapshot().problem).toMatch(/the disk is full: .* MB are free, .* should stay so; nothing is recorded/);
    expect(guard.snapshot().lostBytes).toBe(40);
  });

  it('gives recordings their room back by itself, and never so that it is short again', async () => {
    const { guard, disk, log } = rig(0);
    await guard.look();
    expect(guard.snapshot().tier).toBe('full');
    Object.assign(disk, { free: 900, ring: 10 });
    for (const share of [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 1]) {
      await guard.look();
      expect(guard.ringRoom.share()).toBe(share);
    }
    expect(log.lines().at(-1)).toMatchObject({ event: 'disk', tier: 'ok' });
    Object.assign(disk, { free: 90, ring: 400 });
    await guard.look();
    expect(guard.ringRoom.share()).toBe(0.5);
    Object.assign(disk, { free: 300, ring: 200 });
    await guard.look();
    expect(guard.ringRoom.share(), 'twice 200 bytes would leave 100').toBe(0.5);
  });

  it.each([
    ['EROFS', 'failed', /takes nothing \(EROFS: .*\); look at it/],
    ['EIO', 'failed', /takes nothing \(EIO: .*\); look at it/],
    ['ENOSPC', 'low', null],
  ] as const)('tells of a disk that says %s within a minute, and that it is well again', async (code, tier, problem) => {
    let failing = false;
    const { guard, clock, steps } = rig(150, {
      probe: async () => {
        if (failing) throw Object.assign(new Error(`${code}: the system's words`), { code });
      },
    });
    await guard.look();
    failing = true;
    for (let i = 0; i < 5; i++) {
      await clock.advance(10_000);
      await guard.look();
    }
    expect(guard.snapshot().tier).toBe(tier);
    if (problem !== null) expect(guard.snapshot().problem).toMatch(problem);
    failing = false;
    await guard.look();
    expect(guard.snapshot()).toMatchObject({ tier: 'low', problem: null });
    expect(steps).toEqual(problem === null ? ['low'] : ['low', 'failed', 'low']);
  });

  it('opens recordings again when the disk is well, once for each time', async () => {
    let failing = false;
    const { guard, disk, clock } = rig(500, {
      probe: async () => {
        if (failing) throw Object.assign(new Error('EROFS: read-only'), { code: 'EROFS' });
      },
    });
    const look = async () => {
      await clock.advance(40_000);
      await guard.look();
      return [guard.ringRoom.isOpen(), guard.ringRoom.timesReopened(), guard.ringRoom.share()];
    };
    expect(await look()).toEqual([true, 0, 1]);
    failing = true;
    expect(await look()).toEqual([false, 0, 1]);
    failing = false;
    expect(await look()).toEqual([true, 1, 1]);
    disk.free = 0;
    expect(await look()).toEqual([false, 1, 0]);
    Object.assign(disk, { free: 900, ring: 0 });
    expect(await look()).toEqual([true, 2, 1 / 16]);
    expect(await look()).toEqual([true, 2, 1 / 8]);
  });

  it('tells of a disk that does not answer', async () => {
    const { guard } = rig(500, { space: () => Promise.reject<DiskSpace>(new Error('EIO: i/o error, statfs')) });
    await guard.look();
    expect(guard.snapshot()).toMatchObject({ tier: 'failed', freeBytes: null });
  });

  it('keeps room for the database as soon as there is some, and none where nothing is to be kept', async () => {
    const { guard, kept } = rig(500);
    await guard.look();
    expect(kept()).toBe(50);
    const none = rig(3, { reserveShare: () => 0 });
    await none.guard.look();
    expect([none.kept(), none.guard.snapshot().tier, none.guard.ringRoom.share()]).toEqual([0, 'ok', 1]);
  });
});

/** A file system of its own, a few MB large; `null` where this user may mount none. */
function mountSmall(path: string, size: string): { unmount(): void; remount(options: string): void } | null {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]).status !== 0) return null;
  return {
    unmount: () => void spawnSync('umount', ['-l', path]),
    remount: (options) => void spawnSync('mount', ['-o', `remount,${options}`, path]),
  };
}

describe('on a real file system of 8 MB', () => {
  async function onSmallDisk(
    skip: (note: string) => void,
    work: (dataDir: string, mount: { remount(options: string): void }) => Promise<void>,
  ) {
    await using folder = await makeTestFolder();
    const dataDir = folder.of('disk');
    await mkdir(dataDir);
    const mount = mountSmall(dataDir, '8m');
    if (mount === null) {
      if (process.env['CI'] !== undefined) throw new Error('this test mounts a small file system: run it as root');
      return skip('this test mounts a small file system (mount -t tmpfs): run it as root');
    }
    try {
      await work(dataDir, mount);
    } finally {
      mount.unmount();
    }
  }

  function open(dataDir: string, proof = makeProof()) {
    const reserveFile = createReserveFile(join(dataDir, 'reserve'));
    const clock = createTestClock();
    const store = openStore({
      ...{ path: join(dataDir, 'parapet.sqlite'), site: 's', agent: 'a', proof, clock, logger: silentLogger() },
      makeRoom: () => reserveFile.release(),
    });
    const log = recordingLogger();
    const guard = createDiskGuard({
      reserveShare: () => 0.25,
      space: () => diskSpace(dataDir),
      probe: () => writeFile(join(dataDir, 'probe'), 'x'),
      ringBytes: () => 0,
      reserveFile,
      ...createRoomMaker({ folder: join(dataDir, 'evidence'), store, onRemoved: () => undefined, logger: log.logger }),
      onTier: () => undefined,
      clock,
      logger: log.logger,
    });
    return { store, guard, reserveFile, log, proof };
  }

  async function keep(store: Store, dataDir: string, severity: Severity, kind: 'clip' | 'trail', delivered: boolean): Promise<string> {
    const incident = makeIncident({ severity });
    store.recordIncident(incident);
    const path = join(dataDir, 'evidence', '2026-03-01', incident.id, kind === 'clip' ? 'clip.mp4' : 'trail.jpg');
    const evidence = await makeEvidence(incident, kind, path, 700_000);
    store.recordIncident(ended(incident), [{ id: evidence.id, kind }]);
    store.recordEvidence(evidence);
    if (delivered) store.outbox.transferDone(evidence.id);
    return evidence.id;
  }

  it('gives up what may be given up, in order, each with a signed record; the database always commits', async ({ skip }) => {
    await onSmallDisk(skip, async (dataDir) => {
      const { store, guard, reserveFile, log } = open(dataDir);
      await guard.look();
      expect(reserveFile.held()).toBe(true);
      const ids = {
        critical: await keep(store, dataDir, 'critical', 'clip', false),
        picture: await keep(store, dataDir, 'info', 'trail', false),
        delivered: await keep(store, dataDir, 'critical', 'clip', true),
        warning: await keep(store, dataDir, 'warning', 'clip', false),
        info: await keep(store, dataDir, 'info', 'clip', false),
        held: await keep(store, dataDir, 'info', 'clip', false),
      };
      const heldIncident = store.recentIncidents(10).find(({ evidence }) => evidence.some(({ id }) => id === ids.held))?.incident.id ?? '';
      store.cases.keep(heldIncident, 'filed', 1);
      // Somebody else fills the disk to its last byte.
      await writeFile(join(dataDir, 'other'), Buffer.alloc(9_000_000)).catch(() => undefined);
      expect((await diskSpace(dataDir)).freeBytes).toBe(0);
      // An event that comes now is recorded all the same.
      for (let i = 0; i < 5; i++) store.recordIncident(makeIncident());
      expect(reserveFile.held()).toBe(false);
      await guard.look();
      const left = Object.entries(ids).filter(([, id]) =>
        store.recentIncidents(50).some(({ evidence }) => evidence.some((one) => one.id === id && one.path !== null)),
      );
      expect(left.map(([name]) => name)).toEqual(['critical', 'picture', 'warning', 'held']);
      expect(guard.snapshot()).toMatchObject({ lostFiles: 1 });
      expect(log.lines().filter(({ event }) => event === 'evidence-given-up')).toHaveLength(1);
      const records = store.records.after(0, 100).map(({ json }) => JSON.parse(json) as { what: string; evidence: string; reason: string });
      expect(records.filter(({ what }) => what !== 'evidence').map(({ what, evidence, reason }) => [what, evidence, reason])).toEqual([
        ['removed', ids.delivered, 'disk'],
        ['lost', ids.info, 'given up undelivered: no room was left on the disk'],
      ]);
      // What the centre is told of that incident names it as failed, and why.
      const told = store.outbox.messages(0, 500).map(({ payload }) => payload);
      expect(told.some((payload) => payload.includes('parapet/evidence-complete/v1') && payload.includes('given up undelivered'))).toBe(
        true,
      );
      store.close();
    });
  });

  it('is told of in one line while it is read-only, and is as it was when it can be written again', async ({ skip }) => {
    await onSmallDisk(skip, async (dataDir, mount) => {
      const before = open(dataDir);
      before.store.recordIncident(makeIncident());
      before.store.close();
      mount.remount('ro');
      expect(() => open(dataDir)).toThrow(/the database .* cannot be used.*; (see that|look at the disk)/);
      expect(await diskTrouble(dataDir)).toBe('EROFS');
      const reserveFile = createReserveFile(join(dataDir, 'reserve'));
      await expect(reserveFile.take(1000)).rejects.toMatchObject({ code: 'EROFS' });
      mount.remount('rw');
      const after = open(dataDir);
      await after.guard.look();
      expect(after.guard.snapshot().tier).toBe('ok');
      expect(after.store.recentIncidents(10)).toHaveLength(1);
      after.store.close();
    });
  });
});
