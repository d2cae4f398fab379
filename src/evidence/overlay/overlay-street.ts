import type { Box } from '../../domain/geometry.js';
import type { Incident } from '../../domain/incident.js';
import { scale, verdictColours } from '../drawing/look.js';
import { drawLabel } from '../drawing/marks.js';
import { lay, type Size, type Sprite } from '../drawing/sprite.js';
import { streetCaption } from '../drawing/street-caption.js';
import { textWidthPx } from '../drawing/svg-text.js';
import { boxAround, outline, type PlaceOutline } from '../pictures/street-band.js';
import type { Drawer } from './overlay-drawer.js';

/** How long an incident is named at least, seconds: a crossing is over before anybody has read its name. */
const leastShownS = 2;
/** How long a box stands where something was seen that has moved on since, seconds before and after: longer, and it is around nothing. */
const momentS = 0.6;
/** Share that the first and the last box have in common (intersection over union) where a thing stays: what walks or drives off has less within a second. */
const stayingOverlap = 0.5;
/** Names that are shown at a time; more would cover the scene. */
const mostNames = 6;

/** What the incidents of a street are shown on. */
export interface StreetStage {
  /** As they ended; throws among them are shown as falls. */
  readonly incidents: readonly Incident[];
  /** The same as they were told of on the way, in any order: where they were then. */
  readonly reports: readonly Incident[];
  /** The zone or line of a name, as people have drawn it. */
  readonly placeOf: (name: string | null) => PlaceOutline | null;
  /** Of every picture, pixels. */
  readonly size: Size;
}

interface StreetShow {
  readonly incident: Incident;
  readonly fromS: number;
  readonly toS: number;
  readonly boxes: readonly { readonly fromS: number; readonly toS: number; readonly box: Box }[];
  /** Line of its name, from below; `null` when all are taken. */
  readonly row: number | null;
}

/** Draws what goes on in a street: its name as long as it is open, the place that its rule is about, and a box where it was seen. Times of pictures must not go back. */
export function createStreetLayer(
  stage: StreetStage,
  side: 'left' | 'right',
  drawer: Drawer,
): { draw(planes: Uint8Array, atS: number): Promise<void> } {
  const { size } = stage;
  const coming = showsOf(stage);
  let open: readonly (StreetShow & { readonly index: number })[] = [];
  let begun = 0;
  let last: { readonly key: string; readonly sprites: readonly Sprite[] } = { key: '', sprites: [] };
  return {
    async draw(planes, atS) {
      // Pictures come in the order of their times, so that what is over or has not begun yet is not asked at every one.
      for (let next = coming[begun]; next !== undefined && next.fromS <= atS; next = coming[++begun])
        open = [...open, { ...next, index: begun }];
      open = open.filter(({ toS }) => atS < toS);
      const active = open.map((show) => {
        const at = show.boxes.findIndex(({ fromS, toS }) => atS >= fromS && atS < toS);
        return { show, box: show.boxes[at]?.box ?? null, key: `${show.index}.${at}` };
      });
      const key = active.map((one) => one.key).join(' ');
      if (key !== last.key)
        last = { key, sprites: key === '' ? [] : await drawer.strips({ svg: drawn(active), region: { left: 0, top: 0, ...size } }) };
      for (const sprite of last.sprites) lay(sprite, planes);
    },
  };

  function drawn(active: readonly { readonly show: StreetShow; readonly box: Box | null }[]): string {
    const { width, height } = size;
    const places = new Set(active.map(({ show }) => show.incident.zone));
    const outlines = [...places].map((name) => stage.placeOf(name)).filter((place) => place !== null);
    return [
      ...outlines.map((place) => outline(place, width, height)),
      ...active.map(({ show, box }) => (box === null ? '' : boxAround(box, verdictColours[show.incident.verdict], width, height))),
      ...active.map(({ show }) => (show.row === null ? '' : nameOf(show.incident, show.row))),
    ].join('');
  }

  /** Above the line that says camera and time. */
  function nameOf(incident: Incident, row: number): string {
    const fontPx = scale.labelFont * size.width;
    const { title } = streetCaption(incident);
    const text = `${title}${incident.zone === null ? '' : ` · ${incident.zone}`}${incident.verdict === 'suspected' ? ', suspected' : ''}`;
    const width = Math.min(size.width, textWidthPx(text, fontPx, true) + 1.1 * fontPx);
    const height = 1.6 * fontPx;
    const x = side === 'left' ? 0 : size.width - width;
    const y = size.height - 0.04 * size.width - (row + 1) * 1.15 * height;
    return drawLabel({ text, x, y, width, height, fontPx }, verdictColours[incident.verdict]);
  }
}

function showsOf({ incidents, reports }: StreetStage): readonly StreetShow[] {
  const toldOf = new Map<string, Incident[]>(incidents.map(({ id }) => [id, []]));
  for (const report of reports) if (report.phase !== 'end') toldOf.get(report.id)?.push(report);
  const inOrder = incidents.filter((incident) => incident.throw === null).toSorted((a, b) => a.streamTime.start - b.streamTime.start);
  let open: readonly StreetShow[] = [];
  return inOrder.map((incident) => {
    const fromS = incident.streamTime.start;
    const toS = Math.max(incident.streamTime.end, fromS + leastShownS);
    open = open.filter((show) => show.toS > fromS);
    const taken = new Set(open.map(({ row }) => row));
    const row = Array.from({ length: mostNames }, (_, i) => i).find((i) => !taken.has(i)) ?? null;
    const show = { incident, fromS, toS, boxes: boxesOf(incident, toldOf.get(incident.id) ?? [], fromS, toS), row };
    open = [...open, show];
    return show;
  });
}

/** A thing that stays has one box as long as it is there; of what moves on is known only where it was when it was told of. */
function boxesOf(incident: Incident, told: readonly Incident[], fromS: number, toS: number): StreetShow['boxes'] {
  const inOrder = told.toSorted((a, b) => a.streamTime.end - b.streamTime.end);
  const first = inOrder[0];
  if (first === undefined || overlap(first.box, incident.box) >= stayingOverlap) return [{ fromS, toS, box: incident.box }];
  // The latest first: where two are near each other in time, it is the one that holds.
  return inOrder.toReversed().map(({ box, streamTime: { end } }) => ({ fromS: end - momentS, toS: end + momentS, box }));
}

/** Intersection over union, 0..1. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  const shared = Math.max(0, width) * Math.max(0, height);
  const area = (box: Box): number => (box.x2 - box.x1) * (box.y2 - box.y1);
  const all = area(a) + area(b) - shared;
  return all > 0 ? shared / all : 1;
}
