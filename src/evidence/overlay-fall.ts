import type { Facade } from '../domain/facade.js';
import type { Point } from '../domain/geometry.js';
import type { Incident, ThrowDetails } from '../domain/incident.js';
import { placeWords, throwCaption } from './caption.js';
import { type CardLayout, cardGround, cardWords, fallingText, landedText, layoutCard } from './overlay-card.js';
import type { Drawer } from './overlay-drawer.js';
import { cueDrawing, type FallPicture, fallDrawings, floorDrawing } from './overlay-marks.js';
import { lay, type Size, type Sprite } from './overlay-sprite.js';
import { createFallTimeline, type FacadeRuler, type FallTimeline } from './overlay-timeline.js';
import { magnify, putZoom, type Zoom } from './overlay-zoom.js';
import { largestPosition } from './trail.js';
import { verdictColours } from './trail-band.js';

/** How long before a fall its origin is pointed to, seconds. */
const cueS = 1;
/** How long path and verdict stay after the object was last seen, seconds: so long a person takes to read six short lines. */
const holdS = 4;
/** The magnified picture's height shows so many times the object; less follows every twitch, more shows a dot. */
const zoomSurroundings = 7;
/** Limits of the magnification: below, it shows nothing new; above, nothing but blocks. */
const zoomLimits = [2, 14] as const;

/** Until when the overlay of these incidents has something to say, seconds on the stream's clock; 0 for none. */
export function overlayEndS(incidents: readonly Incident[]): number {
  return Math.max(0, ...incidents.map(({ throw: details }) => (details?.trajectory.at(-1)?.t ?? -holdS) + holdS));
}

/** What the falls of a video are shown on. */
export interface FallStage {
  readonly incidents: readonly Incident[];
  readonly facade: Facade | null;
  readonly ruler: FacadeRuler | null;
  /** Of every picture, pixels. */
  readonly size: Size;
}

/** One incident as the overlay shows it. Seconds on the stream's clock. */
export interface FallShow {
  readonly fromS: number;
  readonly toS: number;
  /** Looks at a picture that nothing is drawn on yet. */
  look(planes: Uint8Array, atS: number): void;
  draw(planes: Uint8Array, atS: number): Promise<void>;
}

interface CardParts {
  readonly layout: CardLayout;
  readonly ground: Sprite;
  readonly corners: Sprite;
}

/** How each throw is shown; of those that overlap in time, at most two have a card. */
export async function createFallShows(options: FallStage, drawer: Drawer): Promise<FallShow[]> {
  const falls: FallShow[] = [];
  const taken: { readonly side: 'left' | 'right'; readonly fromS: number; readonly toS: number }[] = [];
  const inOrder = options.incidents
    .flatMap((incident) =>
      incident.throw === null || incident.throw.trajectory.length === 0 ? [] : [{ incident, details: incident.throw }],
    )
    .toSorted((a, b) => a.incident.streamTime.start - b.incident.streamTime.start);
  for (const { incident, details } of inOrder) {
    const timeline = createFallTimeline(details, options.size, options.facade, options.ruler);
    const [fromS, toS] = [timeline.startS - cueS, timeline.endS + holdS];
    const free = (['left', 'right'] as const).filter((side) => !taken.some((t) => t.side === side && t.fromS < toS && fromS < t.toS));
    const away = awayFrom(details, options.size);
    const side = free.includes(away) ? away : free[0];
    if (side !== undefined) taken.push({ side, fromS, toS });
    falls.push(await createFall(incident, details, timeline, { fromS, toS, side }, options, drawer));
  }
  return falls;
}

/** The side of the picture that is farther from the path. */
function awayFrom(details: ThrowDetails, size: Size): 'left' | 'right' {
  const xs = [...details.trajectory.map((p) => p.x * size.width), details.origin.point.x * size.width];
  return Math.min(...xs) > size.width - Math.max(...xs) ? 'left' : 'right';
}

