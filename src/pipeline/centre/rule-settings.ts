import type { CameraConfig } from '../../config/camera-schema.js';
import { type CommandPayload, CommandRefusal } from '../../domain/wire/command.js';
import type { RuleConfig } from '../../rules/registry.js';
import type { Orders, RuleSetting } from '../../store/index.js';

/** The cameras with what commands have set of their rules; of rules that are not there any more nothing is said. */
export function withRuleSettings(cameras: readonly CameraConfig[], settings: readonly RuleSetting[]): readonly CameraConfig[] {
  return cameras.map((camera) => {
    const ofCamera = settings.filter(({ cameraId }) => cameraId === camera.id);
    if (ofCamera.length === 0) return camera;
    return {
      ...camera,
      rules: camera.rules.map((rule) =>
        withSetting(
          rule,
          ofCamera.find((setting) => setting.rule === rule.name),
        ),
      ),
    };
  });
}

function withSetting(rule: RuleConfig, setting: RuleSetting | undefined): RuleConfig {
  if (setting === undefined) return rule;
  return { ...rule, enabled: setting.enabled ?? rule.enabled, sensitivity: setting.sensitivity ?? rule.sensitivity };
}

/** The rule that a `set` is about. @throws {CommandRefusal} when there is none, or several and none was named. */
export function ruleToSet(cameras: readonly CameraConfig[], { camera: cameraId, rule: name }: CommandPayload<'set'>): RuleConfig {
  const camera = cameras.find(({ id }) => id === cameraId);
  if (camera === undefined) throw unknownCamera(cameraId, cameras);
  const [first, ...others] = camera.rules;
  const named = name === undefined && others.length === 0 ? first : camera.rules.find((rule) => rule.name === name);
  if (named !== undefined) return named;
  throw new CommandRefusal('invalid', `name one of the rules of ${cameraId}: ${camera.rules.map((rule) => rule.name).join(', ')}`);
}

export function unknownCamera(cameraId: string, cameras: readonly Pick<CameraConfig, 'id'>[]): CommandRefusal {
  return new CommandRefusal('unknown_camera', `there is no camera ${cameraId}; known: ${cameras.map(({ id }) => id).join(', ')}`);
}

/** What stands after a `set`: what it does not name stays as it was set before, and `null` goes back to the config. */
export function mergedSetting(orders: Pick<Orders, 'ruleSettings'>, rule: RuleConfig, payload: CommandPayload<'set'>): RuleSetting {
  const before = orders.ruleSettings().find((setting) => setting.cameraId === payload.camera && setting.rule === rule.name);
  const { enabled = before?.enabled ?? null, sensitivity = before?.sensitivity ?? null } = payload;
  return { cameraId: payload.camera, rule: rule.name, enabled, sensitivity };
}
