import { median } from '../../core/median.js';
import type { Incident } from '../../domain/incident.js';
import type { ScenePicture } from '../../domain/street.js';
import type { PresentView, Reinspection } from '../contract.js';
import { type Answer, placeOf } from './look-again.js';
import { correlation, spread, takePatch } from './scene-patch.js';

/** Looking again at what concerns the whole picture, or the light of a lamp: there is nothing around it that could be the control. */

const WHOLE = { x1: 0, y1: 0, x2: 1, y2: 1 };
/** Cells along each side of the whole picture, and of one of its parts. */
const GRID = 96;
const PART = 12;
/** Of a part in which nothing is to be seen, standard deviation in grey levels. */
const FLAT_GREY = 3;
/** From here on it is the same view. A camera turned by a tenth of its picture agrees to 0.2 at most. */
const SAME_VIEW = 0.5;
/** Less fine detail than this share of what there was is out of focus. */
const BLURRED = 0.5;
/** Two pictures of a live camera differ by its noise, JPEG included, by more than this, grey levels. */
const FROZEN_GREY = 0.05;

const cannot = (reason: string): Answer => ({ presence: 'cannot_tell', reason: `${reason}: a person must look` });

/** Judges what was done to the camera: covered, turned, out of focus, frozen. */
export function judgeCamera({ picture, before, scene }: PresentView): Answer {
  if (picture === null) return cannot('there is no present picture');
  if (before === null || scene === null) return cannot('what the camera saw before is not kept');
  if (apart(picture, before) < FROZEN_GREY) return { presence: 'still_there', reason: 'the picture is the very same still' };
  const [likeScene, likeBefore] = [agreement(scene, picture), agreement(before, picture)];
  const detail = detailOf(picture) / Math.max(0.1, detailOf(scene));
  if (likeScene >= SAME_VIEW && detail >= BLURRED) {
    return { presence: 'gone', reason: `the camera sees what it saw before (${percent(likeScene)} alike, at least ${percent(SAME_VIEW)})` };
  }
  if (likeScene >= SAME_VIEW)
    return { presence: 'still_there', reason: `the camera sees its view, with ${percent(detail)} of the detail that it had` };
  const bothFlat = isFlat(before) && isFlat(picture);
  if (bothFlat || likeBefore >= SAME_VIEW) {
    return {
      presence: 'still_there',
      reason: bothFlat ? 'nothing is to be seen still' : `the view is as it was found (${percent(likeBefore)} alike)`,
    };
  }
  return cannot('the camera sees neither what it saw before nor what was found');
}

/** Lit, a lamp stands out of the night by more than this, grey levels; … */
const LIT_GREY = 40;
/** … and one that is out changes by less. */
const SAME_GREY = 20;
/** Brighter than this, by the median of the picture, it is no night, grey levels. */
const NIGHT_GREY = 90;
/** Share of the lamp's place that shines. */
const BRIGHTEST = 0.05;

/** Judges whether a lamp is still out. */
export function judgeLamp(incident: Pick<Incident, 'box'>, { picture, before }: PresentView): Answer {
  if (picture === null) return cannot('there is no present picture');
  if (before === null) return cannot('the incident’s own picture is not kept');
  const place = placeOf(incident);
  if (place === null) return cannot('the lamp is not in the picture');
  if (middle(picture) > NIGHT_GREY) return cannot('it is day, and nobody sees by day whether a lamp works');
  const glow = (of: ScenePicture): number => {
    const grey = [...takePatch(of, place, 48, 48).grey].sort((a, b) => b - a);
    const shining = grey.slice(0, Math.ceil(BRIGHTEST * grey.length));
    return shining.reduce((sum, value) => sum + value, 0) / shining.length - middle(of);
  };
  const brighter = glow(picture) - glow(before);
  const words = `${Math.round(brighter)} grey levels brighter than when it was found out`;
  if (brighter >= LIT_GREY) return { presence: 'gone', reason: `the lamp shines: ${words}` };
  if (brighter < SAME_GREY) return { presence: 'still_there', reason: `the lamp is dark still: ${words}` };
  return cannot(`the lamp is somewhat brighter: ${words}`);
}

/** How well two whole pictures agree: the median of what their parts say that have something to see in the first. */
function agreement(first: ScenePicture, second: ScenePicture): number {
  const [a, b] = [takePatch(first, WHOLE, GRID, GRID), takePatch(second, WHOLE, GRID, GRID)];
  const parts: number[] = [];
  for (let top = 0; top < GRID; top += PART) {
    for (let left = 0; left < GRID; left += PART) {
      const cut = (grey: Float32Array): number[] =>
        Array.from({ length: PART * PART }, (_, i) => grey[(top + Math.floor(i / PART)) * GRID + left + (i % PART)] as number);
      const own = cut(a.grey);
      if (spread(own) >= FLAT_GREY) parts.push(correlation(own, cut(b.grey), FLAT_GREY / 2));
    }
  }
  return parts.length < 5 ? 0 : median(parts);
}

const isFlat = (picture: ScenePicture): boolean => spread(takePatch(picture, WHOLE, GRID, GRID).grey) < 2 * FLAT_GREY;

/** Mean difference between neighbours along a row, grey levels. */
function detailOf({ width, height, luma }: ScenePicture): number {
  let sum = 0;
  for (let y = 0; y < height; y++)
    for (let x = 1; x < width; x++) sum += Math.abs((luma[y * width + x] as number) - (luma[y * width + x - 1] as number));
  return sum / (height * Math.max(1, width - 1));
}

function apart(a: ScenePicture, b: ScenePicture): number {
  if (a.width !== b.width || a.height !== b.height) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < a.luma.length; i++) sum += Math.abs((a.luma[i] as number) - (b.luma[i] as number));
  return sum / a.luma.length;
}

const middle = (picture: ScenePicture): number => median([...takePatch(picture, WHOLE, 32, 32).grey]);
const percent = (share: number): string => `${Math.max(0, Math.round(100 * share))} %`;

/** How a rule looks again at what was done to the camera itself. */
export const lookAtCamera: Reinspection = { place: () => null, judge: (_, view) => judgeCamera(view) };

/** How a rule looks again at a lamp. */
export const lookForLight: Reinspection = { place: placeOf, judge: judgeLamp };
