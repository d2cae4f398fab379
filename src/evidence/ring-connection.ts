import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { segmentListName } from '../media/decoder.js';
import type { MediaTools } from '../media/footage-tools.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import { parseSegmentList } from './segment-list.js';

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
  /** Bytes of the list itself; it grows by some 30 a segment for as long as the connection lasts. */
  listBytes(): number;
}

export function createRingConnection(
  id: string,
  folder: string,
  deps: { clock: Clock; logger: Logger; measureSegment: MediaTools['measureSegment'] },
): RingConnection {
  const listPath = join(folder, segmentListName);
  const segments: Segment[] = [];
  const known = new Set<string>();
  let listedBytes = 0;

  async function add(name: string, startS: number, endS: number): Promise<void> {
    known.add(name);
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

  async function addUnlisted(): Promise<void> {
    const names = (await readdir(folder)).filter((name) => name !== segmentListName && !known.has(name)).sort();
    for (const name of names) {
      known.add(name);
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

  const connection: RingConnection = {
    id,
    folder,
    segments,
    ended: false,
    listBytes: () => listedBytes,
    async refresh() {
      const part = parseSegmentList(await readFrom(listPath, listedBytes));
      listedBytes += part.usedBytes;
      if (part.badLines > 0) {
        deps.logger.warn(
          { event: 'segment-list-bad', connection: id, lines: part.badLines },
          'skipped lines of a segment list that name no segment',
        );
      }
      for (const segment of part.segments) await add(segment.name, segment.startS, segment.endS);
    },
    async close() {
      connection.ended = true;
      await connection.refresh();
      await addUnlisted();
    },
  };
  return connection;
}

async function readFrom(path: string, offset: number): Promise<Uint8Array> {
  const file = await open(path, 'r').catch(nullIfMissing);
  if (file === null) return new Uint8Array();
  try {
    const { size } = await file.stat();
    const content = new Uint8Array(Math.max(0, size - offset));
    const { bytesRead } = await file.read(content, 0, content.length, offset);
    return content.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
