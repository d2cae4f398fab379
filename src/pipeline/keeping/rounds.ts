import { setMaxListeners } from 'node:events';
import type { Clock } from '../../platform/clock.js';
import type { AgentSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';
import type { ClockWatch } from '../../platform/time/clock-watch.js';
import { runPeriodically } from '../../platform/time/periodic.js';
import type { CameraFleet } from '../camera/camera-fleet.js';
import type { CentreDesk } from '../centre/centre-desk.js';
import type { EvidenceDesk } from '../incidents/evidence-desk.js';
import type { Learning } from '../learning/learning.js';
import type { SensorDesk } from '../sensors/sensor-desk.js';
import type { Announcer } from '../telling/announcer.js';
import type { DiskGuard } from './disk-guard.js';
import type { Housekeeping } from './housekeeping.js';

export interface RoundsOptions {
  readonly clockWatch: Pick<ClockWatch, 'look'>;
  readonly fleet: Pick<CameraFleet, 'sample' | 'teach' | 'keepCounts'>;
  readonly sensors: Pick<SensorDesk, 'tick'>;
  readonly centre: Pick<CentreDesk, 'patrol'>;
  readonly snapshot: () => AgentSnapshot;
  /** `null` without a broker. */
  readonly announcer: Pick<Announcer, 'cameras' | 'figures' | 'metrics'> | null;
  /** As it is now: a reload of the config replaces it. */
  readonly learning: () => Pick<Learning, 'forget'>;
  readonly desk: Pick<EvidenceDesk, 'resume'>;
  readonly guard: Pick<DiskGuard, 'look'>;
  readonly housekeeping: Pick<Housekeeping, 'run' | 'verify'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends all of them. */
  readonly signal: AbortSignal;
}

/** How often rates are measured, milliseconds. */
const SAMPLE_MS = 2_000;
/** How often it is looked whether a sensor's alarm has stood long enough, or is over, milliseconds. */
const SENSORS_MS = 1_000;
/** How often it is looked whether a patrol is due, milliseconds: a tenth of the shortest time between two. */
const PATROLS_MS = 6_000;
/** How often figures go to the centre, milliseconds: the contract of the topic `metrics`. */
const METRICS_MS = 60_000;
/** How often what rules have counted goes to the disk and to the centre, if it has changed, milliseconds: what is younger is lost with the power. */
const FIGURES_MS = 10_000;
/** How often the cameras are told what is known anew, milliseconds: what was learnt fades over days. */
const TEACH_MS = 3_600_000;
/** How often evidence that the disk did not take is tried again, milliseconds. */
const RESUME_MS = 60_000;
/** How often room on the disk is looked at, milliseconds: at 100 Mbit/s of recordings it loses 125 MB meanwhile. */
const DISK_MS = 10_000;
/** How often what is too old or too much is let go, milliseconds: at 100 Mbit/s of evidence it grows by 7.5 GB meanwhile. */
const RETENTION_MS = 10 * 60_000;

/** How often some rows of the database are held to their sums, milliseconds: 100,000 rows in less than two hours. */
const VERIFY_MS = 60_000;

/** Starts what an agent does again and again by the clock. @returns one promise each, which resolves when `signal` has ended it. */
export function startRounds(options: RoundsOptions): readonly Promise<void>[] {
  const { clockWatch, fleet, announcer, desk, guard, housekeeping, clock, logger, signal } = options;
  // Each round waits with a listener of its own: so many are no leak.
  setMaxListeners(0, signal);
  const every = (name: string, everyMs: number, work: () => void | Promise<void>): Promise<void> =>
    runPeriodically({ name, everyMs, work, clock, logger, signal });
  return [
    every('measuring rates', SAMPLE_MS, () => {
      clockWatch.look();
      fleet.sample();
    }),
    every('looking after sensors', SENSORS_MS, () => options.sensors.tick()),
    every('patrols', PATROLS_MS, () => options.centre.patrol()),
    every('publishing figures', METRICS_MS, () => {
      const snapshot = options.snapshot();
      announcer?.cameras(snapshot);
      announcer?.metrics(snapshot);
    }),
    every('keeping and publishing what rules counted', FIGURES_MS, () => {
      fleet.keepCounts();
      announcer?.figures(options.snapshot());
    }),
    every('fading of what was learnt', TEACH_MS, () => {
      options.learning().forget();
      fleet.teach();
    }),
    every('taking up unfinished evidence', RESUME_MS, () => desk.resume()),
    every('looking after the disk', DISK_MS, () => guard.look()),
    every('holding the database to its sums', VERIFY_MS, () => housekeeping.verify(signal)),
    every('retention', RETENTION_MS, () => housekeeping.run()),
  ];
}
