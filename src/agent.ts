import { join } from 'node:path';
import { configSha256, type ResolvedConfig } from './config/index.js';
import type { EventMessage } from './domain/wire/event.js';
import { KEY_SCHEMA, type KeyMessage } from './domain/wire/proof.js';
import { createPictureProcess, createReferencePictures, warnOfPictures } from './evidence/index.js';
import { findProgram } from './media/ffmpeg-command.js';
import { createMediaTools } from './media/footage-tools.js';
import { createCameraFleet } from './pipeline/camera/camera-fleet.js';
import { createCentreDesk } from './pipeline/centre/centre-desk.js';
import { createCentreLink } from './pipeline/centre/centre-link.js';
import { openModelEyes } from './pipeline/eyes/model-eyes.js';
import { createInterruptions, ofPictures } from './pipeline/incidents/carried-incidents.js';
import { createEvidenceDesk } from './pipeline/incidents/evidence-desk.js';
import { createIdFactory } from './pipeline/incidents/incident-ids.js';
import { createIncidentIntake } from './pipeline/incidents/incident-intake.js';
import { createIncidentTally } from './pipeline/incidents/incident-tally.js';
import { logEvent } from './pipeline/incidents/log-event.js';
import { openAgentStore } from './pipeline/keeping/agent-store.js';
import { createDiskGuard } from './pipeline/keeping/disk-guard.js';
import { createHousekeeping } from './pipeline/keeping/housekeeping.js';
import { createRoomMaker } from './pipeline/keeping/room-maker.js';
import { startRounds } from './pipeline/keeping/rounds.js';
import { createLearning, type Learning } from './pipeline/learning/learning.js';
import { createRuleKeepers } from './pipeline/learning/rule-memories.js';
import { createSensorDesk } from './pipeline/sensors/sensor-desk.js';
import { openAgentConsole } from './pipeline/telling/agent-console.js';
import { onvifFormat } from './pipeline/telling/announcer.js';
import { takeSnapshot } from './pipeline/telling/take-snapshot.js';
import { createTamperWatch } from './pipeline/telling/tamper-watch.js';
import type { Clock } from './platform/clock.js';
import { retryWhileDiskFails } from './platform/disk/disk-patience.js';
import { diskSpace } from './platform/disk/disk-space.js';
import { writeFileDurably } from './platform/disk/durable-file.js';
import { AgentError } from './platform/errors.js';
import type { AgentSnapshot } from './platform/health/agent-snapshot.js';
import { createTeardown } from './platform/lifecycle/teardown.js';
import type { Logger } from './platform/logger.js';
import { createClockWatch } from './platform/time/clock-watch.js';

export interface AgentOptions {
  readonly config: ResolvedConfig;
  /** Reads the config again, for the command `reload`. @throws {AgentError} when it cannot be used. */
  readonly readConfig?: () => ResolvedConfig;
  /** Absolute. */
  readonly dataDir: string;
  /** Of the program. */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the wait for a disk that fails at the start; without it such a start fails. */
  readonly signal?: AbortSignal;
  /** Told when a camera's state has changed, for people who watch. Must not throw. */
  readonly onCamera?: (cameraId: string, snapshot: AgentSnapshot) => void;
  /** Told of every event once it is on disk. Must not throw. */
  readonly onEvent?: (event: EventMessage) => void;
}

/** A running agent. Disposing of it ends it in order: console, cameras, open incidents, what is under way, `offline`. */
export interface Agent extends AsyncDisposable {
  /** Address of the console; `null` when it is off. */
  readonly consoleUrl: string | null;
  /**
   * Resolves when every source has come to its end and its evidence is made: files have one, cameras do not. Rejects
   * with the first failure when no source at all could be opened.
   */
  readonly finished: Promise<void>;
  snapshot(): AgentSnapshot;
  /** Cameras that only a new process helps. */
  stuck(): readonly string[];
}

/**
 * Builds everything from the config and starts it. It starts and works without a broker, and with cameras that are not there yet.
 * With a disk that is full, read-only or failing it waits until that is mended: whoever starts it again and again helps nobody.
 *
 * @throws {AgentError} FFMPEG_MISSING, STORE_FAILED, DISK_FULL, PORT_IN_USE, or CONFIG_INVALID for a source of no known kind.
 */
export function startAgent(options: AgentOptions): Promise<Agent> {
  return retryWhileDiskFails(options, async () => {
    const teardown = createTeardown(options.logger);
    try {
      return await build(options, teardown);
    } catch (error) {
      await teardown[Symbol.asyncDispose]();
      throw error;
    }
  });
}

