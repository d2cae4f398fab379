import type { Kernels } from '../kernels/kernels.js';

/** Side of a patch, pixels. Smaller ones hold too little texture for 1/10 px; larger ones average over moving things. */
const PATCH_PX = 32;
/** Patches are sought one in each cell of this grid, so that they spread over the picture. */
const GRID = 4;
/** Candidate positions a side within a cell. */
const TRIES = 4;
/** Smaller eigenvalue of a patch's gradient matrix a pixel, grey²/px²: below it a patch cannot tell a shift (flat, or one edge). */
const MIN_TEXTURE = 30;
/** Longest shift followed, pixels. A camera knocked further is vetoed by the share of the picture that changes. */
const MAX_SHIFT_PX = 8;
const MAX_STEPS = 4;

interface Patch {
  readonly x: number;
  readonly y: number;
}

export interface Shift {
  readonly x: number;
  readonly y: number;
}

/** Patches agree when they lie this close to their median, pixels. */
const AGREE_PX = 0.35;
/** Share of all patches that must agree before a shift is believed: passing things cover the others. */
const AGREE_SHARE = 0.6;
const NO_SHIFT: Shift = { x: 0, y: 0 };

/**
 * Measures how far the camera has moved against the background, to about 1/20 px, from up to sixteen textured patches
 * registered by Gauss-Newton steps on luma (Lucas and Kanade 1981; the reference's gradients, Baker and Matthews 2004).
 */
export class Stabiliser {
  private patches: readonly Patch[] = [];
  private last: Shift = NO_SHIFT;

  constructor(private readonly kernels: Kernels) {}

  /** Chooses the patches anew from the present background; costs about a millisecond at 1080p. */
  choosePatches(slot: number): void {
    const { width, height, mask, stride } = this.kernels;
    const chosen: Patch[] = [];
    const margin = MAX_SHIFT_PX + 2;
    const cellW = (width - 2 * margin - PATCH_PX) / GRID;
    const cellH = (height - 2 * margin - PATCH_PX) / GRID;
    if (cellW < PATCH_PX || cellH < PATCH_PX) {
      this.patches = [];
      return;
    }
    for (let row = 0; row < GRID; row++) {
      for (let column = 0; column < GRID; column++) {
        let best: Patch | null = null;
        let bestTexture = MIN_TEXTURE * PATCH_PX * PATCH_PX;
        for (let i = 0; i < TRIES * TRIES; i++) {
          const x = Math.round(margin + cellW * (column + (i % TRIES) / TRIES));
          const y = Math.round(margin + cellH * (row + Math.floor(i / TRIES) / TRIES));
          if (mask[(y + PATCH_PX / 2) * stride + x + PATCH_PX / 2] !== 0) continue;
          const s = this.kernels.patchSums(slot, x, y, PATCH_PX, 0, 0);
          const texture = (s.xx + s.yy - Math.hypot(s.xx - s.yy, 2 * s.xy)) / 2;
          // A patch that moves by itself (a tree) is no fixed point: its deviation is large beside its texture.
          if (texture > bestTexture && this.meanDeviation(x, y) < 4) {
            best = { x, y };
            bestTexture = texture;
          }
        }
        if (best !== null) chosen.push(best);
      }
    }
    this.patches = chosen;
  }

  /** Shift of the picture in `slot` against the background; none when too few patches exist or they do not agree. */
  measure(slot: number): Shift {
    const found = this.patches.map((patch) => this.register(patch, slot)).filter((s) => s !== null);
    this.last = NO_SHIFT;
    if (found.length < 4) return this.last;
    const x = median(found.map((s) => s.x));
    const y = median(found.map((s) => s.y));
    const agreeing = found.filter((s) => Math.hypot(s.x - x, s.y - y) <= AGREE_PX);
    if (agreeing.length >= 4 && agreeing.length >= AGREE_SHARE * this.patches.length) {
      this.last = { x: median(agreeing.map((s) => s.x)), y: median(agreeing.map((s) => s.y)) };
    }
    return this.last;
  }

  private register(patch: Patch, slot: number): Shift | null {
    let x = Math.round(this.last.x);
    let y = Math.round(this.last.y);
    for (let step = 0; step < MAX_STEPS; step++) {
      const s = this.kernels.patchSums(slot, patch.x, patch.y, PATCH_PX, x, y);
      const determinant = s.xx * s.yy - s.xy * s.xy;
      if (determinant < 1) return null;
      // e ≈ −g·d for a picture moved by d, so d = −(Σ g gᵀ)⁻¹ Σ g e.
      const dx = -(s.yy * s.xe - s.xy * s.ye) / determinant;
      const dy = -(s.xx * s.ye - s.xy * s.xe) / determinant;
      const wholeX = Math.round(dx);
      const wholeY = Math.round(dy);
      if ((wholeX === 0 && wholeY === 0) || step === MAX_STEPS - 1) {
        return Math.hypot(dx, dy) > 2 ? null : { x: x + dx, y: y + dy };
      }
      x += Math.max(-2, Math.min(2, wholeX));
      y += Math.max(-2, Math.min(2, wholeY));
      if (Math.abs(x) > MAX_SHIFT_PX || Math.abs(y) > MAX_SHIFT_PX) return null;
    }
    return null;
  }

  private meanDeviation(x: number, y: number): number {
    const { deviation, stride } = this.kernels;
    let sum = 0;
    for (let j = 0; j < PATCH_PX; j += 4) for (let i = 0; i < PATCH_PX; i += 4) sum += deviation[(y + j) * stride + x + i] as number;
    return sum / ((PATCH_PX / 4) ** 2 * 128);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
