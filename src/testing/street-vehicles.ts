import type { Box } from '../domain/geometry.js';
import type { StillThing, TrackedObject } from '../domain/street.js';
import { paintedPicture } from './street-picture.js';
import { type Moment, object, standing, stillThing } from './street-script.js';

/** A vehicle of a script. Seconds. */
export interface ScriptedVehicle {
  readonly id: number;
  /** Where it stands, and how large it is. */
  readonly x: number;
  readonly y: number;
  readonly width?: number;
  readonly height?: number;
  /** When it stops there, and when it drives away; it drives in and out for four seconds, a tenth of the picture each. */
  readonly stops: number;
  readonly leaves: number;
  readonly label?: string;
  readonly score?: number;
  /** How it looks; its id by default. */
  readonly seed?: number;
  /** Spans in which the tracker does not see it. */
  readonly unseen?: readonly (readonly [number, number])[];
  /** From a moment on the tracker calls it by another id, having lost it. */
  readonly renamed?: { readonly at: number; readonly id: number };
}

const DRIVE_S = 4;
const within = (s: number, [from, to]: readonly [number, number]): boolean => s >= from && s < to;

/** What a scripted street shows at a second: the objects as the tracker would tell them, and their picture. Vehicles given later hide earlier ones. */
export function vehiclesAt(vehicles: readonly ScriptedVehicle[], s: number, { light = 1 } = {}): Moment {
  const painted: { box: Box; seed: number }[] = [];
  const objects: TrackedObject[] = [];
  for (const vehicle of vehicles) {
    if (s < vehicle.stops - DRIVE_S || s >= vehicle.leaves + DRIVE_S) continue;
    const box = boxAt(vehicle, s);
    painted.push({ box, seed: vehicle.seed ?? vehicle.id });
    const unseen = vehicle.unseen?.find((span) => within(s, span));
    const renamed = vehicle.renamed !== undefined && s >= vehicle.renamed.at;
    const still = s >= vehicle.stops && s < vehicle.leaves;
    const since = Math.max(0, vehicle.stops, renamed ? vehicle.renamed.at : 0);
    objects.push(
      object(
        {
          id: renamed ? vehicle.renamed.id : vehicle.id,
          box,
          label: vehicle.label ?? 'car',
          score: vehicle.score ?? 0.8,
          state: unseen === undefined ? 'confirmed' : 'lost',
          seenPtsMs: (unseen === undefined ? s : unseen[0]) * 1000,
          stillSincePtsMs: still ? since * 1000 : null,
          stillBox: still ? box : null,
          path: pathOf(vehicle, renamed ? vehicle.renamed.at : Math.max(0, vehicle.stops - DRIVE_S), s),
        },
        s * 1000,
      ),
    );
  }
  return { objects, picture: paintedPicture(painted, { seed: 1 + Math.round(s * 1000), light }) };
}

/** The same street without a model: what moves is an object, what has come to stand a thing that the background did not show. */
export function unnamedAt(vehicles: readonly ScriptedVehicle[], s: number): Moment {
  const { objects = [], ...shown } = vehiclesAt(vehicles, s);
  const still: StillThing[] = objects
    .filter(({ stillSincePtsMs }) => stillSincePtsMs !== null && s * 1000 - stillSincePtsMs > 5_000)
    .map(({ id, box, stillSincePtsMs, state }) =>
      stillThing({ id, box, sincePtsMs: stillSincePtsMs as number, state: state === 'lost' ? 'occluded' : 'present' }, s * 1000),
    );
  const moving = objects.filter(({ stillSincePtsMs }) => stillSincePtsMs === null).map((one) => ({ ...one, label: 'object' }));
  return { ...shown, named: false, objects: moving, still };
}

function boxAt({ x, y, width = 0.15, height = 0.12, stops, leaves }: ScriptedVehicle, s: number): Box {
  const before = Math.max(0, stops - s) / DRIVE_S;
  const after = Math.max(0, s - leaves) / DRIVE_S;
  return standing(x - 0.4 * before + 0.4 * after, y, width, height);
}

function pathOf(vehicle: ScriptedVehicle, from: number, to: number): TrackedObject['path'] {
  const path: TrackedObject['path'][number][] = [];
  for (let s = from; s <= to; s += 0.5) {
    const { x1, x2, y2 } = boxAt(vehicle, s);
    path.push({ ptsMs: s * 1000, x: (x1 + x2) / 2, y: y2 });
  }
  return path;
}
