import type { CameraConfig } from '../../config/camera-schema.js';
import { timeZoneOf } from '../../config/camera-time.js';
import type { Incident } from '../../domain/incident.js';
import { createSchedule } from '../../domain/option/schedule.js';
import { CommandRefusal } from '../../domain/wire/command.js';
import { PATROL_SCHEMA, type PatrolMessage } from '../../domain/wire/patrol.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { REQUEST_TYPE, type Store } from '../../store/index.js';
import type { Uplink } from '../../uplink/index.js';
import type { CaseDesk } from './case-desk.js';
import type { RequestDesk } from './request-desk.js';

type Patrol = CameraConfig['patrol'][number];

export interface PatrolDeskOptions {
  readonly cameras: () => readonly CameraConfig[];
  readonly store: Pick<Store, 'openIncidents'>;
  readonly requests: Pick<RequestDesk, 'still'>;
  readonly cases: Pick<CaseDesk, 'look'>;
  readonly uplink: Pick<Uplink, 'publishRetained'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Inspections on a schedule: takes a picture, and looks again at what is open. */
export interface PatrolDesk {
  /** Begins what is due; call it every few seconds. */
  tick(): void;
  /** Resolves when no round is under way. */
  idle(): Promise<void>;
}

/** After so long a round that found no picture is made again, milliseconds: a camera that connects has one in seconds, one that is away may be for days. */
const AGAIN_MS = 5 * 60_000;
/** Incidents that a round looks at, at most: each costs a picture, some second of a core. */
const MOST_INCIDENTS = 20;

export function createPatrolDesk(options: PatrolDeskOptions): PatrolDesk {
  const { store, requests, cases, uplink, clock, logger, signal } = options;
  /** By camera, patrol and its schedule: when its last round began, on the wall clock; forgotten outside its hours. */
  const begun = new Map<string, number>();
  /** Rounds that wait or are under way, by the same keys: a camera that is away makes a round long, and the next one due is this one still. */
  const queued = new Set<string>();
  /** One round at a time: cameras come first. */
  let turn: Promise<void> = Promise.resolve();

  function isDue(key: string, camera: CameraConfig, patrol: Patrol): boolean {
    const nowMs = clock.now();
    if (!createSchedule(patrol.schedule, timeZoneOf(camera))(nowMs)) {
      begun.delete(key);
      return false;
    }
    const lastMs = begun.get(key);
    // A clock that was set back must not keep everybody at home.
    return lastMs === undefined || nowMs - lastMs >= patrol.every || nowMs < lastMs;
  }

  async function walk(key: string, camera: CameraConfig, patrol: Patrol): Promise<void> {
    const at = iso(clock.now());
    const { picture, reason } = await takePicture(camera.id);
    if (picture === null && begun.has(key)) begun.set(key, clock.now() - Math.max(0, patrol.every - AGAIN_MS));
    const open = store
      .openIncidents(camera.id)
      .filter(({ type, zone }) => type !== REQUEST_TYPE && (patrol.zones.length === 0 || (zone !== null && patrol.zones.includes(zone))));
    const incidents: PatrolMessage['incidents'] = [];
    // A camera that shows nothing has no picture for any of them either, and each would wait for one.
    for (const incident of picture === null ? [] : open.slice(0, MOST_INCIDENTS)) {
      signal.throwIfAborted();
      incidents.push(await lookAt(incident));
    }
    const message: PatrolMessage = {
      schema: PATROL_SCHEMA,
      ...{ camera: camera.id, patrol: patrol.name, at, picture, reason, incidents },
      left_out: open.length - incidents.length,
    };
    uplink.publishRetained(`patrols/${camera.id}/${patrol.name}`, message);
    const gone = incidents.filter(({ verdict }) => verdict === 'gone').length;
    logger.info(
      { event: 'patrol', camera: camera.id, patrol: patrol.name, incidents: incidents.length, gone, left_out: message.left_out },
      reason === null
        ? `patrol ${patrol.name} of ${camera.id}: ${incidents.length} open incidents, ${gone} gone`
        : `patrol ${patrol.name} of ${camera.id}: no picture (${reason}); ${open.length} open incidents were not looked at`,
    );
  }

  /** A round when its turn has come, of the camera as it then is. */
  async function begin(key: string): Promise<void> {
    const found = roundsNow().find((round) => round.key === key);
    if (signal.aborted || found === undefined) return;
    const { camera, patrol } = found;
    try {
      await walk(key, camera, patrol);
    } catch (error) {
      if (!signal.aborted)
        logger.error(
          { event: 'patrol-failed', camera: camera.id, patrol: patrol.name, reason: errorMessage(error) },
          'a patrol could not be made; its next round is made as usual',
        );
    }
  }

  async function takePicture(cameraId: string): Promise<Pick<PatrolMessage, 'picture' | 'reason'>> {
    try {
      const { id, incidentId, bytes, sha256, toMs } = await requests.still(cameraId);
      return { picture: { event: incidentId, id, bytes, sha256, at: iso(toMs) }, reason: null };
    } catch (error) {
      if (!(error instanceof CommandRefusal || error instanceof AgentError)) throw error;
      return { picture: null, reason: error.message };
    }
  }

  async function lookAt({ id, type }: Incident): Promise<PatrolMessage['incidents'][number]> {
    try {
      const { presence, reason } = await cases.look(id);
      return { event: id, type, verdict: presence, reason };
    } catch (error) {
      // It may have been forgotten in between.
      if (!(error instanceof CommandRefusal || error instanceof AgentError)) throw error;
      return { event: id, type, verdict: 'cannot_tell', reason: error.message };
    }
  }

  const roundsNow = (): readonly { readonly key: string; readonly camera: CameraConfig; readonly patrol: Patrol }[] =>
    options
      .cameras()
      .flatMap((camera) =>
        camera.patrol.map((patrol) => ({ key: JSON.stringify([camera.id, patrol.name, patrol.schedule]), camera, patrol })),
      );

  return {
    tick() {
      const rounds = roundsNow();
      for (const { key, camera, patrol } of rounds) {
        if (queued.has(key) || !isDue(key, camera, patrol)) continue;
        begun.set(key, clock.now());
        queued.add(key);
        turn = turn.then(() => begin(key)).finally(() => queued.delete(key));
      }
      for (const key of begun.keys()) if (!rounds.some((round) => round.key === key)) begun.delete(key);
    },
    idle: () => turn,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
