import type { Clock } from '../platform/clock.js';
import { countClear, createBitmap } from './bitmap.js';
import type { EvidenceFiles } from './evidence-files.js';
import type { EvidenceIndex, EvidenceRow, Noted } from './evidence-index.js';

/** A file of which chunks come through this process. */
export interface Part {
  row: EvidenceRow;
  /** Chunks that are here, as far as this process knows. */
  have: Uint8Array;
  missing: number;
  /** Those that came through this process since the last note. */
  fresh: Uint8Array;
  unnoted: number;
  /** When the latest chunk came, UTC milliseconds since 1970. */
  arrivedAtMs: number;
  /** Of the latest note, monotonic milliseconds. */
  notedMs: number;
}

/** Whose part is asked for, as a topic names it. */
interface PartName {
  readonly site: string;
  readonly agent: string;
  readonly evidence: string;
}

/** What this process knows of files under way; the index knows the rest. */
export interface Parts {
  get(name: PartName): Part | null;
  track(row: EvidenceRow): Part;
  forget(row: EvidenceRow): void;
  /** Puts chunks on the disk and then into the index, and takes up what others have put there. */
  note(part: Part): Promise<Noted>;
  /** Those with chunks that have waited for their note. Parts that nothing comes of any more are forgotten. */
  waiting(): readonly Part[];
}

/** A part without news is read from the index when news comes, milliseconds. */
const FORGET_MS = 60_000;
/** Chunks wait this long for more before they are noted, milliseconds: others wait for them to call the file whole. */
const NOTE_AFTER_MS = 500;

export function createParts(of: { readonly index: EvidenceIndex; readonly files: EvidenceFiles; readonly clock: Clock }): Parts {
  const { index, files, clock } = of;
  const parts = new Map<string, Part>();
  const keyOf = (site: string, agent: string, id: string): string => `${site}/${agent}/${id}`;

  function forget({ site, agent, id }: EvidenceRow): void {
    parts.delete(keyOf(site, agent, id));
  }

  return {
    get: ({ site, agent, evidence }) => parts.get(keyOf(site, agent, evidence)) ?? null,
    track(row) {
      const key = keyOf(row.site, row.agent, row.id);
      // Another message may have found it meanwhile, and hold chunks in it.
      const known = parts.get(key);
      if (known !== undefined && known.row.epoch === row.epoch) return known;
      const have = new Uint8Array(row.have ?? createBitmap(row.chunks));
      const part: Part = {
        row,
        have,
        missing: countClear(have, row.chunks),
        fresh: createBitmap(row.chunks),
        unnoted: 0,
        arrivedAtMs: clock.now(),
        notedMs: clock.monotonic(),
      };
      parts.set(key, part);
      return part;
    },
    forget,
    async note(part) {
      const { row, fresh, unnoted } = part;
      part.fresh = createBitmap(row.chunks);
      part.unnoted = 0;
      part.notedMs = clock.monotonic();
      try {
        // Whoever finished the file or threw it away has taken it from under us.
        const noted: Noted = (await files.sync(row)) ? await index.note(row, fresh, part.arrivedAtMs) : { kind: 'stale' };
        if (noted.kind === 'stale') {
          forget(row);
          const now = await index.find(row);
          // Of a file that is whole or given up a late chunk has begun a part that nobody will end.
          if (now?.state !== 'incoming') await files.remove(row);
          return noted;
        }
        for (const [at, byte] of part.fresh.entries()) part.have[at] = (noted.have[at] ?? 0) | byte;
        part.missing = countClear(part.have, row.chunks);
        return noted;
      } catch (error) {
        for (const [at, byte] of fresh.entries()) part.fresh[at] = (part.fresh[at] ?? 0) | byte;
        part.unnoted += unnoted;
        throw error;
      }
    },
    waiting() {
      const nowMs = clock.monotonic();
      const waiting: Part[] = [];
      for (const [key, part] of parts) {
        if (part.unnoted > 0 && nowMs - part.notedMs >= NOTE_AFTER_MS) waiting.push(part);
        else if (part.unnoted === 0 && nowMs - part.notedMs >= FORGET_MS) parts.delete(key);
      }
      return waiting;
    },
  };
}
