import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CameraConfig } from '../../config/camera-schema.js';
import { timeZoneOf } from '../../config/camera-time.js';
import { toLines, toZones } from '../../config/places.js';
import type { Incident } from '../../domain/incident.js';
import type { SensorAddress, SensorMoment, SensorOutcome, SensorReading } from '../../domain/sensor.js';
import { createAggregatedWarning } from '../../platform/aggregated-warning.js';
import type { Clock } from '../../platform/clock.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { createTokenBucket, type TokenBucket } from '../../platform/time/token-bucket.js';
import type { Rule, RuleFinding } from '../../rules/contract.js';
import { type RuleConfig, workOf } from '../../rules/registry.js';
import type { StreamMoment } from '../camera/camera-channel.js';
import { isCarried } from '../incidents/carried-incidents.js';
import type { FoundIncident } from '../incidents/incident-intake.js';
import { createIncidentMaker, type IncidentMaker, type Stretch } from '../incidents/incident-maker.js';
import { parseMemory, type RuleKeeper } from '../learning/rule-memories.js';
import { parseReading } from './sensor-reading.js';

export interface SensorDeskOptions {
  readonly cameras: readonly CameraConfig[];
  /** What a camera's stream shows now; `null` while it shows nothing. */
  readonly momentOf: (cameraId: string) => StreamMoment | null;
  /** Incidents of a camera that are open: an earlier agent left them so. */
  readonly openOf: (cameraId: string) => readonly Incident[];
  /** Keeps what must be known after a restart. */
  readonly memories: RuleKeeper;
  /** Must not throw. */
  readonly onIncident: (found: FoundIncident) => void;
  /** Makes the id of a new incident from its start, UTC milliseconds. */
  readonly createId: (startedAtMs: number) => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Takes what devices in the street say to the rules that listen to them, whichever way it came. */
export interface SensorDesk {
  /** A message for the sensor of a name. @param retained a broker has kept it: what was heard last is no news then. Default: it has just been said. */
  hear(name: string, payload: Uint8Array, retained?: boolean): SensorOutcome;
  /** A message on a topic of somebody else's. */
  hearTopic(topic: string, payload: Uint8Array, retained?: boolean): SensorOutcome;
  /** Topics beside the agent's own that rules listen to. */
  topics(): readonly string[];
  /** Time goes on; call it about once a second. */
  tick(): void;
  /** Goes on with other cameras: rules that are as they were keep what they know, those that were changed go on with what is open, those that are gone end it. */
  configure(cameras: readonly CameraConfig[]): void;
  /** Listens no more. What is open stays so for the agent's next start, where its rule still listens then. */
  finish(): void;
}

/** Largest message, bytes: devices send some hundred. */
export const MAX_READING_BYTES = 16 * 1024;
/** How many messages of one sensor may come at once, and after what time one more, milliseconds: faster, and it is broken. */
const PER_SENSOR = { burst: 20, everyMs: 500 };

interface Listener {
  readonly key: string;
  readonly cameraId: string;
  readonly config: RuleConfig;
  readonly address: SensorAddress;
  readonly rule: Rule<SensorMoment>;
  readonly maker: IncidentMaker;
  readonly bucket: TokenBucket;
  /** The last message that was taken, as it came. */
  last: Uint8Array | null;
  /** Hash of the alarm after whose silence an incident ended, until the sensor says something again; `null`: of none. */
  silent: string | null;
  /** Of the open incident: the stream in which it is shown, and what the stream's clock has to be added to for the time of day. */
  stream: { readonly connectionId: string; readonly offsetMs: number } | null;
}

/** What is kept of a rule over restarts. */
const memorySchema = z.object({ silent: z.string().nullable() });

/** What devices say is timed by the clock on the wall. */
const UTC: readonly Stretch[] = [{ fromPtsMs: 0, wallOffsetMs: 0 }];

export function createSensorDesk(options: SensorDeskOptions): SensorDesk {
  const { clock, logger } = options;
  const unused = createAggregatedWarning(logger, clock, 'sensor-unused', 'a message of a sensor was not used');
  let { cameras } = options;
  let listeners: readonly Listener[] = [];
  /** Whether what an earlier agent left open has been taken up. */
  let hasBegun = false;

  function listen(camera: CameraConfig, config: RuleConfig): readonly Listener[] {
    const work = workOf(config);
    if (work.input !== 'outside' || !config.enabled) return [];
    const timeZone = timeZoneOf(camera);
    const key = JSON.stringify([camera.id, camera.zones, camera.lines, timeZone, config]);
    const known = listeners.find((listener) => listener.key === key);
    if (known !== undefined) return [known];
    const context = {
      width: 1,
      height: 1,
      facade: null,
      zones: toZones(camera),
      lines: toLines(camera),
      ground: null,
      timeZone,
    };
    const { name, type } = config;
    const address = work.sensor(config);
    const before = listeners.find((one) => isSame(one, { cameraId: camera.id, config, address }));
    const listener: Listener = {
      ...{ key, cameraId: camera.id, config, address, rule: work.create(config, context) },
      maker: createIncidentMaker(camera.id, config, options.createId),
      bucket: createTokenBucket(clock, PER_SENSOR.burst, PER_SENSOR.everyMs),
      last: null,
      silent: memorySchema.safeParse(parseMemory(options.memories.of(camera.id)[config.name] ?? 'null')).data?.silent ?? null,
      stream: before?.stream ?? null,
    };
    const open = hasBegun
      ? (before?.maker.open() ?? [])
      : options.openOf(camera.id).filter((incident) => incident.rule === name && incident.type === type);
    if (open.length > 0 && isCarried({ cameraId: camera.id, rule: name, type }, cameras))
      listener.rule.resume?.(open.map(listener.maker.resume));
    return [listener];
  }

  /** Ends what is open of a listener, save what one of these goes on with. */
  function leave(listener: Listener, heirs: readonly Listener[]): void {
    const { cameraId, rule, config } = listener;
    const goesOn = heirs.some((heir) => isSame(heir, listener)) && isCarried({ cameraId, rule: config.name, type: config.type }, cameras);
    if (!goesOn) report(listener, rule.finish());
  }

  /** Notes whether its alarm is one that fell silent. */
  function noteSilent(listener: Listener, silent: string | null): void {
    if (listener.silent === silent) return;
    listener.silent = silent;
    options.memories.keep({
      [listener.cameraId]: { [listener.config.name]: JSON.stringify({ silent } satisfies z.input<typeof memorySchema>) },
    });
  }

  function report(listener: Listener, findings: readonly RuleFinding[]): void {
    for (const finding of findings) {
      const nowMs = clock.now();
      if (finding.phase === 'new') {
        const moment = options.momentOf(listener.cameraId);
        listener.stream = moment === null ? null : { connectionId: moment.connectionId, offsetMs: nowMs - moment.ptsMs };
      }
      const incident = listener.maker.make(finding, { stretches: UTC, newestPtsMs: nowMs, aheadMs: 0 });
      options.onIncident({
        incident: onStream(incident, listener.stream?.offsetMs ?? null),
        connectionId: listener.stream?.connectionId ?? null,
      });
    }
  }

  function step(listener: Listener, reading: SensorReading | null): readonly RuleFinding[] {
    const findings = listener.rule.step({ atMs: clock.now(), reading });
    report(listener, findings);
    return findings;
  }

  function take(heard: readonly Listener[], what: string, payload: Uint8Array, retained: boolean): SensorOutcome {
    const drop = (outcome: SensorOutcome, why: string): SensorOutcome => {
      unused(`${what.slice(0, 100)}: ${why}`);
      return outcome;
    };
    if (heard.length === 0) return drop('unknown', 'no rule listens to it');
    if (payload.length > MAX_READING_BYTES) return drop('too_large', `${payload.length} bytes, at most ${MAX_READING_BYTES}`);
    // With every connection and change of the config the broker says again what it has kept: an alarm that is over must not begin anew by that.
    const concerned = heard.filter((listener) => !(retained && isOld(listener, payload)));
    if (concerned.length === 0) return 'taken';
    // Before it is read: whoever sends as fast as he can must not cost more than that.
    const admitted = concerned.filter(({ bucket }) => bucket.take());
    if (admitted.length === 0) return drop('too_often', `more than ${1000 / PER_SENSOR.everyMs} a second`);
    let reading: SensorReading;
    try {
      reading = parseReading(payload);
    } catch (error) {
      return drop('unreadable', errorMessage(error));
    }
    for (const listener of admitted) {
      listener.last = Buffer.from(payload);
      noteSilent(listener, null);
      step(listener, reading);
    }
    return 'taken';
  }

  function tick(listener: Listener): void {
    const isOver = step(listener, null).some(({ phase }) => phase === 'end');
    if (isOver && listener.last !== null) noteSilent(listener, digestOf(listener.last));
  }

  const desk: SensorDesk = {
    hear: (name, payload, retained = false) =>
      take(
        listeners.filter(({ address }) => address.name === name),
        `sensors/${name}`,
        payload,
        retained,
      ),
    hearTopic: (topic, payload, retained = false) =>
      take(
        listeners.filter(({ address }) => address.topic === topic),
        topic,
        payload,
        retained,
      ),
    topics: () => [...new Set(listeners.flatMap(({ address: { topic } }) => (topic === null ? [] : [topic])))],
    tick() {
      for (const listener of listeners) tick(listener);
    },
    configure(next) {
      cameras = next;
      const listening = cameras.flatMap((camera) => camera.rules.flatMap((rule) => listen(camera, rule)));
      for (const gone of listeners.filter((listener) => !listening.includes(listener))) leave(gone, listening);
      listeners = listening;
      hasBegun = true;
    },
    finish() {
      // The next agent's, after a restart.
      for (const listener of listeners) leave(listener, listeners);
      // What comes now comes too late.
      listeners = [];
    },
  };
  desk.configure(options.cameras);
  return desk;
}

type Named = Pick<Listener, 'cameraId' | 'config' | 'address'>;

/** Whether two listen to one device for one rule, whatever else its settings say. */
function isSame(a: Named, b: Named): boolean {
  return (
    a.cameraId === b.cameraId &&
    a.config.name === b.config.name &&
    a.config.type === b.config.type &&
    a.address.name === b.address.name &&
    a.address.topic === b.address.topic
  );
}

/** Whether a message that a broker has kept was heard before: it is the last one, or the alarm after which the sensor fell silent. */
function isOld({ last, silent }: Listener, payload: Uint8Array): boolean {
  return last === null ? silent === digestOf(payload) : Buffer.compare(last, payload) === 0;
}

const digestOf = (payload: Uint8Array): string => createHash('sha256').update(payload).digest('hex');

/** The same incident with the times of the stream that shows it; from 0 where none does. */
function onStream(incident: Incident, offsetMs: number | null): Incident {
  const { start, end, told = end } = incident.streamTime;
  const offset = offsetMs === null ? start : offsetMs / 1000;
  const streamS = (utcS: number): number => Math.max(0, utcS - offset);
  return { ...incident, streamTime: { start: streamS(start), end: streamS(end), told: streamS(told) } };
}