async function build(options: AgentOptions, teardown: ReturnType<typeof createTeardown>): Promise<Agent> {
  const { config, dataDir, version, clock } = options;
  const logger = options.logger.child({ component: 'agent' });
  const { site, agent } = config;
  const startedMs = clock.monotonic();
  const clockWatch = createClockWatch(clock, logger);
  const stop = new AbortController();
  const { signal } = stop;

  for (const program of ['ffmpeg', 'ffprobe'] as const) findProgram(program);
  const evidenceFolder = join(dataDir, 'evidence');
  const originalsFolder = join(dataDir, 'originals');
  /** Of the config as it is in force, with what commands have changed. */
  let inForceSha256 = configSha256(config);
  const onvif = onvifFormat(config);
  const { signer, store, proofFiles, reserveFile } = await openAgentStore({
    ...{ config, dataDir, evidenceFolder, onvif, version, teardown, clock, logger: options.logger },
    configSha256: () => inForceSha256,
  });

  const startLearning = (cameras: ResolvedConfig['cameras']): Learning =>
    createLearning({
      cameras,
      store,
      clock,
      logger: options.logger.child({ component: 'learning' }),
      onTaught: (cameraId) => fleet.teach(cameraId),
    });
  let learning = startLearning(config.cameras);
  const tools = createMediaTools();
  const pictures = createPictureProcess();
  const references = createReferencePictures({
    folder: join(dataDir, 'looks'),
    tools,
    now: () => clock.now(),
    logger: options.logger.child({ component: 'references' }),
    signal,
  });
  const createId = createIdFactory(null);
  const eyes = openModelEyes({ config, clock, logger: options.logger.child({ component: 'inference' }) });
  teardown.defer('models', async () => await eyes[Symbol.asyncDispose]());
  await eyes.readySoon(signal);
  const centre = createCentreDesk({
    config,
    ...(options.readConfig === undefined ? {} : { readConfig: options.readConfig }),
    onChanged,
    store,
    fleet: () => fleet,
    eyes,
    uplink: () => uplink,
    snapshot: () => takeAll(),
    folder: evidenceFolder,
    tools,
    pictures,
    references,
    createId: () => createId(clock.now()),
    onQueued: () => onQueued(),
    clock,
    logger: options.logger.child({ component: 'centre' }),
    signal,
  });
  inForceSha256 = configSha256({ ...config, cameras: [...centre.cameras()] });

  const keepers = createRuleKeepers(store.learnt, clock, options.logger.child({ component: 'rules' }));
  const sensors = createSensorDesk({
    cameras: centre.cameras(),
    momentOf: (cameraId) => fleet.moment(cameraId),
    openOf: store.openIncidents,
    memories: keepers.memories,
    onIncident: (found) => intake.take(found),
    createId,
    clock,
    logger: options.logger.child({ component: 'sensors' }),
  });
  const link = createCentreLink({
    config,
    version,
    dataDir,
    store,
    centre,
    onvif,
    sensors,
    onCase: (state) => {
      learning.onCase(state);
      centre.onCase(state);
    },
    onCountersigned: () => proofFiles.countersigned(),
    clock,
    logger: options.logger,
  });
  const uplink = link?.uplink ?? null;
  const announcer = link?.announcer ?? null;
  if (uplink !== null) teardown.defer('uplink', async () => await uplink[Symbol.asyncDispose]());

  const tally = createIncidentTally();
  const tampering = createTamperWatch();
  const desk = createEvidenceDesk({
    folder: evidenceFolder,
    cameraOf: (cameraId) => fleet.evidenceCamera(cameraId),
    createId: () => createId(clock.now()),
    tools,
    pictures,
    references,
    clock,
    logger: options.logger.child({ component: 'evidence' }),
    signal,
    store,
    onQueued,
    onMade: (evidence) => announcer?.evidence(evidence),
  });
  const intake = createIncidentIntake({
    plan: (incident) => desk.plan(incident),
    recordDropped: (incidents) => store.recordDropped(incidents, 'the disk or the database failed for too long'),
    record: (incident, plans) => {
      const event = store.recordIncident(incident, plans);
      logEvent(logger, event);
      options.onEvent?.(event);
    },
    onRecorded: ({ incident, connectionId }, plans) => {
      tally.note(incident);
      learning.onIncident(incident);
      uplink?.wake();
      publishActive();
      desk.make(incident, plans, connectionId);
    },
    clock,
    logger,
    signal,
  });
  const interruptions = createInterruptions({
    store,
    desk,
    cameras: () => centre.cameras(),
    onClosed: () => {
      uplink?.wake();
      publishActive();
    },
  });
  const tasks: Promise<void>[] = [];
  // From here on things run by themselves: whatever fails below, they must be ended, or the process never is.
  teardown.defer('work under way', async () => {
    stop.abort();
    await Promise.all(tasks);
    await desk.idle();
    await centre.idle();
  });
  const guard = createDiskGuard({
    reserveShare: () => centre.config().retention.reserve / 100,
    space: () => diskSpace(dataDir),
    probe: () => writeFileDurably(join(dataDir, 'probe'), 'x'),
    ringBytes: () => fleet.snapshots().reduce((sum, { ringBytes }) => sum + ringBytes, 0),
    reserveFile,
    ...createRoomMaker({ folder: evidenceFolder, store, onRemoved: () => onQueued(), logger: options.logger.child({ component: 'disk' }) }),
    onTier: () => announcer?.metrics(takeAll()),
    clock,
    logger: options.logger.child({ component: 'disk' }),
  });
  const fleet = await createCameraFleet({
    cameras: centre.cameras(),
    ringFolder: join(dataDir, 'ring'),
    originalsFolder,
    ringRoom: guard.ringRoom,
    tools,
    clock,
    logger: options.logger.child({ component: 'camera' }),
    teachingOf: (cameraId) => learning.teachingOf(cameraId),
    ...keepers,
    openOf: ({ id }) => store.openIncidents(id).filter(ofPictures),
    eyesOf: (camera) => eyes.of(camera, false),
    onIncident: (found) => {
      // Before its event: where both speak of the same property, the event has more to say.
      if (tampering.note(found.incident)) onState(found.incident.cameraId);
      intake.take(found);
    },
    onState,
    onCrash: (cameraId) => {
      if (tampering.forget(cameraId, clock.now())) onState(cameraId);
      guarded('closing the incidents of a lost thread', () => interruptions.threadLost(cameraId));
    },
  });
  // Ended before all that works on what cameras report to the last.
  teardown.defer('cameras', async () => {
    announcer?.end();
    await fleet[Symbol.asyncDispose]();
    sensors.finish();
    intake.drain();
  });

  const housekeeping = createHousekeeping({
    evidenceFolder,
    originalsFolder,
    references,
    config: () => centre.config(),
    store,
    proofFiles,
    signer,
    onQueued: () => onQueued(),
    clock,
    logger,
  });
  const takeAll = (): AgentSnapshot =>
    takeSnapshot({
      unaskedFiles: housekeeping.unaskedFiles(),
      clockWatch,
      config: centre.config(),
      version,
      startedMs,
      clock,
      cameras: fleet.snapshots().map((camera) => tampering.seen(camera)),
      tally,
      learning,
      intake,
      store,
      uplink,
      evidence: desk.figures(),
      disk: guard.snapshot(),
      inference: eyes.process(),
    });

  /** A camera's state has changed. */
  function onState(cameraId: string): void {
    const snapshot = takeAll();
    announcer?.cameras(snapshot);
    options.onCamera?.(cameraId, snapshot);
  }

  /** Trouble with the disk must not end the agent: it is logged, and what was to be done is found again later. */
  function guarded(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      logger.error({ event: 'store-trouble', code: error.code, reason: error.message }, `${what} failed`);
    }
  }

  /** Evidence is on the disk and in the outbox. */
  function onQueued(): void {
    proofFiles.catchUp();
    uplink?.wake();
  }

  /** The centre has had a rule set or the config read again; the cameras have changed by then. */
  async function onChanged(inForce: ResolvedConfig, by: 'set' | 'reload'): Promise<void> {
    inForceSha256 = configSha256(inForce);
    const { cameras } = inForce;
    announcer?.rules(cameras);
    sensors.configure(cameras);
    uplink?.listen();
    if (by === 'set') return;
    learning = startLearning(cameras);
    fleet.teach();
    guarded('closing the incidents of cameras that are gone', interruptions.camerasChanged);
    await announcer?.announce(cameras, takeAll());
    publishActive();
  }

  function publishActive(): void {
    guarded('counting open incidents', () => announcer?.active());
  }

  interruptions.agentStarted();
  desk.resume();
  const consoleServer = await openAgentConsole({
    config: config.console,
    snapshot: takeAll,
    store,
    sensors,
    logger: options.logger.child({ component: 'console' }),
  });
  if (consoleServer !== null) teardown.defer('console', async () => await consoleServer[Symbol.asyncDispose]());

  await announcer?.announce(centre.cameras(), takeAll());
  publishActive();
  const key: KeyMessage = signer.sign({ schema: KEY_SCHEMA, alg: 'Ed25519', key: signer.publicKey, fingerprint: signer.fingerprint });
  uplink?.publishRetained('key', key);
  uplink?.start();
  if (uplink !== null) guarded('taking up solved cases', () => centre.start());

  tasks.push(
    housekeeping.refind(signal),
    ...startRounds({
      sensors,
      centre,
      clockWatch,
      fleet,
      snapshot: takeAll,
      announcer,
      learning: () => learning,
      desk,
      guard,
      housekeeping,
      clock,
      logger,
      signal,
    }),
  );
  void warnOfPictures(pictures, logger, signal);
  const finished = fleet.run().then(() => desk.idle());
  // Whoever does not wait for the end must not be ended by it.
  finished.catch(() => undefined);
  logger.info({ event: 'agent-started', version, site, agent, cameras: config.cameras.length, console: consoleServer?.url }, 'started');

  return {
    consoleUrl: consoleServer?.url ?? null,
    finished,
    snapshot: takeAll,
    stuck: () => fleet.stuck().map((id) => `camera ${id}`),
    [Symbol.asyncDispose]: () => teardown[Symbol.asyncDispose](),
  };
}