/** @param place `side` is where its card goes; none when both sides are taken by others. */
async function createFall(
  incident: Incident,
  details: ThrowDetails,
  timeline: FallTimeline,
  place: { readonly fromS: number; readonly toS: number; readonly side: 'left' | 'right' | undefined },
  options: FallStage,
  drawer: Drawer,
): Promise<FallShow> {
  const { size, ruler } = options;
  const colour = verdictColours[incident.verdict];
  const caption = throwCaption(incident, details);
  const toPixels = (p: Point): Point => ({ x: p.x * size.width, y: p.y * size.height });
  const origin = toPixels(details.origin.point);
  const labelSide: 'left' | 'right' = place.side === 'left' ? 'right' : 'left';
  const card = place.side === undefined ? null : await createCard(layoutCard(place.side, size), colour, size, drawer);
  const best = largestPosition(details.trajectory)?.t ?? timeline.endS;
  const factor = card === null ? 1 : zoomFactor(details, size, card.layout.zoom);
  let zoom: Zoom | null = null;
  let kept: { readonly zoom: Zoom; readonly apartS: number } | null = null;
  let cue: readonly Sprite[] | null = null;
  let landed: readonly Sprite[] | null = null;

  const picture = (atS: number): Omit<FallPicture, 'landing'> => ({
    path: timeline.pathUntil(atS),
    moment: timeline.at(atS),
    origin,
    originLabel: placeWords(details) ?? 'First seen',
    side: labelSide,
    colour,
  });
  const sprites = async (atS: number): Promise<readonly Sprite[]> => {
    if (atS < timeline.startS) {
      cue ??= [await drawer.one(cueDrawing(origin, colour, size))];
      return cue;
    }
    if (atS > timeline.endS) {
      landed ??= await landedSprites(atS);
      return landed;
    }
    const floor = ruler === null ? null : floorDrawing(timeline.at(atS), ruler, labelSide, size);
    const drawings = [...(floor === null ? [] : [floor]), ...fallDrawings({ ...picture(atS), landing: null }, size)];
    if (card !== null) drawings.push(cardWords(fallingText(timeline.at(atS)), card.layout, colour, size));
    return await Promise.all(drawings.map(drawer.one));
  };
  const landedSprites = async (atS: number): Promise<readonly Sprite[]> => {
    const { point, extrapolated } = details.landing;
    const drawings = [...fallDrawings({ ...picture(atS), landing: { at: toPixels(point), extrapolated, label: caption.landing } }, size)];
    if (card !== null) drawings.push(cardWords(landedText(caption), card.layout, colour, size));
    return await Promise.all(drawings.map(drawer.one));
  };

  return {
    fromS: place.fromS,
    toS: place.toS,
    look(planes, atS) {
      if (card === null) return;
      const moment = timeline.at(atS);
      if (atS > timeline.endS) {
        zoom = kept?.zoom ?? zoom;
        return;
      }
      zoom = magnify(planes, size, moment.at, factor, card.layout.zoom);
      const apartS = Math.abs(atS - best);
      if (kept === null || apartS < kept.apartS) kept = { zoom, apartS };
    },
    async draw(planes, atS) {
      if (card !== null) lay(card.ground, planes);
      for (const sprite of await sprites(atS)) lay(sprite, planes);
      if (card === null || zoom === null) return;
      putZoom(zoom, planes, size, card.layout.zoom);
      lay(card.corners, planes);
    },
  };
}

async function createCard(layout: CardLayout, colour: string, size: Size, drawer: Drawer): Promise<CardParts> {
  const [ground, corners] = cardGround(layout, colour, size);
  return { layout, ground: await drawer.one(ground), corners: await drawer.one(corners) };
}

/** One magnification for the whole fall, by the object's usual size: one that changes makes the picture swim. */
function zoomFactor(details: ThrowDetails, size: Size, zoom: Size): number {
  const sides = details.trajectory.map((p) => Math.max(p.w * size.width, p.h * size.height)).sort((a, b) => a - b);
  const usualPx = Math.max(1, sides[Math.floor(sides.length / 2)] ?? 1);
  return Math.min(zoomLimits[1], Math.max(zoomLimits[0], zoom.height / (zoomSurroundings * usualPx)));
}
