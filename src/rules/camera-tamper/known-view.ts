import { z } from 'zod';
import type { StreetFrame } from '../../domain/street.js';
import { greySchema, writeGrey } from '../common/appearance.js';
import { spread } from '../common/scene-patch.js';
import { COLUMNS, detailOf, edgesLeft, REACH, ROWS, SHAKE, takeView, type View, viewOf } from './view.js';

/**
 * The view that a camera should have, by day and by infrared light. The analyser takes any view that stands for five minutes for the usual one; this does not, and it
 * is remembered through restarts.
 */
export interface KnownView {
  /** Share of its edges that a picture shows; `null`: by this light none is known. @param wasGone it may be back a little aside. */
  edgesLeft(frame: StreetFrame, wasGone: boolean): number | null;
  /** Share of its fine detail that a picture shows, 1 as a rule; `null` where it has not been seen in this stream. */
  detailLeft(frame: StreetFrame): number | null;
  /** Standard deviation of its luma, grey; `null` likewise. */
  contrast(night: boolean): number | null;
  /** By any light. */
  isKnown(): boolean;
  /** Whether a picture of this stream has shown it: before, it is only remembered. */
  isMet(night: boolean): boolean;
  /** A picture shows the view as it should be. */
  see(frame: StreetFrame): void;
  /** What is seen from now on is the view. */
  forget(): void;
  /** When it was last written down, UTC milliseconds; `null`: not yet. */
  knownAtMs(): number | null;
  memory(): unknown;
  recall(memory: unknown): void;
}

/** The view follows the light so often, milliseconds. */
const RENEW_MS = 60_000;
/** And what is remembered of it, since that is written to a disk. */
const REMEMBER_MS = 300_000;

type Light = 'day' | 'night';

interface Known {
  readonly view: View;
  readonly seenPtsMs: number;
  readonly met: boolean;
  /** Of a picture of this stream, and its width; `null`: of none. */
  readonly detail: { readonly grey: number; readonly width: number } | null;
}

const memorySchema = z.strictObject({
  version: z.literal(1),
  at: z.int().min(0).max(1e14),
  day: greySchema(COLUMNS * ROWS).nullable(),
  night: greySchema(COLUMNS * ROWS).nullable(),
});

export function createKnownView(): KnownView {
  const known: Record<Light, Known | null> = { day: null, night: null };
  let written: { readonly ptsMs: number; readonly atMs: number; readonly json: unknown } | null = null;
  const of = (night: boolean): Known | null => known[night ? 'night' : 'day'];

  function write({ ptsMs, capturedAtMs }: StreetFrame): void {
    const greyOf = (one: Known | null): string | null => (one === null ? null : writeGrey(one.view.patch.grey));
    const atMs = Math.max(0, Math.round(capturedAtMs));
    written = { ptsMs, atMs, json: { version: 1, at: atMs, day: greyOf(known.day), night: greyOf(known.night) } };
  }

  return {
    edgesLeft({ scene, picture }, wasGone) {
      const one = of(scene.night);
      return one === null ? null : edgesLeft(one.view, picture, wasGone ? REACH : SHAKE);
    },
    detailLeft({ scene, picture }) {
      const detail = of(scene.night)?.detail ?? null;
      return detail === null || detail.width !== picture.width ? null : detailOf(picture) / Math.max(0.1, detail.grey);
    },
    contrast(night) {
      const one = of(night);
      return one === null ? null : spread(one.view.patch.grey);
    },
    isKnown: () => known.day !== null || known.night !== null,
    isMet: (night) => of(night)?.met ?? true,
    see(frame) {
      const { ptsMs, picture, scene } = frame;
      const one = of(scene.night);
      if (one?.met === true && ptsMs - one.seenPtsMs < RENEW_MS) return;
      const view = takeView(picture);
      if (view === null) return;
      known[scene.night ? 'night' : 'day'] = {
        ...{ view, seenPtsMs: ptsMs, met: true },
        detail: { grey: detailOf(picture), width: picture.width },
      };
      if (one === null || written === null || ptsMs - written.ptsMs >= REMEMBER_MS) write(frame);
    },
    forget() {
      Object.assign(known, { day: null, night: null });
      written = null;
    },
    knownAtMs: () => written?.atMs ?? null,
    memory: () => written?.json ?? { version: 1, at: 0, day: null, night: null },
    recall(memory) {
      const read = memorySchema.safeParse(memory);
      if (!read.success) return;
      for (const light of ['day', 'night'] as const) {
        const grey = read.data[light];
        const view = grey === null ? null : viewOf({ columns: COLUMNS, rows: ROWS, grey: Float32Array.from(grey) });
        known[light] = view === null ? null : { view, seenPtsMs: Number.NEGATIVE_INFINITY, met: false, detail: null };
      }
      written = { ptsMs: Number.NEGATIVE_INFINITY, atMs: read.data.at, json: memory };
    },
  };
}
