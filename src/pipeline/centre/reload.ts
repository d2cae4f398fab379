import { readFileSync } from 'node:fs';
import type { ResolvedConfig } from '../../config/schema.js';
import { CommandRefusal } from '../../domain/wire/command.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import { publicKeyFromPem } from '../../platform/proof/index.js';
import type { CommandPolicy } from '../../uplink/index.js';

/** Keys that a running agent goes over to; of all others only a restart makes anything. */
const LIVE: readonly (readonly string[])[] = [
  ['cameras'],
  ['inference'],
  ['time_zone'],
  ['retention'],
  ['mqtt', 'commands'],
  ['mqtt', 'evidence'],
];

/** A config read again: what the agent goes on with, and what it would need a restart for. */
export interface Reloaded {
  readonly config: ResolvedConfig;
  readonly policy: CommandPolicy;
  /** Paths of keys that have changed but count only after a restart. */
  readonly needsRestart: readonly string[];
}

/**
 * Reads the config again and joins what can change at run time to what cannot.
 *
 * @throws {CommandRefusal} config_invalid, with what is wrong: then nothing has changed.
 */
export function reloadConfig(read: () => ResolvedConfig, running: ResolvedConfig): Reloaded {
  let next: ResolvedConfig;
  let policy: CommandPolicy;
  try {
    next = read();
    policy = commandPolicy(next);
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    throw new CommandRefusal('config_invalid', error.message.replaceAll(/\s*\n\s*/g, '; '), { cause: error });
  }
  // An agent without cameras has nothing to do, and ends.
  if (next.cameras.length === 0) throw new CommandRefusal('config_invalid', 'cameras: the config names none');
  const { cameras, inference, time_zone, retention } = next;
  const config = {
    ...running,
    cameras,
    inference,
    time_zone,
    retention,
    mqtt: { ...running.mqtt, commands: next.mqtt.commands, evidence: next.mqtt.evidence },
  };
  return { config, policy, needsRestart: differences(running, next, []) };
}

/** Who may command. @throws {AgentError} CONFIG_INVALID when the centre's key cannot be read. */
export function commandPolicy({ mqtt }: ResolvedConfig): CommandPolicy {
  const { allow, key: path } = mqtt.commands;
  if (path === null) return { allow, key: null };
  try {
    return { allow, key: publicKeyFromPem(readFileSync(path, 'utf8')) };
  } catch (error) {
    const mend = 'give it the PEM file of an Ed25519 public key: openssl pkey -in centre.key -pubout';
    throw new AgentError('CONFIG_INVALID', `mqtt.commands.key: ${path} cannot be used (${errorMessage(error)}); ${mend}`, { cause: error });
  }
}

/** Paths of the leaves that differ, without those that are live. */
function differences(a: unknown, b: unknown, path: readonly string[]): readonly string[] {
  if (LIVE.some((live) => live.join('.') === path.join('.')) || JSON.stringify(a) === JSON.stringify(b)) return [];
  if (!isMap(a) || !isMap(b)) return [path.join('.')];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => differences(a[key], b[key], [...path, key]));
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
