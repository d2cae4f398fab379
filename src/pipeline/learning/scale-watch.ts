import type { CameraConfig } from '../../config/camera-schema.js';
import { type ScaleSample, type ScaleTrend, scaleSample, scaleTrend, TREND_FALLS } from '../../core/calibration/gravity-trend.js';
import type { Incident } from '../../domain/incident.js';
import { AgentError } from '../../platform/errors.js';
import type { ScaleSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';
import type { Learnt } from '../../store/index.js';

export interface ScaleWatchOptions {
  readonly cameras: readonly Pick<CameraConfig, 'id' | 'facade'>[];
  readonly learnt: Pick<Learnt, 'fallScales' | 'keepFallScale'>;
  readonly logger: Logger;
}

/** Watches over days whether facades are drawn to scale: things fall with 9.81 m/s², or the metres are wrong. */
export interface ScaleWatch {
  /** An incident has been recorded. Never throws for a disk that fails. */
  note(incident: Incident): void;
  of(cameraId: string): ScaleSnapshot | null;
}

interface Watched {
  readonly facade: NonNullable<CameraConfig['facade']>;
  /** Names the drawing: a fall says nothing of another one. */
  readonly key: string;
  readonly samples: ScaleSample[];
  trend: ScaleTrend | null;
}

/** @throws {AgentError} when the store cannot be read. */
export function createScaleWatch({ cameras, learnt, logger }: ScaleWatchOptions): ScaleWatch {
  const watched = new Map<string, Watched>();
  for (const { id, facade } of cameras) {
    if (facade !== null) watched.set(id, { facade, key: keyOf(facade), samples: [], trend: null });
  }
  for (const { cameraId, facade, logRatio, sigma } of learnt.fallScales()) {
    const camera = watched.get(cameraId);
    if (camera?.key === facade) camera.samples.push({ logRatio, sigma });
  }
  // What was said before the restart is not said again: it stands in the camera's state.
  for (const camera of watched.values()) camera.trend = scaleTrend(camera.samples, false);

  function keep(incident: Incident, camera: Watched, sample: ScaleSample): void {
    const { id: incidentId, cameraId, startedAtMs: seenAtMs } = incident;
    try {
      learnt.keepFallScale({ incidentId, cameraId, facade: camera.key, seenAtMs, ...sample }, TREND_FALLS);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      logger.error(
        { event: 'fall-scale-unsaved', camera: cameraId, reason: error.message },
        'what a fall said of the scale will not survive a restart',
      );
    }
  }

  return {
    note(incident) {
      const { cameraId, phase, throw: details } = incident;
      const camera = watched.get(cameraId);
      if (camera === undefined || phase !== 'end' || details?.gravity === undefined) return;
      const sample = scaleSample(details.gravity);
      keep(incident, camera, sample);
      camera.samples.push(sample);
      if (camera.samples.length > TREND_FALLS) camera.samples.shift();
      const wasOff = camera.trend?.off ?? false;
      camera.trend = scaleTrend(camera.samples, wasOff);
      if (camera.trend === null || camera.trend.off === wasOff) return;
      const { off, falls, ratio } = camera.trend;
      const line = { camera: cameraId, falls, gravity_ratio: ratio, floor_height_m: camera.facade.floors.height };
      if (off)
        logger.warn(
          { event: 'calibration-off', ...line, better_floor_height_m: betterHeight(camera, ratio) },
          warningOf(camera, camera.trend),
        );
      else logger.info({ event: 'calibration-right', ...line }, 'things fall with 9.81 m/s² again: the facade is drawn to scale');
    },
    of(cameraId) {
      const camera = watched.get(cameraId);
      if (camera === undefined || camera.trend === null) return null;
      const { falls, ratio, sigma, off } = camera.trend;
      return { falls, ratio, sigma, warning: off ? warningOf(camera, camera.trend) : null };
    },
  };
}

const keyOf = ({ corners, floors, width }: Watched['facade']): string => JSON.stringify([corners, floors, width]);

/** Too little gravity means that the drawn metres are too few: floors are higher than they are said to be. */
const betterHeight = ({ facade }: Watched, ratio: number): number => facade.floors.height / ratio;

function warningOf(camera: Watched, { falls, ratio, sigma }: ScaleTrend): string {
  const better = betterHeight(camera, ratio);
  const range = Math.max(0.05, 2 * sigma * better);
  return (
    `calibration looks off: ${falls} falls say that facade.floors.height ${camera.facade.floors.height} m should be about ` +
    `${better.toFixed(1)} m (± ${range.toFixed(2)}); if the height is right, look at facade.corners and floors.first and last`
  );
}
