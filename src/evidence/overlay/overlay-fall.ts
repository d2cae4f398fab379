import type { Facade } from '../../domain/facade.js';
import type { Point } from '../../domain/geometry.js';
import type { Incident, ThrowDetails } from '../../domain/incident.js';
import { placeWords, throwCaption } from '../drawing/caption.js';
import { verdictColours } from '../drawing/look.js';
import { lay, type Size, type Sprite } from '../drawing/sprite.js';
import { largestPosition } from '../pictures/best-view.js';
import { type CardLayout, cardGround, cardWords, fallingText, landedText, layoutCard } from './overlay-card.js';
import type { Drawer } from './overlay-drawer.js';
import { cueDrawing, type FallPicture, fallDrawings, floorDrawing } from './overlay-marks.js';
import { createFallTimeline, type FacadeRuler, type FallTimeline } from './overlay-timeline.js';
import { magnify, putZoom, type Zoom } from './overlay-zoom.js';

/** How long before a fall its origin is pointed to, seconds. */
const cueS = 1;
/** How long path and verdict stay after the object was last seen, seconds: so long a person takes to read six short lines. */
const holdS = 4;
/** The same where another fall needs its room: the headline and the height. */
const shortHoldS = 1.5;
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
  /** Where its card is; `null` when both sides are taken by others. */
  readonly cardSide: 'left' | 'right' | null;
  /** Looks at a picture that nothing is drawn on yet. */
  look(planes: Uint8Array, atS: number): void;
  drawMarks(planes: Uint8Array, atS: number): Promise<void>;
  /** Drawn over the marks of all. */
  drawCard(planes: Uint8Array, atS: number): Promise<void>;
}

interface CardParts {
  readonly layout: CardLayout;
  readonly ground: Sprite;
  readonly corners: Sprite;
}

/** Where the card of a throw is, and how long it may stay there. Seconds on the stream's clock. */
interface CardPlace {
  readonly side: 'left' | 'right';
  readonly fromS: number;
  /** It may be taken from here on by the next throw. */
  readonly freeS: number;
  untilS: number;
}

/** How each throw is shown. Of those that fall at the same time, two have a card; a verdict makes room for the next fall. */
export async function createFallShows(options: FallStage, drawer: Drawer): Promise<FallShow[]> {
  const falls: FallShow[] = [];
  const places: CardPlace[] = [];
  const inOrder = options.incidents
    .flatMap((incident) =>
      incident.throw === null || incident.throw.trajectory.length === 0 ? [] : [{ incident, details: incident.throw }],
    )
    .toSorted((a, b) => a.incident.streamTime.start - b.incident.streamTime.start);
  const staged = inOrder.map(({ incident, details }) => {
    const timeline = createFallTimeline(details, options.size, options.facade, options.ruler);
    const place = placeCard(places, timeline, awayFrom(details, options.size));
    if (place !== null) places.push(place);
    return { incident, details, timeline, place };
  });
  for (const fall of staged) {
    const { startS, endS } = fall.timeline;
    const inTheWay = places.filter((place) => place.fromS < endS + holdS && startS < place.untilS);
    falls.push(await createFall(fall, roomBetween(inTheWay, options.size), options, drawer));
  }
  return falls;
}

/** The columns that cards leave free at a height. */
function roomBetween(places: readonly CardPlace[], size: Size): FallPicture['roomAt'] {
  const cards = places.map(({ side }) => ({ side, ...layoutCard(side, size).card }));
  return (y) => {
    const beside = cards.filter(({ top, height }) => y < top + 1.1 * height);
    const lefts = beside.filter(({ side }) => side === 'left').map(({ left, width }) => left + width);
    const rights = beside.filter(({ side }) => side === 'right').map(({ left }) => left);
    return [Math.max(0, ...lefts), Math.min(size.width, ...rights)];
  };
}

/** On the side away from the path unless only the other is free; `null` when neither is. */
function placeCard(places: readonly CardPlace[], { startS, endS }: FallTimeline, away: 'left' | 'right'): CardPlace | null {
  const lastOn = (side: 'left' | 'right'): CardPlace | undefined => places.findLast((place) => place.side === side);
  const other = away === 'left' ? 'right' : 'left';
  const sides = [away, other] as const;
  const isFree = (end: 'untilS' | 'freeS') => (side: 'left' | 'right') => (lastOn(side)?.[end] ?? startS) <= startS;
  const side = sides.find(isFree('untilS')) ?? sides.find(isFree('freeS'));
  if (side === undefined) return null;
  const before = lastOn(side);
  if (before !== undefined) before.untilS = Math.min(before.untilS, startS);
  return { side, fromS: startS, freeS: endS + shortHoldS, untilS: endS + holdS };
}

