import type { CameraConfig } from '../../config/camera-schema.js';
import { CommandRefusal } from '../../domain/wire/command.js';
import type { AgentSnapshot } from '../../platform/health/agent-snapshot.js';
import { judgeHealth } from '../../platform/health/health.js';
import type { Store } from '../../store/index.js';
import type { CommandHandlers, CommandPolicy, CommandResult } from '../../uplink/index.js';
import type { CameraFleet } from '../camera/camera-fleet.js';
import type { CaseDesk } from './case-desk.js';
import { evidenceResult, type RequestDesk } from './request-desk.js';
import { mergedSetting, ruleToSet, withRuleSettings } from './rule-settings.js';
import type { TransferDesk } from './transfer-desk.js';

export interface AgentCommandsOptions {
  readonly snapshot: () => AgentSnapshot;
  readonly policy: () => CommandPolicy;
  readonly store: Pick<Store, 'orders' | 'cases'>;
  readonly fleet: () => Pick<CameraFleet, 'configs' | 'reconfigure'>;
  /** The cameras as the config has them, without what commands have set. */
  readonly cameras: () => readonly CameraConfig[];
  readonly requests: RequestDesk;
  readonly cases: Pick<CaseDesk, 'look'>;
  readonly transfers: TransferDesk;
  /** A rule has been set, and the cameras go on with it. */
  readonly onSet: () => void | Promise<void>;
  /** Reads the config again and goes on with it. @throws {CommandRefusal} when it is not to be had. */
  readonly reload: () => Promise<CommandResult>;
}

/** What an agent does when the centre commands it. */
export function createAgentCommands(options: AgentCommandsOptions): CommandHandlers {
  const { store, requests, cases } = options;

  /** What commands have set and what stands in the config, of every rule. */
  function rulesOf(camera: CameraConfig): readonly CommandResult[] {
    const base = options.cameras().find(({ id }) => id === camera.id);
    return camera.rules.map((rule) => {
      const configured = base?.rules.find(({ name }) => name === rule.name);
      const isSet = configured?.enabled !== rule.enabled || configured.sensitivity !== rule.sensitivity;
      return { name: rule.name, type: rule.type, enabled: rule.enabled, sensitivity: rule.sensitivity, set: isSet };
    });
  }

  return {
    ping() {
      const { version, uptimeS } = options.snapshot();
      return { version, uptime_s: Math.round(uptimeS) };
    },

    status() {
      const snapshot = options.snapshot();
      const { cameras, ...health } = judgeHealth(snapshot);
      const configs = options.fleet().configs();
      return {
        ...health,
        cameras: configs.map((camera) => ({ id: camera.id, ...cameras[camera.id], rules: rulesOf(camera) })),
        evidence: {
          waiting: snapshot.store.outboxTransfers,
          waiting_bytes: snapshot.store.outboxBytes,
          ...options.transfers.status(snapshot),
          ...snapshot.evidence,
        },
        cases: store.cases.counts(),
        commands: { allow: options.policy().allow, signed: options.policy().key !== null },
      };
    },

    snapshot: (payload) => requests.snapshot(payload),
    clip: (payload) => requests.clip(payload),

    async verify({ event }) {
      const { incident, presence, reason, picture } = await cases.look(event);
      return {
        event,
        camera: incident.cameraId,
        verdict: presence,
        reason,
        evidence: picture === null ? null : evidenceResult(picture),
      };
    },

    async set(payload) {
      const rule = ruleToSet(options.cameras(), payload);
      const setting = mergedSetting(store.orders, rule, payload);
      store.orders.keepRuleSetting(setting);
      await options.fleet().reconfigure(withRuleSettings(options.cameras(), store.orders.ruleSettings()));
      await options.onSet();
      return {
        camera: payload.camera,
        rule: rule.name,
        enabled: setting.enabled ?? rule.enabled,
        sensitivity: setting.sensitivity ?? rule.sensitivity,
        config: { enabled: rule.enabled, sensitivity: rule.sensitivity },
      };
    },

    reload: () => options.reload(),
    fetch: (payload) => options.transfers.fetch(payload),
    upload: (payload) => options.transfers.upload(payload),
  };
}

/** For an agent that was not started from a file. */
export function refuseReload(): never {
  throw new CommandRefusal('not_available', 'this agent was not started with a config that can be read again');
}
