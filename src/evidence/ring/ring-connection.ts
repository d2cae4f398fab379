import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { segmentListName } from '../../media/decoder.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { Clock } from '../../platform/clock.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import type { Logger } from '../../platform/logger.js';
import { createSegmentIndex } from './segment-index.js';
import { type ListedSegment, parseSegmentList, type SegmentListPart } from './segment-list.js';

/** One finished segment on disk. */
export interface Segment {
  readonly path: string;
  /** Seconds on the connection's stream clock; the segment begins with a keyframe. */
  readonly startS: number;
  readonly endS: number;
  readonly bytes: number;
  /** Wall clock when its last byte was written, UTC milliseconds since 1970. */
  readonly writtenAtMs: number;
  /** Monotonic milliseconds when it was written: its age does not jump with the wall clock. */
  readonly writtenAtMonotonicMs: number;
}

/** The segments of one connection to a camera: a folder, its list, and what of it is still on disk, oldest first. */
export interface RingConnection {
  readonly id: string;
  readonly folder: string;
  readonly segments: Segment[];
  /** Nothing more will be written. */
  ended: boolean;
  /** Takes in what ffmpeg has finished since the last call. */
  refresh(): Promise<void>;
  /** Takes in the rest, with a last segment that was cut off before ffmpeg could list it. */
  close(): Promise<void>;
  /** Bytes of the index of its segments; ffmpeg's own list, 5 kB at most, is not counted. */
  indexBytes(): number;
}

export function createRingConnection(
  id: string,
  folder: string,
  deps: { clock: Clock; logger: Logger; measureSegment: MediaTools['measureSegment'] },
): RingConnection {
  const segments: Segment[] = [];
  const index = createSegmentIndex(folder, deps.logger);
  /** Number of the last segment that was taken in: names are not kept, for a connection may last for years. */
  let lastNumber = -1;
  let complained = false;

  const indexed = (): readonly ListedSegment[] => segments.map(({ path, startS, endS }) => ({ name: basename(path), startS, endS }));

  async function add(name: string, startS: number, endS: number): Promise<void> {
    lastNumber = segmentNumber(name) ?? lastNumber;
    const path = join(folder, name);
    const facts = await stat(path).catch(nullIfMissing);
    if (facts === null) return;
    const ageMs = Math.max(0, deps.clock.now() - facts.mtimeMs);
    segments.push({
      path,
      startS,
      endS,
      bytes: facts.size,
      writtenAtMs: facts.mtimeMs,
      writtenAtMonotonicMs: deps.clock.monotonic() - (connection.ended ? ageMs : 0),
    });
  }

  async function addListed(part: SegmentListPart): Promise<void> {
    if (part.badLines > 0 && !complained) {
      complained = true;
      deps.logger.warn(
        { event: 'segment-list-bad', connection: id, lines: part.badLines },
        'skipped lines of a segment list that name no segment',
      );
    }
    for (const { name, startS, endS } of part.segments) {
      const number = segmentNumber(name) ?? -1;
      if (number <= lastNumber) continue;
      // The list moved on while nobody read it.
      if (number > lastNumber + 1) await addUnlisted(number);
      await add(name, startS, endS);
    }
  }

  /** Takes in segments that are on no list, up to a number. */
  async function addUnlisted(before: number): Promise<void> {
    const unlisted = (await readdir(folder))
      .map((name) => ({ name, number: segmentNumber(name) ?? -1 }))
      .filter(({ number }) => number > lastNumber && number < before)
      .sort((a, b) => a.number - b.number);
    for (const { name } of unlisted) {
      const measured = await deps.measureSegment(join(folder, name));
      if (measured === null || measured.durationS <= 0) {
        await rm(join(folder, name), { force: true });
        deps.logger.warn(
          { event: 'segment-unreadable', connection: id, segment: name },
          'removed a recording segment that was cut off and cannot be read',
        );
        continue;
      }
      // The file's own clock wraps after 26.5 hours; the end of the segment before does not.
      const startS = segments.at(-1)?.endS ?? measured.startS;
      await add(name, startS, startS + measured.durationS);
    }
  }

  async function takeIn(): Promise<readonly ListedSegment[]> {
    const had = segments.length;
    const content = await readFile(join(folder, segmentListName)).catch(nullIfMissing);
    if (content !== null) await addListed(parseSegmentList(content));
    return indexed().slice(had);
  }

  const connection: RingConnection = {
    id,
    folder,
    segments,
    ended: false,
    indexBytes: () => index.bytes(),
    async refresh() {
      await index.add(await takeIn(), indexed);
    },
    async close() {
      connection.ended = true;
      if (lastNumber < 0) await addListed(await index.read());
      const known = segments.length;
      await takeIn();
      await addUnlisted(Number.POSITIVE_INFINITY);
      if (segments.length > known) await index.rewrite(indexed());
    },
  };
  return connection;
}

/** ffmpeg numbers segments from 0, with six digits or more: their order is that of the numbers, not of the names. */
function segmentNumber(name: string): number | null {
  const digits = /^(\d+)\.ts$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}
