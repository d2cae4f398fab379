import type { Kernels, PatchSums } from '../kernels/kernels.js';

/** Side of a patch, pixels. Smaller ones hold too little texture for 1/10 px; larger ones cost more and average over moving things. */
const PATCH_PX = 24;
/**
 * Patches are sought one in each cell of this grid, so that they spread over the picture: twenty outvote a tree or a bus. Fewer do not;
 * more cost time.
 */
const COLUMNS = 5;
const ROWS = 4;
/** Candidate positions a side within a cell: more find better texture, at a cost that grows with their square. */
const TRIES = 6;
/** Texture a patch needs: mean squared gradient across its weaker direction, grey²/px². Below it noise moves it by more than 0.2 px. */
const MIN_TEXTURE = 12;
/**
 * A patch whose pixels deviate by more than this share of their gradient moves by itself (a tree): shake of 1 px makes a share of about
 * 0.8.
 */
const MAX_DEVIATION_SHARE = 1.2;
/**
 * Longest shift followed, pixels. A camera knocked further is recognised by the share of the picture that changes. More, and patches lock
 * on the next window.
 */
const MAX_SHIFT_PX = 8;
/** Gauss-Newton steps: each about halves the distance to the next hundredth of a pixel; more find nothing new. */
const MAX_STEPS = 4;
/**
 * A patch agrees with a shift when it lies this close to its own, pixels, each direction counted as far as its texture can tell: three
 * times what noise does. Tighter, and shake in haze is not believed; looser, and leaves vote.
 */
const AGREE_PX = 0.4;
/**
 * Share of all patches that must agree before a shift is believed: passing things cover the others. Lower, and a crowd in step shifts the
 * facade.
 */
const AGREE_SHARE = 0.5;
/** … and their number, whatever the share: three may agree by chance. */
const MIN_AGREEING = 4;

interface Patch {
  readonly x: number;
  readonly y: number;
}

/** A patch's own shift, and the normal matrix that says how well it knows each direction. */
interface PatchShift {
  readonly x: number;
  readonly y: number;
  readonly sums: PatchSums;
}

export interface Shift {
  readonly x: number;
  readonly y: number;
}

const NO_SHIFT: Shift = { x: 0, y: 0 };

/**
 * Measures how far the camera has moved against the background, to about 1/20 px, from up to twenty textured patches registered by
 * Gauss-Newton steps on luma (Lucas and Kanade 1981; gradients of the reference, Baker and Matthews 2004). Patches that see edges of one
 * direction only count in that direction.
 */
export class Stabiliser {
  private patches: readonly Patch[] = [];
  private last: Shift = NO_SHIFT;
  /** Kept from picture to picture, so that nothing is made for it. */
  private readonly found: PatchShift[] = [];

  constructor(private readonly kernels: Kernels) {}

  /** Chooses the patches anew from the present background; costs about two milliseconds. */
  choosePatches(slot: number): void {
    const { width, height, mask, stride } = this.kernels;
    const chosen: Patch[] = [];
    const margin = MAX_SHIFT_PX + 2;
    const cellW = (width - 2 * margin - PATCH_PX) / COLUMNS;
    const cellH = (height - 2 * margin - PATCH_PX) / ROWS;
    for (let cell = 0; cell < COLUMNS * ROWS && cellW >= PATCH_PX && cellH >= PATCH_PX; cell++) {
      let best: Patch | null = null;
      let bestTexture = MIN_TEXTURE * PATCH_PX * PATCH_PX;
      for (let i = 0; i < TRIES * TRIES; i++) {
        const x = Math.round(margin + cellW * ((cell % COLUMNS) + (i % TRIES) / TRIES));
        const y = Math.round(margin + cellH * (Math.floor(cell / COLUMNS) + Math.floor(i / TRIES) / TRIES));
        if (mask[(y + PATCH_PX / 2) * stride + x + PATCH_PX / 2] !== 0) continue;
        const sums = this.kernels.patchSums(slot, x, y, PATCH_PX, 0, 0);
        const texture = (sums.xx + sums.yy - Math.hypot(sums.xx - sums.yy, 2 * sums.xy)) / 2;
        if (texture <= bestTexture) continue;
        const gradient = Math.sqrt((sums.xx + sums.yy) / (PATCH_PX * PATCH_PX));
        if (this.meanDeviation(x, y) > MAX_DEVIATION_SHARE * gradient) continue;
        best = { x, y };
        bestTexture = texture;
      }
      if (best !== null) chosen.push(best);
    }
    this.patches = chosen;
  }

