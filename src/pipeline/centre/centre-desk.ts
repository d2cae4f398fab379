import type { CameraConfig } from '../../config/camera-schema.js';
import type { ResolvedConfig } from '../../config/schema.js';
import type { CaseStateMessage } from '../../domain/wire/case.js';
import { createRequestedMaker, type PictureMaker, type ReferencePictures } from '../../evidence/index.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { Clock } from '../../platform/clock.js';
import type { AgentSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';
import { ruleTypes } from '../../rules/registry.js';
import type { Store } from '../../store/index.js';
import { type CommandCounters, type CommandDesk, createCommandDesk, type Uplink } from '../../uplink/index.js';
import type { CameraFleet } from '../camera/camera-fleet.js';
import type { ModelEyes } from '../eyes/model-eyes.js';
import { createAgentCommands, refuseReload } from './agent-commands.js';
import { createCaseDesk } from './case-desk.js';
import { createPatrolDesk } from './patrol-desk.js';
import { commandPolicy, reloadConfig } from './reload.js';
import { createRequestDesk } from './request-desk.js';
import { withRuleSettings } from './rule-settings.js';
import { createTransferDesk, evidencePolicy } from './transfer-desk.js';

export interface CentreDeskOptions {
  readonly config: ResolvedConfig;
  /** Reads the config again; left out where there is nothing to read. @throws {AgentError} */
  readonly readConfig?: () => ResolvedConfig;
  /** The agent goes on with another config, what commands have set included: what else follows from it. */
  readonly onChanged: (inForce: ResolvedConfig, by: 'set' | 'reload') => void | Promise<void>;
  readonly store: Store;
  /** These two are there by the time that anything is asked. */
  readonly fleet: () => CameraFleet;
  readonly eyes: Pick<ModelEyes, 'reconfigure'>;
  readonly uplink: () => Pick<Uplink, 'publishRetained' | 'clearRetained' | 'setEvidence'> | null;
  readonly snapshot: () => AgentSnapshot;
  /** Of all evidence. */
  readonly folder: string;
  readonly tools: MediaTools;
  readonly pictures: PictureMaker;
  readonly references: ReferencePictures;
  /** Makes ULIDs. */
  readonly createId: () => string;
  /** Something new waits for delivery. */
  readonly onQueued: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What the centre says to an agent, beyond acknowledgements: commands and cases. */
export interface CentreDesk {
  /** The config as it now is: some of it may have been read again. */
  config(): ResolvedConfig;
  /** Its cameras, with what commands have set of their rules. @throws {AgentError} when the store cannot be read. */
  cameras(): readonly CameraConfig[];
  /** The centre's public key, raw, where one is configured. */
  centreKey(): string | null;
  /** What decides on commands that come below a base topic. */
  createCommands(base: string, counters: CommandCounters): CommandDesk;
  /** Takes up what the agent owes the centre from before its start. @throws {AgentError} when the store cannot be read. */
  start(): void;
  /** @throws {AgentError} when it cannot be kept. */
  onCase(message: CaseStateMessage): void;
  /** Begins the inspections that are due; call it every few seconds. */
  patrol(): void;
  /** Resolves when no case is being looked at, and no patrol is under way. */
  idle(): Promise<void>;
}

/** @throws {AgentError} CONFIG_INVALID when the centre's key cannot be read. */
export function createCentreDesk(options: CentreDeskOptions): CentreDesk {
  const { store, fleet, createId, onQueued, clock, logger, signal } = options;
  let { config } = options;
  let policy = commandPolicy(config);
  let commands: CommandDesk | null = null;

  const maker = createRequestedMaker({ folder: options.folder, createId, tools: options.tools, pictures: options.pictures, signal });
  const requests = createRequestDesk({
    maker,
    references: options.references,
    store,
    cameraOf: (cameraId) => fleet().evidenceCamera(cameraId),
    cameras: () => fleet().configs(),
    createId,
    onQueued,
    clock,
    signal,
  });
  const cases = createCaseDesk({
    store,
    requests,
    references: options.references,
    reinspectionOf: (type) => Object.entries(ruleTypes).find(([name]) => name === type)?.[1].reinspection,
    uplink: {
      publishRetained: (topic, payload) => options.uplink()?.publishRetained(topic, payload),
      clearRetained: (topic) => options.uplink()?.clearRetained(topic),
    },
    clock,
    logger,
    signal,
  });
  const cameras = (): readonly CameraConfig[] => withRuleSettings(config.cameras, store.orders.ruleSettings());

  const patrols = createPatrolDesk({
    cameras,
    store,
    requests,
    cases,
    uplink: { publishRetained: (topic, payload) => options.uplink()?.publishRetained(topic, payload) },
    clock,
    logger,
    signal,
  });

  const inForce = (): ResolvedConfig => ({ ...config, cameras: [...cameras()] });

  async function reload() {
    if (options.readConfig === undefined) return refuseReload();
    const reloaded = reloadConfig(options.readConfig, config);
    await options.eyes.reconfigure(reloaded.config);
    const change = await fleet().reconfigure(withRuleSettings(reloaded.config.cameras, store.orders.ruleSettings()));
    config = reloaded.config;
    policy = reloaded.policy;
    commands?.setPolicy(policy);
    options.uplink()?.setEvidence(evidencePolicy(config.mqtt));
    await options.onChanged(inForce(), 'reload');
    logger.info({ event: 'config-reloaded', ...change, needsRestart: reloaded.needsRestart }, 'goes on with the config as it is now');
    return { ...change, needs_restart: reloaded.needsRestart };
  }

  const handlers = createAgentCommands({
    snapshot: options.snapshot,
    policy: () => policy,
    store,
    fleet,
    cameras: () => config.cameras,
    requests,
    cases,
    transfers: createTransferDesk({ store, policy: () => evidencePolicy(config.mqtt), onQueued, clock }),
    onSet: () => options.onChanged(inForce(), 'set'),
    reload,
  });

  return {
    config: () => config,
    centreKey: () => policy.key,
    cameras,
    createCommands(base, counters) {
      const nonces = { take: store.orders.takeNonce };
      commands = createCommandDesk({ handlers, policy, base, nonces, counters, clock, logger });
      return commands;
    },
    start: () => cases.start(),
    onCase: (message) => cases.onCase(message),
    patrol: () => patrols.tick(),
    async idle() {
      await cases.idle();
      await patrols.idle();
    },
  };
}
