import type { Box } from '../../domain/geometry.js';
import type { PixelRoi } from '../../domain/roi.js';
import { insideBox } from '../geometry/box.js';
import type { Components, Kernels, Threshold } from '../kernels/kernels.js';
import type { Candidate, MotionFrame } from './candidate.js';
import { ModelRenewal } from './model-renewal.js';
import { RepeatWatch, SAME_GREY } from './repeat-watch.js';
import { type Shift, Stabiliser } from './stabiliser.js';

/** Picture slots the kernels must offer: before, now, after, as received, incoming, spare. */
export const MOTION_SLOTS = 6;

export interface MotionOptions {
  /** Lowest difference from the background that counts, grey levels; the path's strong points need 1.5 times as much. */
  readonly floorGrey: number;
  /** Noise multiple: threshold = this × σ of each pixel. */
  readonly sigmas: number;
}

/** σ of Gaussian noise from its mean absolute deviation: √(π/2). */
const SIGMA_PER_MAD = 1.2533;
/**
 * Deviation assumed before anything is known, grey: that of a day-light camera's noise. Less, and the first second is full of candidates;
 * more, and it is blind.
 */
const FIRST_DEVIATION_GREY = 1.6;
/**
 * Foreground pixels at most this many columns or rows apart belong together: motion blur and compression tear objects. More, and
 * neighbouring drops of rain become one large thing.
 */
const GAP_PX = 2;
/** Foreground share of the picture from which a look at its spread is worth its cost (heavy snow makes 3 %): lower only costs time … */
const FLOOD_SHARE = 0.05;
/**
 * … and the spread (share of 16 × 9 cells that change) from which the light or the pose changed; a bus in front fills a third. Lower, and
 * throws behind traffic are vetoed; higher, and a cloud's edge floods the linker.
 */
const FLOOD_SPREAD = 0.5;
/**
 * Share of the picture that things larger than specks may take, from one picture to the next, for it to be looked through then: more are people or cars
 * before the lens, or the camera turns. Lower, and two things that are thrown together are lost; higher, and parts of cars are followed.
 */
const CHANGED_SHARE = 0.002;
/** Largest speck, pixels: noise that is new after an infrared switch makes thousands, mostly of one or two. */
const SPECK_PX = 16;
/** Candidates kept of such a picture, strongest first: most are noise. More cost the linker time, and raise what counts as clutter; fewer lose faint things. */
const MAX_CHANGED = 40;
/**
 * How long the whole picture must differ before the light or the pose is taken to have changed for good, seconds. Shorter: keyframes of a
 * camera with little bitrate, which refresh the whole picture once a second, throw away what is known of the background each time.
 */
const FLOOD_LASTS_S = 0.2;
/**
 * When the whole picture differs again so soon after its background was begun, seconds, and does not change together (`changesTogether`), it is not the
 * light or the pose that changes but the noise that is more than the deviation tells: it is learnt anew then, and the background is kept. Longer, and a
 * camera that was knocked twice is taken for a noisy one; shorter, and noise that comes in bursts begins the background again with each.
 */
const ANEW_AGAIN_S = 0.6;
/** How long that lasts, seconds. */
const SETTLING_S = 1.5;
/** Cells of the picture, and points looked at in each, across and down, that tell a change of light or a crowd from noise. */
const TOGETHER = { across: 16, down: 9, points: 12 } as const;
/**
 * Mean difference of a cell that noise does not make, grey, and the share of cells from which the picture changes together. Noise moves up to 6 % of the
 * cells as far (six rendered nights), people before the lens 9 % or more (real clips), light that ramps 23 % or more. Lower, and noise is taken for a
 * change of light; higher, and a crowd for noise.
 */
const TOGETHER_GREY = 2.5;
const TOGETHER_SHARE = 0.08;
/**
 * By how much thresholds rise with every picture that floods, and fall back with every other: what floods again and again is noise that the
 * deviation does not tell (a lens at night, keyframes of a camera with little bitrate), and a higher threshold sees more than none. Faster, and a lamp
 * costs what is faint for a minute; slower, and a noisy night is blind for longer.
 */
const BLIND_GAIN = 1.04;
const SEEING_GAIN = 0.9985;
/** Most that thresholds rise, times. */
const MOST_GAIN = 2;
/**
 * Largest candidate, share of the picture's longer side. Things that large are near the lens or vehicles. Lower, and a mattress seen from
 * near by is missed.
 */
