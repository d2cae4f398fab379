import type { Box } from '../../domain/geometry.js';
import type { Incident } from '../../domain/incident.js';
import type { Presence } from '../../domain/wire/case.js';
import type { PresentView, Reinspection } from '../contract.js';
import { correlation, spread } from './scene-patch.js';
import { cellsOf, compareSurroundings, frameAround, meanOf, type Surroundings, surroundingsOf, valuesAt } from './surroundings.js';

/**
 * Whether what was reported is still there, told from three pictures of one camera: the present one, the incident's own, and the scene just before it.
 * The scene *around* the place is the control: where that has changed too (night, fog, somebody in front of the lens, a camera that was turned)
 * nothing is said of the place.
 */

export interface Answer {
  readonly presence: Presence;
  /** One line for people. */
  readonly reason: string;
}

/** From here on the surroundings are the same. By night against day of one street they agree to 0.2 at most, by rain against sun to 0.6 and more. */
const LEAST_AGREEMENT = 0.5;
/** So alike is the same thing; from the cures of the field for parked cars, loosened from .90 since hours may lie between. */
const SAME = 0.75;
/** So unlike is surely another thing. */
const OTHER = 0.3;
/** A difference of less than this is light and noise, grey levels. */
const SEEN_GREY = 14;
/** An incident that changed less of its own place than this was not seen in its picture, share of the place. */
const LEAST_CHANGED = 0.06;
/** Below this spread a place is plain: two plain places always look alike, grey levels. */
const PLAIN_GREY = 5;
/** How clearly the one must be likelier than the other, -1..1. */
const CLEARLY = 0.25;
/** What is left of the change at most, where the scene is as it was; … */
const AS_BEFORE = 0.2;
/** … and at least, where as much goes on as did. */
const AS_MUCH = 0.6;
/** A place of which more than this is hidden by privacy masks is not seen, share. */
const MOST_HIDDEN = 0.4;
/** What a JPEG makes of black at most, grey levels. */
const HIDDEN_GREY = 3;
/** Around the box, of the picture: where one looks closer. */
const MARGIN = 0.01;
/** Smallest side that can be judged, share of the picture: three pixels of 640. */
const LEAST_SIDE = 0.005;

const cannot = (reason: string): Answer => ({ presence: 'cannot_tell', reason: `${reason}: a person must look` });

/**
 * Judges a thing that stays where it is: a vehicle that stands, an object that was left, or the place of one that was taken.
 *
 * @param thing what it is called in the reason, with its article.
 */
export const judgeThing = (incident: Pick<Incident, 'box'>, view: PresentView, thing: string): Answer =>
  byEither(view, (one) => compareThing(incident, one, thing));

function compareThing(incident: Pick<Incident, 'box'>, view: PresentView, thing: string): Answer {
  const seen = compare(incident.box, view);
  if ('presence' in seen) return seen;
  const { place, before, present, scene } = seen;
  const same = correlation(before, present, PLAIN_GREY / 2);
  if (scene === null) {
    if (spread(before) < PLAIN_GREY)
      return cannot(`${thing} has nothing that tells it from its surroundings, and the scene before it is not kept`);
    if (same >= SAME) return there(`${thing} looks as it did (${percent(same)} alike, at least ${percent(SAME)})`);
    if (same <= OTHER) return gone(`its place looks otherwise now (${percent(same)} alike, at most ${percent(OTHER)})`);
    return cannot(`its place looks somewhat otherwise (${percent(same)} alike)`);
  }
  const where = place.flatMap((_, i) => (Math.abs((before[i] as number) - (scene[i] as number)) >= SEEN_GREY ? [i] : []));
  if (where.length < LEAST_CHANGED * place.length) return cannot(`${thing} is hardly to be seen in the incident’s own picture`);
  const [fromBefore, fromScene] = [apart(present, before, where), apart(present, scene, where)];
  const change = apart(before, scene, where);
  const likeScene = correlation(scene, present, PLAIN_GREY / 2);
  // Brightness tells most of a plain thing, structure most of one in a shadow that has moved on.
  const byGrey = (fromScene - fromBefore) / Math.max(1, fromScene + fromBefore);
  const leaning = (byGrey + (same - likeScene) / 2) / 1.5;
  const nearest = Math.min(fromBefore, fromScene) / change;
  const fits = nearest <= 0.5 || Math.max(same, likeScene) >= SAME;
  if (leaning >= CLEARLY && fits)
    return there(`${thing} looks as it did (${percent(same)} alike; the empty place would be ${percent(likeScene)})`);
  if (leaning <= -CLEARLY && fits)
    return gone(`its place looks as it did before (${percent(likeScene)} alike; ${thing} would be ${percent(same)})`);
  return cannot('something else is to be seen there');
}

/**
 * Judges what goes on in a place: people who crowd, vehicles that queue, smoke, water. Each time it looks different, so what counts is how much
 * of the place is not as it was before the incident.
 *
 * @param what it is called in the reason, with its article.
 */
