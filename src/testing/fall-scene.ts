import type { Incident, ThrowDetails, TrajectoryPoint } from '../domain/incident.js';
import { makeIncident } from './delivery-fixtures.js';

/** A made-up fall over a textured wall, as pictures and as the incident that an engine would report. */
export interface FallScene {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly durationS: number;
  /** Where the square is in every picture that shows it. */
  readonly trajectory: readonly TrajectoryPoint[];
  /** RGB bytes of the picture at `index`. */
  picture(index: number): Uint8Array;
}

/** The falling square is this bright; the wall is between 60 and 110. */
export const squareGrey = 235;

/**
 * @param sizePx side of the falling square.
 * @param startS when it begins to fall; it is gone when it leaves the picture.
 */
export function createFallScene(options: {
  width: number;
  height: number;
  fps: number;
  durationS: number;
  startS: number;
  sizePx: number;
}): FallScene {
  const { width, height, fps, durationS, startS, sizePx } = options;
  const left = Math.round(0.4 * width);
  const top = Math.round(0.1 * height);
  // Falls the rest of the picture in 1.5 s.
  const acceleration = (2 * 0.9 * height) / 1.5 ** 2;
  const corner = (t: number) => ({
    x: left + Math.round(0.04 * width * (t - startS)),
    y: top + Math.round((acceleration * (t - startS) ** 2) / 2),
  });
  const trajectory: TrajectoryPoint[] = [];
  for (let i = Math.ceil(startS * fps); i < durationS * fps; i++) {
    const { x, y } = corner(i / fps);
    if (y + sizePx > height) break;
    trajectory.push({
      t: i / fps,
      x: (x + sizePx / 2) / width,
      y: (y + sizePx / 2) / height,
      w: sizePx / width,
      h: sizePx / height,
    });
  }
  const wall = new Uint8Array(3 * width * height);
  let seed = 12_345;
  for (let p = 0; p < width * height; p++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const brick = (p % width) % 40 < 3 || Math.floor(p / width) % 24 < 3 ? 60 : 95;
    wall.fill(brick + ((seed >> 16) % 15), 3 * p, 3 * p + 3);
  }
  const last = trajectory.at(-1)?.t ?? startS;
  return {
    width,
    height,
    fps,
    durationS,
    trajectory,
    picture(index) {
      const data = wall.slice();
      const t = index / fps;
      if (t < startS || t > last) return data;
      const { x, y } = corner(t);
      for (let row = y; row < Math.min(height, y + sizePx); row++)
        data.fill(squareGrey, 3 * (row * width + x), 3 * (row * width + x + sizePx));
      return data;
    },
  };
}

/** The confirmed, calibrated incident of a fall; parts of it can be replaced. */
export function fallIncident(scene: FallScene, over: Partial<Incident> = {}, throwOver: Partial<ThrowDetails> = {}): Incident {
  const first = scene.trajectory[0];
  const last = scene.trajectory.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('the scene shows no fall');
  const startedAtMs = Date.parse('2026-03-01T07:41:12.480Z');
  return makeIncident({
    id: '01KJKEY5A00000000000000000',
    cameraId: 'tower-3-north',
    phase: 'end',
    startedAtMs,
    endedAtMs: startedAtMs + Math.round(1000 * (last.t - first.t)),
    streamTime: { start: first.t, end: last.t },
    box: { x1: first.x, y1: first.y, x2: last.x + last.w, y2: last.y },
    throw: {
      trajectory: scene.trajectory,
      origin: { point: { x: first.x, y: first.y }, floor: 17, floorInterval: [16, 18], unit: '02', heightM: 47.2 },
      landing: { point: { x: last.x, y: 0.98 }, extrapolated: true },
      fall: { dropM: 45.1, dropFloors: 15.5, durationS: 3.44, impactSpeedMps: 26.8, impactSpeedIntervalMps: [23.6, 30.1] },
      massClass: 'heavy',
      terminalSpeedMps: [22, 41],
      pathShape: 'straight',
      fit: { model: 'ballistic', rmsPx: 0.8 },
      ...throwOver,
    },
    ...over,
  });
}