const MAX_SIDE_SHARE = 0.2;
/**
 * Candidates kept a frame, strongest first. A fall adds one; heavy snow some thousand. More cost the linker time, fewer lose faint things
 * in snow.
 */
const MAX_MOVING = 300;
/** The same of those that only extend paths; they cost less and matter less. */
const MAX_STILL = 200;
/**
 * A still group below this many pixels is noise more often than an object that is about to fall. Lower, and starts are extended along
 * noise; higher, and small things seem to start late.
 */
const MIN_STILL_PX = 3;
/**
 * Shift from which the picture is moved back, pixels. Below it interpolation blurs more than the shift harms; above, edges of windows
 * become candidates.
 */
const COMPENSATE_PX = 0.3;
/**
 * Patches are chosen anew this often, seconds: daylight moves over a facade within minutes. Later, and patches in a new shadow no longer
 * agree.
 */
const PATCHES_EVERY_S = 20;
/** The first ones, seconds after the start: when the background has settled to a grey level; until then shake is not compensated. */
const FIRST_PATCHES_AFTER_S = 0.4;
/**
 * From pictures to candidates, one picture late (a moving thing differs from the pictures before *and* after): recognises
 * repeated pictures, moves shaken ones back, keeps the background, and lists connected foreground. Pure and deterministic.
 */
export class MotionDetector {
  private readonly stabiliser: Stabiliser;
  private readonly renewal: ModelRenewal;
  private threshold: Threshold;
  private gain = 1;
  private readonly maxSidePx: number;
  private readonly pending: { slot: number; seq: number; ptsMs: number; timeS: number; shift: Shift }[] = [];
  private incoming = 0;
  private raw: number | null = null;
  private readonly repeats = new RepeatWatch();
  /** Whether the foreground of the last picture is found already, with the incoming one as the picture after it. */
  private detected = false;
  /** When the whole picture began to differ; `null` while it does not. */
  private floodSinceS: number | null = null;
  private lastPtsMs = Number.NaN;
  private frameS = 0.04;
  private patchesAtS = Number.NEGATIVE_INFINITY;
  /** The picture that the background was begun with. */
  private anewFrom: Pending | null = null;
  private anewAtS = Number.NEGATIVE_INFINITY;
  /** The noise was found to be more than the deviation tells. */
  private noisy = false;
  private settlesUntilS = Number.NEGATIVE_INFINITY;
  private firstS: number | null = null;
  /** Frames recognised as repeats. */
  repeatedFrames = 0;
  /** Frames whose background was of no use, because most of the picture differed from it. */
  vetoedFrames = 0;

  /** @param roi where the kernels' pictures lie in those of the camera, which places of candidates are told in; `null`: they are the same. */
  constructor(
    private readonly kernels: Kernels,
    private readonly options: MotionOptions,
    private readonly roi: PixelRoi | null = null,
  ) {
    this.stabiliser = new Stabiliser(kernels);
    this.renewal = new ModelRenewal(kernels);
    this.threshold = this.thresholdAt(1);
    this.maxSidePx = MAX_SIDE_SHARE * Math.max(roi?.pictureWidth ?? kernels.width, kernels.height);
  }

  /** Where the next picture belongs: rows of `kernels.stride` bytes. */
  incomingSlot(): Uint8Array {
    return this.kernels.slots[this.incoming] as Uint8Array;
  }

  /**
   * Takes the picture now in {@link incomingSlot}.
   *
   * @param ptsMs presentation time, milliseconds, increasing.
   * @returns what the picture *before* it showed; `null` for a repeat and while too few pictures are there.
   */
  push(seq: number, ptsMs: number): MotionFrame | null {
    if (this.isRepeat()) {
      this.repeatedFrames++;
      return null;
    }
    if (Number.isFinite(this.lastPtsMs)) this.frameS += 0.1 * (Math.min(0.5, (ptsMs - this.lastPtsMs) / 1000) - this.frameS);
    this.lastPtsMs = ptsMs;
    const timeS = ptsMs / 1000;
    this.firstS ??= timeS;
    if (this.pending.length === 0) this.kernels.resetModel(this.incoming, FIRST_DEVIATION_GREY, this.threshold);
    else this.refreshPatches(timeS);

    const shift = this.stabiliser.measure(this.incoming);
    this.raw = this.incoming;
    let slot = this.incoming;
    if (Math.hypot(shift.x, shift.y) > COMPENSATE_PX) {
      slot = this.freeSlot();
      this.kernels.shift(this.incoming, slot, shift.x, shift.y);
    }
    this.pending.push({ slot, seq, ptsMs, timeS, shift });
    if (this.pending.length > 3) this.pending.shift();
    this.incoming = this.freeSlot();
    return this.pending.length === 3 ? this.look() : null;
  }