export function judgeActivity(incident: Pick<Incident, 'box'>, view: PresentView, what: string): Answer {
  const seen = compare(incident.box, view);
  if ('presence' in seen) return seen;
  const { before, present, scene } = seen;
  if (scene === null) return cannot('the scene before the incident is not kept');
  const [then, now] = [changedShare(before, scene), changedShare(present, scene)];
  if (then < LEAST_CHANGED) return cannot(`${what} is hardly to be seen in the incident’s own picture`);
  if (now <= AS_BEFORE * then) return gone(`its place looks as it did before (${percent(now)} of it is changed; it was ${percent(then)})`);
  if (now >= AS_MUCH * then)
    return there(`about as much is to be seen there as then (${percent(now)} of the place is changed; it was ${percent(then)})`);
  return cannot(`something is to be seen there, but less than then (${percent(now)} of the place is changed; it was ${percent(then)})`);
}

/** By what the place is without those who pass; where that says nothing, since somebody stood there for long, by the incident's very picture. */
function byEither(view: PresentView, judge: (view: PresentView) => Answer): Answer {
  const { steady } = view;
  const first = judge({ ...view, before: steady ?? view.before });
  if (steady === null || first.presence !== 'cannot_tell') return first;
  const second = judge(view);
  return second.presence === 'cannot_tell' ? first : second;
}

/** What can be compared at a place: cells of it, and the three pictures there in one light. */
interface Compared {
  readonly place: readonly number[];
  readonly before: Float32Array;
  readonly present: Float32Array;
  readonly scene: Float32Array | null;
}

function compare(box: Box, { picture, before, scene }: PresentView): Compared | Answer {
  if (picture === null) return cannot('there is no present picture');
  if (before === null) return cannot('the incident’s own picture is not kept');
  if (!(box.x2 - box.x1 >= LEAST_SIDE && box.y2 - box.y1 >= LEAST_SIDE)) return cannot('the place is too small to tell anything of it');
  const own = surroundingsOf(before, box);
  const present = compareSurroundings(own, picture, box);
  const earlier = scene === null ? null : compareSurroundings(own, scene, box);
  const frame = frameAround(box);
  const all = cellsOf(box, frame);
  const place = all.filter((cell) => !isHidden(cell, present));
  if (place.length < (1 - MOST_HIDDEN) * all.length) return cannot('privacy masks hide the place, or it was wholly dark');
  const different = controlOf(present, 'now');
  if (different !== null) return different;
  return {
    place,
    before: valuesAt(present.first, place),
    present: valuesAt(present.second, place),
    // The scene before it is not of use where even seconds before everything looked different.
    scene: earlier === null || controlOf(earlier, 'before it') !== null ? null : valuesAt(earlier.second, place),
  };
}

function controlOf({ agreement }: Surroundings, when: string): Answer | null {
  if (agreement === null) return cannot('there is nothing around the place by which the two pictures could be compared');
  if (agreement >= LEAST_AGREEMENT) return null;
  return cannot(
    `the surroundings look different ${when} too (${percent(Math.max(0, agreement))} alike, at least ${percent(LEAST_AGREEMENT)}): light, weather, something in front, or the camera was turned`,
  );
}

/** What a privacy mask has blackened, as nearly as a JPEG keeps black. */
const isHidden = (cell: number, { first }: Surroundings): boolean => (first[cell] as number) < HIDDEN_GREY;

const changedShare = (a: Float32Array, b: Float32Array): number =>
  a.reduce((count, grey, i) => count + (Math.abs(grey - (b[i] as number)) >= SEEN_GREY ? 1 : 0), 0) / Math.max(1, a.length);

const apart = (a: Float32Array, b: Float32Array, where: readonly number[]): number =>
  meanOf(where.map((i) => Math.abs((a[i] as number) - (b[i] as number))));

const there = (reason: string): Answer => ({ presence: 'still_there', reason });
const gone = (reason: string): Answer => ({ presence: 'gone', reason });
const percent = (share: number): string => `${Math.max(0, Math.round(100 * share))} %`;

/** Where to look: the incident's box with a narrow margin, inside the picture. */
export function placeOf({ box }: Pick<Incident, 'box'>): Box | null {
  const place = {
    x1: Math.max(0, box.x1 - MARGIN),
    y1: Math.max(0, box.y1 - MARGIN),
    x2: Math.min(1, box.x2 + MARGIN),
    y2: Math.min(1, box.y2 + MARGIN),
  };
  return place.x1 < place.x2 && place.y1 < place.y2 ? place : null;
}

/** How a rule looks again at things that stay where they are. @param thing with its article, such as `the vehicle`. */
export const lookForThing = (thing: string): Reinspection => ({
  place: placeOf,
  judge: (incident, view) => judgeThing(incident, view, thing),
});

/** How a rule looks again at what goes on in a place. @param what with its article, such as `the crowd`. */
export const lookForActivity = (what: string): Reinspection => ({
  place: placeOf,
  judge: (incident, view) => judgeActivity(incident, view, what),
});

/** Of what is over in the moment in which it is seen. @param what such as `a crossing`. */
export const overByNature = (what: string): Reinspection => ({
  place: placeOf,
  judge: () => ({ presence: 'gone', reason: `${what} is over when it has been seen: there is nothing left to look for` }),
});
