import { z } from 'zod';
import type { Box } from '../../domain/geometry.js';
import type { ScenePicture } from '../../domain/street.js';

/** Samples a side: a car in a picture of 640 is some 100 pixels wide. Fewer, and all dark cars look alike; more, and memory grows for nothing. */
const APPEARANCE_SIZE = 48;
/** Correlation from which two looks are of the same thing: what the field takes for a parked car that has not moved (normalised correlation of its luma). Lower, and the next car of the same make is the last one. */
export const SAME_APPEARANCE = 0.9;
/** Shares of the box within which the same thing is sought: the picture trembles, and the median of boxes by a pixel. */
const SHIFTS = [0, -0.01, 0.01, -0.02, 0.02] as const;
/** Standard deviation below which a look shows nothing that could be compared, grey: noise of a night picture. */
const FLAT_GREY = 4;

/** And of a whole picture, grey: streets by day have 40 to 60, by infrared 25; fog leaves 5. */
const CLEAR_GREY = 10;

/** How something looks at its place, small and without regard to brightness and contrast: `APPEARANCE_SIZE²` values of luma, row after row. */
export type Appearance = Uint8Array;

/**
 * Takes the luma within a box, averaged into `APPEARANCE_SIZE × APPEARANCE_SIZE` samples; outside the picture its edge goes on. Costs some 10 µs.
 *
 * @param box normalised to 0..1 of the picture.
 */
export function appearanceAt(picture: ScenePicture, box: Box): Appearance {
  const look = new Uint8Array(APPEARANCE_SIZE * APPEARANCE_SIZE);
  const x0 = box.x1 * picture.width;
  const y0 = box.y1 * picture.height;
  const stepX = ((box.x2 - box.x1) * picture.width) / APPEARANCE_SIZE;
  const stepY = ((box.y2 - box.y1) * picture.height) / APPEARANCE_SIZE;
  for (let j = 0; j < APPEARANCE_SIZE; j++) {
    const top = y0 + j * stepY;
    for (let i = 0; i < APPEARANCE_SIZE; i++) {
      const left = x0 + i * stepX;
      // Four samples each: enough up to boxes of 200 pixels, and a car that fills more has no fine pattern.
      const sum =
        sampleAt(picture, left + stepX * 0.25, top + stepY * 0.25) +
        sampleAt(picture, left + stepX * 0.75, top + stepY * 0.25) +
        sampleAt(picture, left + stepX * 0.25, top + stepY * 0.75) +
        sampleAt(picture, left + stepX * 0.75, top + stepY * 0.75);
      look[j * APPEARANCE_SIZE + i] = Math.round(sum / 4);
    }
  }
  return look;
}

/** Bilinear; pixel centres lie at halves. */
function sampleAt({ width, height, luma }: ScenePicture, x: number, y: number): number {
  const cx = Math.min(Math.max(x - 0.5, 0), width - 1);
  const cy = Math.min(Math.max(y - 0.5, 0), height - 1);
  const left = Math.floor(cx);
  const top = Math.floor(cy);
  const right = Math.min(left + 1, width - 1);
  const bottom = Math.min(top + 1, height - 1);
  const fx = cx - left;
  const fy = cy - top;
  const upper = (luma[top * width + left] as number) * (1 - fx) + (luma[top * width + right] as number) * fx;
  const lower = (luma[bottom * width + left] as number) * (1 - fx) + (luma[bottom * width + right] as number) * fx;
  return upper * (1 - fy) + lower * fy;
}

/** Whether a look shows anything that others can be compared with. */
export const isTelling = (look: Appearance): boolean => momentsOf(look).sigma >= FLAT_GREY;

/** Whether a picture as a whole shows anything: not in fog, in the dark or out of focus. */
export const isClear = (picture: ScenePicture): boolean =>
  momentsOf(appearanceAt(picture, { x1: 0, y1: 0, x2: 1, y2: 1 })).sigma >= CLEAR_GREY;

/**
 * Normalised correlation of two looks, −1..1: 1 for the same under any brightness and contrast.
 *
 * @returns `null` where either shows nothing but an even surface.
 */
export function likeness(a: Appearance, b: Appearance): number | null {
  const of = momentsOf(a);
  const and = momentsOf(b);
  if (of.sigma < FLAT_GREY || and.sigma < FLAT_GREY) return null;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - of.mean) * ((b[i] as number) - and.mean);
  return sum / (a.length * of.sigma * and.sigma);
}

function momentsOf(look: Appearance): { readonly mean: number; readonly sigma: number } {
  let sum = 0;
  let squares = 0;
  for (const value of look) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / look.length;
  return { mean, sigma: Math.sqrt(Math.max(0, squares / look.length - mean * mean)) };
}

/**
 * How much a place looks like what stood there: the best likeness within a fiftieth of the box.
 *
 * @returns `null` where nothing can be compared.
 */
export function likenessAt(look: Appearance, picture: ScenePicture, box: Box): number | null {
  let best: number | null = null;
  const width = box.x2 - box.x1;
  const height = box.y2 - box.y1;
  for (const dy of SHIFTS) {
    for (const dx of SHIFTS) {
      const shifted = { x1: box.x1 + dx * width, x2: box.x2 + dx * width, y1: box.y1 + dy * height, y2: box.y2 + dy * height };
      const found = likeness(look, appearanceAt(picture, shifted));
      if (found === null) return null;
      if (best === null || found > best) best = found;
      if (best >= SAME_APPEARANCE) return best;
    }
  }
  return best;
}

/** Grey levels as text, for a rule's memory; fractions are rounded. */
export const writeGrey = (grey: ArrayLike<number>): string => {
  let text = '';
  for (let i = 0; i < grey.length; i++) text += String.fromCharCode(Math.max(0, Math.min(255, Math.round(grey[i] as number))));
  return btoa(text);
};

/** Such a text of exactly so many grey levels; anything else is refused. */
export const greySchema = (count: number) =>
  z
    .base64()
    .max(Math.ceil(count / 3) * 4)
    .transform((text, context): Uint8Array => {
      const grey = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      if (grey.length === count) return grey;
      context.addIssue({ code: 'custom', message: `expected ${count} grey levels` });
      return z.NEVER;
    });

/** A look as text, for a rule's memory. */
export const writeAppearance = (look: Appearance): string => writeGrey(look);

/** Such a text of exactly one look; anything else is refused. */
export const appearanceSchema = greySchema(APPEARANCE_SIZE * APPEARANCE_SIZE);