  /** Shift of the picture in `slot` against the background; none when too few patches exist or they do not agree. */
  measure(slot: number): Shift {
    const { found } = this;
    found.length = 0;
    for (const patch of this.patches) {
      const shift = this.register(patch, slot);
      if (shift !== null) found.push(shift);
    }
    let most = 0;
    let best = NO_SHIFT;
    for (const hypothesis of found) {
      let agreeing = 0;
      for (const shift of found) if (distance(shift, hypothesis) <= AGREE_PX) agreeing++;
      if (agreeing <= most) continue;
      most = agreeing;
      best = hypothesis;
    }
    const enough = most >= MIN_AGREEING && most >= AGREE_SHARE * this.patches.length;
    this.last = enough ? combined(found, best) : NO_SHIFT;
    return this.last;
  }

  private register(patch: Patch, slot: number): PatchShift | null {
    let x = Math.round(this.last.x);
    let y = Math.round(this.last.y);
    for (let step = 0; step < MAX_STEPS; step++) {
      const sums = this.kernels.patchSums(slot, patch.x, patch.y, PATCH_PX, x, y);
      const determinant = sums.xx * sums.yy - sums.xy * sums.xy;
      if (determinant < 1) return null;
      // e ≈ −g·d for a picture moved by d, so d = −(Σ g gᵀ)⁻¹ Σ g e.
      const dx = -(sums.yy * sums.xe - sums.xy * sums.ye) / determinant;
      const dy = -(sums.xx * sums.ye - sums.xy * sums.xe) / determinant;
      const wholeX = Math.round(dx);
      const wholeY = Math.round(dy);
      if (wholeX === 0 && wholeY === 0) return { x: x + dx, y: y + dy, sums };
      x += Math.max(-2, Math.min(2, wholeX));
      y += Math.max(-2, Math.min(2, wholeY));
      if (Math.abs(x) > MAX_SHIFT_PX || Math.abs(y) > MAX_SHIFT_PX) return null;
    }
    return null;
  }

  private meanDeviation(x: number, y: number): number {
    let sum = 0;
    for (let j = 0; j < PATCH_PX; j += 4) for (let i = 0; i < PATCH_PX; i += 4) sum += this.kernels.deviationAt(x + i, y + j);
    return sum / ((PATCH_PX / 4) ** 2 * 128);
  }
}

/** How far a patch lies from a shift, pixels, weighted by what its texture can tell: an edge knows nothing of motion along itself. */
function distance(patch: PatchShift, shift: Shift): number {
  const { xx, xy, yy } = patch.sums;
  const dx = patch.x - shift.x;
  const dy = patch.y - shift.y;
  return Math.sqrt((2 * (xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy)) / (xx + yy));
}

/** Least squares over all patches that agree with a shift: (Σ A) d = Σ A·dᵢ. */
function combined(patches: readonly PatchShift[], agreed: Shift): Shift {
  let [xx, xy, yy, bx, by] = [0, 0, 0, 0, 0];
  for (const patch of patches) {
    if (distance(patch, agreed) > AGREE_PX) continue;
    const { x, y, sums } = patch;
    xx += sums.xx;
    xy += sums.xy;
    yy += sums.yy;
    bx += sums.xx * x + sums.xy * y;
    by += sums.xy * x + sums.yy * y;
  }
  const determinant = xx * yy - xy * xy;
  return determinant < 1 ? NO_SHIFT : { x: (yy * bx - xy * by) / determinant, y: (xx * by - xy * bx) / determinant };
}
