import type { Facade } from '../../domain/facade.js';
import { type Incident, wallClockMs } from '../../domain/incident.js';
import type { Redaction } from '../../domain/redaction.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { PlanarColours } from '../../media/redraw.js';
import { isWallClock, utcDate, utcTime } from '../drawing/caption.js';
import { lay, type Size, type Sprite } from '../drawing/sprite.js';
import { clearAt } from '../privacy/clear.js';
import { coarsenPlanes, planarPlan } from '../privacy/coarse.js';
import { maskSprite } from '../privacy/mask-sprite.js';
import { plateDrawing } from './overlay-card.js';
import { createDrawer } from './overlay-drawer.js';
import { createFallShows } from './overlay-fall.js';
import { facadeDrawing } from './overlay-marks.js';
import { createStreetLayer, type StreetStage } from './overlay-street.js';
import type { FacadeRuler } from './overlay-timeline.js';

export interface OverlayOptions {
  readonly cameraId: string;
  /** As they ended. */
  readonly incidents: readonly Incident[];
  /** As they were told of before; those of throws are not needed. */
  readonly reports: readonly Incident[];
  readonly placeOf: StreetStage['placeOf'];
  readonly facade: Facade | null;
  /** The facade's geometry in pictures of that size; `null` without a facade. */
  readonly ruler: FacadeRuler | null;
  /** Done before anything is drawn. */
  readonly redaction: Redaction;
  /** Of every picture, pixels. */
  readonly size: Size;
  readonly colours: PlanarColours;
  readonly tools: Pick<MediaTools, 'renderSvg'>;
}

/** Draws what was found on a video's pictures. */
export interface Overlay {
  /** Draws on one picture, in the order of time. The same picture, time and incidents give the same bytes. */
  draw(picture: { readonly atS: number; readonly data: Uint8Array }): Promise<void>;
}

export async function createOverlay(options: OverlayOptions): Promise<Overlay> {
  const { size, facade, ruler, incidents, cameraId } = options;
  const drawer = createDrawer(options.tools, size, options.colours);
  const { redaction } = options;
  const mask = maskSprite(redaction.black, size, options.colours);
  const plan = planarPlan(redaction, size);
  const ground = facade === null || ruler === null ? [] : await drawer.strips(facadeDrawing(facade, ruler, size));
  const falls = await createFallShows(options, drawer);
  // Labels of landings stand on the other side of the path than the card.
  const plateSide = falls[0]?.cardSide ?? 'left';
  const street = createStreetLayer(options, plateSide, drawer);
  let plate: { readonly text: string; readonly sprites: readonly Sprite[] } | null = null;

  return {
    async draw({ atS, data }) {
      lay(mask, data);
      if (plan !== null) coarsenPlanes(data, plan, clearAt(incidents, atS, size));
      const active = falls.filter((fall) => atS >= fall.fromS && atS < fall.toS);
      // Cut out before anything is drawn: a person wants to see the object, not the marks.
      for (const fall of active) fall.look(data, atS);
      for (const sprite of ground) lay(sprite, data);
      await street.draw(data, atS);
      for (const fall of active) await fall.drawMarks(data, atS);
      const text = plateText(cameraId, incidents[0], atS);
      if (plate?.text !== text) plate = { text, sprites: [await drawer.one(plateDrawing(text, plateSide, size))] };
      for (const sprite of plate.sprites) lay(sprite, data);
      for (const fall of active) await fall.drawCard(data, atS);
    },
  };
}

function plateText(cameraId: string, incident: Incident | undefined, atS: number): string {
  const wall = incident === undefined ? 0 : wallClockMs(incident, atS);
  if (isWallClock(wall)) return `${cameraId} · ${utcDate(wall)} ${utcTime(wall).slice(0, 8)} UTC`;
  const seconds = Math.floor(atS);
  return `${cameraId} · ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
