import type { Candidate, MotionFrame } from '../core/motion/candidate.js';
import type { Facade } from '../domain/facade.js';
import type { Point } from '../domain/geometry.js';
import { createRandom } from './random.js';

/**
 * A scene of its own, sharing no projection, drag or noise code with the engine: a tower of 20 floors of 3 m, 24 m wide, seen by a camera
 * 45 m away that looks up. It gives candidates as the motion stage would.
 */
export interface TowerView {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** The picture as in a mirror. */
  readonly mirrored?: boolean;
  /** Turns the camera sideways and up, as a share of the picture's height. */
  readonly shift?: Point;
}

/** Where something is at a time, or `null` while it is not there. Seconds; metres to the right, up and out of the facade. */
export type Thing = (t: number) => readonly [number, number, number] | null;

export const TOWER = { floors: 20, floorM: 3, widthM: 24 } as const;
/** Tilt of the camera, radians, and its focal length in picture heights. */
const PITCH = 0.6;
const FOCAL = 0.88;

/** A point of the scene in the picture, pixels. */
export function project(view: TowerView, x: number, y: number, z: number): Point {
  const [dx, dy, dz] = [x - 8, y - 1.6, 45 - z];
  const depth = dz * Math.cos(PITCH) + dy * Math.sin(PITCH);
  const up = dy * Math.cos(PITCH) - dz * Math.sin(PITCH);
  const px = view.width / 2 + view.height * ((FOCAL * dx) / depth + (view.shift?.x ?? 0));
  const py = view.height * (0.5 - (FOCAL * up) / depth + (view.shift?.y ?? 0));
  return { x: view.mirrored === true ? view.width - px : px, y: py };
}

/** The facade as an installer would draw it; its floors may be given another height than they have, metres. */
export function towerFacade(view: TowerView, floorHeightM: number = TOWER.floorM): Facade {
  const corner = (x: number, y: number): Point => {
    const p = project(view, x, y, 0);
    return { x: p.x / view.width, y: p.y / view.height };
  };
  const top = TOWER.floors * TOWER.floorM;
  const corners = [corner(0, top), corner(TOWER.widthM, top), corner(TOWER.widthM, 0), corner(0, 0)] as const;
  const [tl, tr, br, bl] = corners;
  return {
    corners: view.mirrored === true ? [tr, tl, bl, br] : corners,
    floors: { first: 1, last: TOWER.floors, heightM: floorHeightM },
    units: view.mirrored === true ? ['04', '03', '02', '01'] : ['01', '02', '03', '04'],
    widthM: TOWER.widthM,
  };
}

/** Falls with quadratic drag, by steps of a millisecond, until it reaches the ground. Metres and metres a second. */
export function thrown(
  atS: number,
  from: readonly [number, number, number],
  velocity: readonly [number, number, number],
  terminalSpeed: number,
): Thing {
  const path: [number, number, number][] = [];
  let [x, y, z] = from;
  let [vx, vy, vz] = velocity;
  for (let i = 0; i < 12_000 && y > 0; i++) {
    path.push([x, y, z]);
    const k = (9.81 * Math.hypot(vx, vy, vz)) / terminalSpeed ** 2;
    vx -= k * vx * 0.001;
    vy -= (9.81 + k * vy) * 0.001;
    vz -= k * vz * 0.001;
    x += vx * 0.001;
    y += vy * 0.001;
    z += vz * 0.001;
  }
  return (t) => path[Math.round((t - atS) * 1000)] ?? null;
}

export interface Staging {
  readonly seconds: number;
  /** Stray candidates a frame. */
  readonly clutter?: number;
  readonly seed?: number;
  /** Stamp of the first frame, seconds. */
  readonly startS?: number;
  /** Side of the things as the picture of 1080 lines shows them, pixels. */
  readonly sizePx?: number;
  /** Share of frames in which a thing is not seen. */
  readonly missed?: number;
}

/** What the motion stage would find in a video of these things. */
export function stageFrames(view: TowerView, things: readonly Thing[], staging: Staging): MotionFrame[] {
  const { seconds, clutter = 6, seed = 1, startS = 0, sizePx = 5, missed = 0.06 } = staging;
  const random = createRandom(seed);
  const scale = view.height / 1080;
  const candidate = (x: number, y: number, contrast: number): Candidate => {
    const side = Math.max(1, Math.round(sizePx * scale));
    return { x, y, w: side, h: side, areaPx: Math.max(2, Math.round(0.6 * side * side)), contrast, peak: 50, moving: true };
  };
  const noise = (): number => (random() + random() - 1) * 0.8 * Math.max(0.5, scale);
  return Array.from({ length: Math.round(seconds * view.fps) }, (_, seq) => {
    const t = seq / view.fps;
    const candidates: Candidate[] = [];
    for (const thing of things) {
      const place = thing(t);
      const unseen = random() < missed;
      const [nx, ny] = [noise(), noise()];
      if (place === null || unseen) continue;
      const p = project(view, ...place);
      if (p.x > 0 && p.x < view.width && p.y > 0 && p.y < view.height) candidates.push(candidate(p.x + nx, p.y + ny, 35));
    }
    for (let i = 0; i < clutter; i++) candidates.push(candidate(random() * view.width, random() * view.height, random() < 0.5 ? 20 : -20));
    return { seq, ptsMs: (startS + t) * 1000, timeS: startS + t, candidates, flooded: false, shift: { x: 0, y: 0 } };
  });
}