  private isRepeat(): boolean {
    if (this.raw === null) return false;
    const now = this.pending[this.pending.length - 1];
    const before = this.pending[this.pending.length - 2];
    // Mostly the foreground can be looked for in the same pass: the last picture's is due once this one is no repeat.
    this.detected = before !== undefined && now?.slot === this.raw;
    if (before !== undefined && this.detected) {
      return this.repeats.isRepeat(this.kernels.detectAndCompare(this.raw, before.slot, this.incoming, SAME_GREY));
    }
    return this.repeats.isRepeat(this.kernels.difference(this.incoming, this.raw, SAME_GREY));
  }

  private refreshPatches(timeS: number): void {
    const due = this.patchesAtS + PATCHES_EVERY_S;
    if (timeS < due || timeS - (this.firstS ?? timeS) < FIRST_PATCHES_AFTER_S) return;
    this.stabiliser.choosePatches(this.incoming);
    this.patchesAtS = timeS;
  }

  private look(): MotionFrame {
    const [before, now, after] = this.pending as unknown as [Pending, Pending, Pending];
    if (now === this.anewFrom) {
      // Compared with itself it shows nothing.
      this.updateModel(now);
      return shown(now, this.changed(now.slot, before.slot, after.slot), true);
    }
    // What was found already goes by the incoming picture as it came: this one was moved back.
    if (!this.detected || after.slot !== this.raw) this.kernels.detect(now.slot, before.slot, after.slot);
    const found = this.kernels.components(GAP_PX);
    if (found === null || (found.areaPx > FLOOD_SHARE * this.kernels.width * this.kernels.height && found.spread() > FLOOD_SPREAD)) {
      this.vetoedFrames++;
      if (this.noisy) this.adapt(BLIND_GAIN);
      this.floodSinceS ??= now.timeS;
      const lasts = now.timeS - this.floodSinceS >= FLOOD_LASTS_S && !this.isSettling(now.timeS);
      if (lasts && now.timeS - this.anewAtS < ANEW_AGAIN_S && !this.changesTogether(now.slot)) {
        this.noisy = true;
        this.settlesUntilS = now.timeS + SETTLING_S;
      }
      if (lasts && !this.isSettling(now.timeS)) this.beginAnew(after, now.timeS);
      else this.updateModel(now);
      return shown(now, this.changed(now.slot, before.slot, after.slot), true);
    }
    this.floodSinceS = null;
    this.adapt(SEEING_GAIN);
    const moving: Candidate[] = [];
    const still: Candidate[] = [];
    const large: Box[] = [];
    for (let i = 0; i < found.count; i++) {
      const moves = found.movingOf(i) > 0;
      // Most of what does not move is too small, and not worth an object.
      if (!moves && found.areaOf(i) < MIN_STILL_PX) continue;
      const candidate = this.candidateOf(found, i);
      if (candidate === null) large.push(found.box(i));
      else (moves ? moving : still).push(candidate);
    }
    if (large.length > 0) moving.push(...this.withinLarge(large));
    this.updateModel(now);
    return shown(now, strongest(moving, MAX_MOVING).concat(strongest(still, MAX_STILL)), false);
  }

  /** What moves while the whole picture differs from its background: light that ramps changes little from one picture to the next, and a step changes it once. */
  private changed(now: number, before: number, after: number): Candidate[] {
    const found = this.kernels.changedComponents(now, before, after, GAP_PX);
    const moving: Candidate[] = [];
    let changedPx = 0;
    for (let i = 0; found !== null && i < found.count; i++) {
      const areaPx = found.areaOf(i);
      if (areaPx > SPECK_PX) changedPx += areaPx;
      const candidate = areaPx < MIN_STILL_PX ? null : this.candidateOf(found, i);
      if (candidate !== null) moving.push(candidate);
    }
    if (changedPx > CHANGED_SHARE * this.kernels.width * this.kernels.height) return [];
    return strongest(moving, MAX_CHANGED);
  }

