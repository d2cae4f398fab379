import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent } from '../../agent.js';
import { loadConfig } from '../../config/index.js';
import { describeEvent } from '../../domain/event-words.js';
import { probe } from '../../media/probe.js';
import { systemClock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { CameraSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';
import { createReceiver, type ReceivedEvidence } from '../../receiver/index.js';
import type { CommandContext } from '../context.js';
import { aborted } from '../shared/aborted.js';
import { formatBytes } from '../shared/words.js';
import { startEmbeddedBroker } from './embedded-broker.js';
import { startLiveCamera } from './live-camera.js';
import { createProof } from './proof.js';
import { renderDemoScene } from './scene-cache.js';

export interface DemoOptions {
  /** End when a confirmed event and its evidence have arrived; otherwise run until the signal aborts. */
  readonly once: boolean;
  /** Of the console; 0: any free one. */
  readonly port: number;
  readonly logger: Logger;
}

/** Pictures a second of the demo's scene. */
const FPS = 25;
/** How long `--once` waits, milliseconds: the scene lasts 30 s and throws once, and a busy machine may be four times slower. */
const ONCE_TIMEOUT_MS = 120_000;

/**
 * The whole system in one process: a live RTSP camera, the agent, a broker, the receiver and the console, each the real one.
 *
 * @throws {AgentError} WORKER_FAILED with how far it came, when `once` waited in vain.
 */
export async function runDemo(context: CommandContext, options: DemoOptions): Promise<void> {
  const clock = systemClock;
  const { logger } = options;
  const { signal } = context;
  const say = (line: string): void => void context.stdout.write(`${timeOfDay(clock.now())} ${line}\n`);

  const scene = await renderDemoScene(context.env, () => say('rendering a tower with a throw; this happens only once'), signal);
  const folder = await mkdtemp(join(tmpdir(), 'parapet-demo-'));
  await using broker = await startEmbeddedBroker();
  await using camera = await startLiveCamera(scene.video, FPS, clock, logger);
  say(`a live camera plays at ${camera.url}, an MQTT broker listens at ${broker.url}`);

  const proof = createProof();
  /** A clip is looked at before it is told of: what comes after it waits. */
  let told: Promise<void> = Promise.resolve();
  await using receiver = createReceiver({
    mqtt: { url: broker.url },
    prefix: 'parapet',
    dataDir: join(folder, 'received'),
    clock,
    logger: logger.child({ component: 'receiver' }),
    onEvent: ({ event }) => {
      proof.event(event);
      if (event.phase === 'new') say(`something falls before the camera '${event.camera}'`);
      if (event.phase === 'end') say(`${describeEvent(event)}; seen at ${event.started_at.slice(11, 19)} UTC, event ${event.id}`);
    },
    onEvidence: (received) => {
      proof.verified(received.event, received.kind);
      told = told.then(async () => say(await evidenceLine(received, signal)));
    },
    onComplete: ({ message, folder: place }) => {
      told = told.then(() => {
        say(`the evidence is complete; the whole fall in one picture: ${join(place, 'trail.jpg')}`);
        say(`the clip: ${join(place, 'clip.mp4')}`);
        proof.complete(message);
      });
    },
  });
  await receiver.start();

  const states = new Map<string, string>();
  /** From here on cameras go offline because we are leaving. */
  let ending = false;
  await using agent = await startAgent({
    config: demoConfig(context, scene.config, { camera: camera.url, broker: broker.url, port: options.port }),
    dataDir: join(folder, 'agent'),
    version: context.version,
    clock,
    logger,
    onCamera: (cameraId, snapshot) => {
      const shown = snapshot.cameras.find(({ id }) => id === cameraId);
      if (shown === undefined || states.get(cameraId) === shown.state) return;
      states.set(cameraId, shown.state);
      if (shown.state === 'online') proof.cameraOnline();
      if (!ending) say(cameraLine(shown));
    },
  }).catch(portTaken(options.port));
  if (agent.consoleUrl !== null) say(`the console: ${agent.consoleUrl}`);
  say(options.once ? 'waiting for a throw and its evidence' : 'a bottle falls every 30 s; stop with Ctrl-C');

  if (!options.once) {
    await aborted(signal);
    ending = true;
    return;
  }
  const timer = new AbortController();
  const timeout = clock.delay(ONCE_TIMEOUT_MS, AbortSignal.any([signal, timer.signal])).then(
    () => 'late' as const,
    () => 'aborted' as const,
  );
  const result = await Promise.race([proof.proven.then(() => 'proven' as const), timeout]);
  timer.abort();
  ending = true;
  if (result === 'proven') {
    say('proven: a confirmed event and all its evidence arrived, every hash right');
    return;
  }
  const waited = result === 'late' ? `after ${ONCE_TIMEOUT_MS / 1000} s` : 'when it was stopped';
  throw new AgentError('WORKER_FAILED', `the demo was not proven ${waited}: ${proof.missing()}; run it with --log-level info to see more`);
}

/** The demo has a flag of its own for the console's port. */
const portTaken =
  (port: number) =>
  (error: unknown): never => {
    if (!(error instanceof AgentError) || error.code !== 'PORT_IN_USE') throw error;
    const mend = 'choose another with --port, or leave it out for any free one';
    throw new AgentError('PORT_IN_USE', `another program listens on port ${port}; ${mend}`, { cause: error });
  };

function demoConfig(
  context: CommandContext,
  file: string,
  { camera, broker, port }: { readonly camera: string; readonly broker: string; readonly port: number },
): ReturnType<typeof loadConfig>['config'] {
  const settings = {
    'cameras.demo.source.url': camera,
    'mqtt.url': broker,
    'mqtt.delivery': 'centre',
    agent: 'box-01',
    'console.port': port,
  };
  return loadConfig({
    file,
    // The demo is the same everywhere: no PARAPET_… of the environment changes it.
    env: {},
    cwd: context.cwd,
    settings: Object.entries(settings).map(([key, value]) => ({ flag: 'demo', setting: `${key}=${value}` })),
  }).config;
}

function cameraLine({ id, state, picture, reason }: CameraSnapshot): string {
  if (state === 'online') return `camera '${id}' is online: ${picture}, ${FPS} pictures a second`;
  return `camera '${id}' is ${state}${reason === null ? '' : `: ${reason}`}`;
}

async function evidenceLine({ kind, bytes, path }: ReceivedEvidence, signal: AbortSignal): Promise<string> {
  let length = '';
  if (kind === 'clip') {
    const durationS = await probe({ kind: 'file', path }, { signal }).then(
      (info) => info.durationS,
      (error: unknown) => errorMessage(error),
    );
    length = typeof durationS === 'number' ? `${durationS.toFixed(1)} s, ` : durationS === null ? '' : `${durationS}, `;
  }
  return `evidence arrived whole: ${kind}, ${length}${formatBytes(bytes)}, hash verified`;
}

/** @example timeOfDay(0) // '01:00:00' in Paris */
function timeOfDay(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
