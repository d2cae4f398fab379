import { areaOf, intersectionOverUnion } from '../../core/geometry/box.js';
import type { GroundPlane } from '../../core/geometry/ground-plane.js';
import type { Box } from '../../domain/geometry.js';
import type { SceneState, StreetFrame, TrackedObject } from '../../domain/street.js';
import type { RuleContext } from '../contract.js';
import { footOf } from './boxes.js';
import { widthOnGround } from './ground-area.js';
import { counting } from './matching.js';
import type { Place } from './place.js';
import { sightOfObject, sightOfThing } from './standing-sights.js';
import type { StandingSight } from './standing-watch.js';

export interface VehicleSightOptions {
  /** Labels that count, with a model. */
  readonly labels: readonly string[];
  readonly leastScore: number;
  readonly context: Pick<RuleContext, 'width' | 'height' | 'ground'>;
}

/** Who has come so far, in his own sizes, was seen to come; without a model a box is as long as two that pass each other. */
const ARRIVED = 0.5;
/** What moved is known for so long, milliseconds: the background finds what stands some seconds after it stopped. */
const MOVED_MS = 60_000;
/** Things that moved, at most. */
const MAX_MOVED = 100;
/** Overlap from which what stands is what came there; boxes of motion are longer by a shadow. */
const SAME = 0.3;
/** How far before a vehicle its headlights throw a patch, its own widths, and within what time the patch stands with it, milliseconds. */
const LIGHT_REACH = 0.5;
const LIGHT_MS = 3_000;
/** Mean grey of a picture below which it is dark: streets under lamps have 30 to 70, a grey noon 90. */
const DARK_GREY = 80;
/** And strength of its colours, grey: lamps leave 1 to 1.7 however much the camera lifts the night, an overcast noon 3. */
const FAINT_COLOURS = 2;
/** How wide the side of a vehicle is that a camera sees, metres: from a three-wheeler's front to an articulated bus. */
const WIDTH_M = { least: 1.2, most: 20 };
/** Where metres are unknown: width ÷ height (people are half as wide as high), and share of the picture, of the smallest car worth a case. */
const LEAST_ASPECT = 0.75;
const LEAST_AREA = 0.003;

/**
 * Vehicles that stand: by the model's labels. Without a model, what the background did not show, was seen to come, and is as large as a vehicle.
 */
export function createVehicleSights({
  labels,
  leastScore,
  context,
}: VehicleSightOptions): (frame: StreetFrame) => readonly StandingSight[] {
  const aspect = context.width / context.height;
  let moved: { readonly box: Box; readonly ptsMs: number }[] = [];

  function unnamed(frame: StreetFrame): readonly StandingSight[] {
    const { ptsMs } = frame;
    moved = moved.filter((one) => ptsMs - one.ptsMs <= MOVED_MS);
    for (const object of frame.objects) {
      if (object.state === 'confirmed' && hasCome(object)) moved.push({ box: object.box, ptsMs });
    }
    if (moved.length > MAX_MOVED) moved = moved.slice(-MAX_MOVED);
    // Boxes of motion merge and fall apart around what has stopped: the background knows better where that stands.
    return frame.still
      .filter(({ kind, state, box }) => kind === 'added' && state !== 'gone' && isVehicleSized(box, context.ground, aspect))
      .filter(({ box }) => moved.some((one) => intersectionOverUnion(one.box, box) >= SAME))
      .map((thing) => sightOfThing(thing, true));
  }

  return (frame) =>
    frame.named ? counting(frame, labels, leastScore).flatMap((object) => sightOfObject(object, hasCome(object)) ?? []) : unnamed(frame);
}

/** Whether headlights show on the road: by infrared, or under lamps. */
const isDark = ({ night, brightness, saturation }: SceneState): boolean => night || brightness < DARK_GREY || saturation < FAINT_COLOURS;

/** Without a model and in the dark, what stands besides the patches that headlights of standing vehicles throw on the road. */
export function withoutLights(standing: readonly Place[], { named, scene }: Pick<StreetFrame, 'named' | 'scene'>): readonly Place[] {
  return named || !isDark(scene) ? standing : standing.filter((place) => !standing.some((other) => isLightOf(place, other)));
}

/** Whether something is the light that a vehicle beside it throws on the road: it came with it. */
function isLightOf(sight: Pick<Place, 'box' | 'sincePtsMs'>, vehicle: Pick<Place, 'box' | 'sincePtsMs'>): boolean {
  if (areaOf(sight.box) >= areaOf(vehicle.box) || Math.abs(sight.sincePtsMs - vehicle.sincePtsMs) > LIGHT_MS) return false;
  const reach = LIGHT_REACH * (vehicle.box.x2 - vehicle.box.x1);
  const apart = Math.max(sight.box.x1 - vehicle.box.x2, vehicle.box.x1 - sight.box.x2);
  return apart <= reach && sight.box.y1 < vehicle.box.y2 + (vehicle.box.y2 - vehicle.box.y1) && sight.box.y2 > vehicle.box.y1;
}

/** Whether an object was seen to come to where it is. */
export function hasCome({ path, box, stillBox }: TrackedObject): boolean {
  const place = stillBox ?? box;
  const { x, y } = footOf(place);
  const [width, height] = [place.x2 - place.x1, place.y2 - place.y1];
  // The way that leads into the depth of the picture is short in it.
  return path.some((point) => Math.abs(point.x - x) > ARRIVED * width || Math.abs(point.y - y) > 0.5 * ARRIVED * height);
}

/** Whether something without a name may be a vehicle by its size. */
export function isVehicleSized(box: Box, ground: GroundPlane | null, aspect: number): boolean {
  const width = widthOnGround(box, ground);
  if (width !== null) return width >= WIDTH_M.least && width <= WIDTH_M.most;
  return ((box.x2 - box.x1) * aspect) / (box.y2 - box.y1) >= LEAST_ASPECT && areaOf(box) >= LEAST_AREA;
}