  /** A component as a candidate; `null` when it is too large for one. */
  private candidateOf(found: Components, i: number): Candidate | null {
    const box = found.box(i);
    const w = box.x2 - box.x1;
    const h = box.y2 - box.y1;
    if (Math.max(w, h) > this.maxSidePx) return null;
    const areaPx = found.areaOf(i);
    return {
      x: (this.roi?.left ?? 0) + found.centreX(i),
      y: found.centreY(i),
      w,
      h,
      areaPx,
      contrast: found.signedOf(i) / areaPx,
      peak: found.peakOf(i),
      moving: found.movingOf(i) > 0,
    };
  }

  /** What moves inside components too large to be thrown: a light patch that slides over the facade must not hide a fall. */
  private withinLarge(large: readonly Box[]): Candidate[] {
    const inside = ({ x, y }: Candidate): boolean => large.some((box) => insideBox(box, x - (this.roi?.left ?? 0), y));
    const found = this.kernels.movingComponents(GAP_PX);
    const candidates: Candidate[] = [];
    for (let i = 0; found !== null && i < found.count; i++) {
      const candidate = this.candidateOf(found, i);
      if (candidate !== null && candidate.areaPx >= MIN_STILL_PX && inside(candidate)) candidates.push(candidate);
    }
    return candidates;
  }

  /** The light or the pose changed for good: the background is the picture as it is now; what is known of the noise is kept. */
  private beginAnew(from: Pending, timeS: number): void {
    this.anewFrom = from;
    this.renewal.beginAnew(from.slot, this.threshold);
    this.anewAtS = timeS;
    this.floodSinceS = null;
  }

  /** Whether a picture differs from the background as light, a crowd or a new pose makes it: whole cells to one side. Noise goes to both. */
  private changesTogether(slot: number): boolean {
    const { width, height, stride, slots, mean } = this.kernels;
    const picture = slots[slot] as Uint8Array;
    const { across, down, points } = TOGETHER;
    const [stepX, stepY] = [width / (across * points), height / (down * points)];
    let together = 0;
    for (let cell = 0; cell < across * down; cell++) {
      const left = (cell % across) * points;
      const top = Math.floor(cell / across) * points;
      let sum = 0;
      for (let j = 0; j < points; j++) {
        const row = Math.floor((top + j + 0.5) * stepY) * stride;
        for (let i = 0; i < points; i++) {
          const at = row + Math.floor((left + i + 0.5) * stepX);
          sum += (picture[at] as number) - (mean[at] as number);
        }
      }
      if (Math.abs(sum) > TOGETHER_GREY * points * points) together++;
    }
    return together >= TOGETHER_SHARE * across * down;
  }

  /** Thresholds a little higher, or lower again; they reach the picture's rows as the background is updated. */
  private adapt(times: number): void {
    const gain = Math.max(1, Math.min(MOST_GAIN, this.gain * times));
    if (gain === this.gain) return;
    this.gain = gain;
    this.threshold = this.thresholdAt(gain);
  }

  private thresholdAt(gain: number): Threshold {
    const { sigmas, floorGrey } = this.options;
    return { deviationsEighths: Math.round(gain * sigmas * SIGMA_PER_MAD * 8), floorGrey: Math.round(gain * floorGrey) };
  }

  private isSettling(timeS: number): boolean {
    return timeS < this.settlesUntilS;
  }

  private updateModel({ slot, timeS }: Pending): void {
    this.renewal.renew(slot, this.frameS, this.isSettling(timeS), this.threshold);
  }

  private freeSlot(): number {
    for (let slot = 0; slot < this.kernels.slots.length; slot++) {
      if (slot !== this.raw && !this.pending.some((p) => p.slot === slot)) return slot;
    }
    throw new RangeError('too few picture slots');
  }
}

interface Pending {
  readonly slot: number;
  readonly seq: number;
  readonly ptsMs: number;
  readonly timeS: number;
  readonly shift: Shift;
}

/** What a picture showed. */
function shown({ seq, ptsMs, timeS, shift }: Pending, candidates: readonly Candidate[], flooded: boolean): MotionFrame {
  return { seq, ptsMs, timeS, candidates, flooded, shift: { x: shift.x, y: shift.y } };
}

/** The strongest first, at most `limit`. */
function strongest(candidates: Candidate[], limit: number): Candidate[] {
  // Small whole numbers, and not the difference itself: each of those would be an object of its own.
  candidates.sort((a, b) => Math.sign(b.peak * Math.sqrt(b.areaPx) - a.peak * Math.sqrt(a.areaPx)) | 0);
  if (candidates.length > limit) candidates.length = limit;
  return candidates;
}
