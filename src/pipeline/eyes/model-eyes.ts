import { stat } from 'node:fs/promises';
import type { CameraConfig } from '../../config/camera-schema.js';
import type { ResolvedConfig } from '../../config/schema.js';
import type { OpenRequest } from '../../detectors/detector-child.js';
import { type InferenceService, openInference } from '../../detectors/inference-service.js';
import type { ModelEntry } from '../../detectors/model-entry.js';
import { entryNamed, modelFile, ownRegistry, readRegistry } from '../../detectors/model-registry.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type { InferenceSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';
import { runPeriodically } from '../../platform/time/periodic.js';
import { createCameraEyes } from './camera-eyes.js';
import type { CameraEyes } from './object-eyes.js';
import { wantedModel } from './wanted-model.js';

/** What of a config says which models are wanted. */
export type ModelWishes = Pick<ResolvedConfig, 'inference' | 'cameras'>;

export interface ModelEyesOptions {
  readonly config: ModelWishes;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The compiled process; another one in tests. */
  readonly childUrl?: URL;
}

/** The models that an agent's cameras ask for, in one process, and each camera's way to its own. */
export interface ModelEyes extends AsyncDisposable {
  /** Resolves when the models of the present config are open, or known to be unusable. Until then cameras have those of the config before. */
  ready(): Promise<void>;
  /** The same, but resolves after {@link READY_SOON_MS} at the latest, and when the signal aborts: what takes longer must not keep cameras waiting. */
  readySoon(signal: AbortSignal): Promise<void>;
  /** `null`: none of its rules wants names, or its config wants no model. @param every see {@link CameraEyes.every}. */
  of(camera: CameraConfig, every: boolean): CameraEyes | null;
  /** How the process is; `null`: no camera asks for a model. */
  process(): InferenceSnapshot | null;
  /** Goes on with another config; resolves as {@link ready} does. */
  reconfigure(config: ModelWishes): Promise<void>;
}

/** For so long cameras wait for models that are being opened, milliseconds; then they go by what moves until those are there. */
const READY_SOON_MS = 5_000;
/** How often models that cannot be used are looked at again, milliseconds: a file is brought, or mended. It costs a stat and a hash each. */
const LOOK_AGAIN_MS = 30_000;
/** After so long a model that its process died of is tried again, milliseconds: memory may have been short. The others lose a second by it. */
const TRY_AGAIN_MS = 10 * 60_000;

/** Models as they were asked for. */
interface Wish {
  /** Says whether anything has changed: names, options, the files as they lie there, and how often they were tried. */
  readonly key: string;
  readonly requests: ReadonlyMap<string, OpenRequest>;
  /** Those that could not even be asked for. */
  readonly missing: ReadonlyMap<string, AgentError>;
}

interface Opened extends Wish {
  /** `null`: there was nothing to ask for. */
  readonly service: InferenceService | null;
  /** Monotonic, milliseconds. */
  readonly sinceMs: number;
}

/** Begins to open what the cameras ask for. A model that cannot be used is told of, and costs the cameras that ask for it their names, no more. */
export function openModelEyes(options: ModelEyesOptions): ModelEyes {
  const { clock, logger } = options;
  const closing = new AbortController();
  let config = options.config;
  let opened: Opened | null = null;
  /** Of processes that gave way to others. */
  let restartsBefore = 0;
  let tries = 0;

  const wanted = (): readonly string[] => [...new Set(config.cameras.map(wantedModel).filter((name) => name !== null))];

  /** Why a model cannot be asked; `null`: it can, or it is being opened. */
  function problemOf(name: string): AgentError | null {
    const about = opened?.service?.models.get(name);
    return opened?.missing.get(name) ?? (about instanceof AgentError ? about : null);
  }

  async function refresh(): Promise<void> {
    const wish = await wishOf(config, wanted(), tries);
    if (closing.signal.aborted) return;
    const before = opened;
    if (before?.key === wish.key) opened = { ...before, missing: wish.missing };
    else {
      const { childUrl } = options;
      const process = { clock, logger, signal: closing.signal, ...(childUrl === undefined ? {} : { childUrl }) };
      const service = wish.requests.size === 0 ? null : await openInference({ models: wish.requests, ...process });
      // The new one is there before the old one goes: no camera asks one that is closed.
      opened = { ...wish, service, sinceMs: clock.monotonic() };
      restartsBefore += before?.service?.figures().restarts ?? 0;
      await before?.service?.[Symbol.asyncDispose]();
    }
    for (const [name, { code, message }] of wish.missing) {
      if (before?.missing.get(name)?.message !== message)
        logger.error({ event: 'model-unusable', model: name, code }, `objects are not named by ${name}: ${message}`);
    }
  }

  /** Changes take turns. */
  let turn = refresh();
  function refreshInTurn(): Promise<void> {
    turn = turn.catch(() => undefined).then(refresh);
    return turn;
  }

  async function lookAgain(): Promise<void> {
    await turn;
    const codes = wanted().flatMap((name) => problemOf(name)?.code ?? []);
    if (codes.length === 0) return;
    if (codes.includes('WORKER_FAILED') && clock.monotonic() - (opened?.sinceMs ?? 0) >= TRY_AGAIN_MS) tries++;
    await refreshInTurn();
  }
  const watching = runPeriodically({
    ...{ name: 'looking at models again', everyMs: LOOK_AGAIN_MS, work: lookAgain },
    ...{ clock, logger, signal: closing.signal },
  });

  return {
    ready: () => turn,
    readySoon: (signal) => Promise.race([turn, clock.delay(READY_SOON_MS, signal).catch(() => undefined)]),
    of(camera, every) {
      const model = wantedModel(camera);
      if (model === null) return null;
      return createCameraEyes({
        ...{ camera, model, every, clock, logger },
        service: () => opened?.service ?? null,
        problem: () => problemOf(model),
      });
    },
    process() {
      if (wanted().length === 0) return null;
      const { running, restarts } = opened?.service?.figures() ?? { running: false, restarts: 0 };
      return { running, restarts: restartsBefore + restarts };
    },
    reconfigure(next) {
      config = next;
      return refreshInTurn();
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await turn.catch(() => undefined);
      await watching;
      await opened?.service?.[Symbol.asyncDispose]();
    },
  };
}

/** @throws what is no {@link AgentError} alone. */
async function wishOf({ inference }: ModelWishes, names: readonly string[], tries: number): Promise<Wish> {
  const requests = new Map<string, OpenRequest>();
  const missing = new Map<string, AgentError>();
  const files: string[] = [];
  let entries: readonly ModelEntry[] | null = null;
  for (const name of names) {
    try {
      entries ??= await readRegistry(inference.registry ?? ownRegistry);
      const model = entryNamed(entries, name);
      const file = await modelFile(model, inference.folder);
      const { mtimeMs, size } = await stat(file);
      files.push(`${mtimeMs} ${size}`);
      requests.set(name, { engine: { file, providers: inference.providers, threads: inference.threads }, model });
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      missing.set(name, error);
    }
  }
  return { key: JSON.stringify([[...requests], files, tries]), requests, missing };
}