/** The side of the picture that is farther from the path. */
function awayFrom(details: ThrowDetails, size: Size): 'left' | 'right' {
  const xs = [...details.trajectory.map((p) => p.x * size.width), details.origin.point.x * size.width];
  return Math.min(...xs) > size.width - Math.max(...xs) ? 'left' : 'right';
}

/** @param fall `place` of its card is `null` when both sides are taken by others. */
async function createFall(
  fall: {
    readonly incident: Incident;
    readonly details: ThrowDetails;
    readonly timeline: FallTimeline;
    readonly place: CardPlace | null;
  },
  roomAt: FallPicture['roomAt'],
  options: FallStage,
  drawer: Drawer,
): Promise<FallShow> {
  const { incident, details, timeline, place } = fall;
  const { size, ruler } = options;
  const colour = verdictColours[incident.verdict];
  const caption = throwCaption(incident, details);
  const toPixels = (p: Point): Point => ({ x: p.x * size.width, y: p.y * size.height });
  const origin = toPixels(details.origin.point);
  const labelSide: 'left' | 'right' = place?.side === 'left' ? 'right' : 'left';
  const card = place === null ? null : await createCard(layoutCard(place.side, size), colour, size, drawer);
  const best = clearestS(details, timeline);
  const factor = card === null ? 1 : zoomFactor(details, size, card.layout.zoom);
  let zoom: Zoom | null = null;
  let kept: { readonly zoom: Zoom; readonly apartS: number } | null = null;
  let cue: readonly Sprite[] | null = null;
  let landed: readonly Sprite[] | null = null;
  let verdict: Sprite | null = null;

  const picture = (atS: number): Omit<FallPicture, 'landing'> => ({
    path: timeline.pathUntil(atS),
    moment: timeline.at(atS),
    origin,
    originLabel: placeWords(details) ?? 'First seen',
    side: labelSide,
    roomAt,
    colour,
  });
  const marks = async (atS: number): Promise<readonly Sprite[]> => {
    if (atS < timeline.startS) {
      cue ??= [await drawer.one(cueDrawing(origin, colour, size))];
      return cue;
    }
    if (atS > timeline.endS) {
      const landing = { at: toPixels(details.landing.point), extrapolated: details.landing.extrapolated, label: caption.landing };
      landed ??= await Promise.all(fallDrawings({ ...picture(atS), landing }, size).map(drawer.one));
      return landed;
    }
    const floor = ruler === null ? null : floorDrawing(timeline.at(atS), ruler, labelSide, size);
    const drawings = [...(floor === null ? [] : [floor]), ...fallDrawings({ ...picture(atS), landing: null }, size)];
    return await Promise.all(drawings.map(drawer.one));
  };
  const words = async (layout: CardLayout, atS: number): Promise<Sprite> => {
    if (atS <= timeline.endS) return await drawer.one(cardWords(fallingText(timeline.at(atS)), layout, colour, size));
    verdict ??= await drawer.one(cardWords(landedText(caption), layout, colour, size));
    return verdict;
  };

  return {
    fromS: timeline.startS - cueS,
    toS: timeline.endS + holdS,
    cardSide: place?.side ?? null,
    look(planes, atS) {
      if (card === null || atS < timeline.startS) return;
      if (atS > timeline.endS) {
        zoom = kept?.zoom ?? zoom;
        return;
      }
      zoom = magnify(planes, size, timeline.at(atS).at, factor, card.layout.zoom);
      const apartS = Math.abs(atS - best);
      if (kept === null || apartS < kept.apartS) kept = { zoom, apartS };
    },
    async drawMarks(planes, atS) {
      for (const sprite of await marks(atS)) lay(sprite, planes);
    },
    async drawCard(planes, atS) {
      if (card === null || place === null || atS < place.fromS || atS >= place.untilS) return;
      lay(card.ground, planes);
      lay(await words(card.layout, atS), planes);
      if (zoom === null) return;
      putZoom(zoom, planes, size, card.layout.zoom);
      lay(card.corners, planes);
    },
  };
}

/** When the object is largest, its first third aside: there it may be in a hand still, and is farthest away. Seconds. */
function clearestS(details: ThrowDetails, { startS, endS }: FallTimeline): number {
  return largestPosition(details.trajectory.filter(({ t }) => t >= startS + (endS - startS) / 3))?.t ?? endS;
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
