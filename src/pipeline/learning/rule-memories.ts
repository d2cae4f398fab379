import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { MAX_MEMORY_BYTES, type Rule } from '../../rules/contract.js';
import type { KeptOfRule, RuleShelf, Store } from '../../store/index.js';

/** What the rules of one camera remember, by their names: JSON. */
export type RuleMemories = Readonly<Record<string, string>>;

/** What is kept of the rules of all cameras over connections and restarts. */
export interface RuleKeeper {
  of(cameraId: string): RuleMemories;
  /** Takes in what has changed, here and on the disk, in one go. What is too long is not: that is logged once, and what was kept before stays. */
  keep(changed: Readonly<Record<string, RuleMemories>>): void;
}

export interface RuleKeeperOptions {
  readonly shelf: RuleShelf;
  /** What is older is of no use to any rule, milliseconds. */
  readonly keptMs: number;
  /** What is said when the disk does not take it: of what will not survive a restart. */
  readonly unsaved: { readonly event: string; readonly message: string };
  readonly clock: Clock;
  readonly logger: Logger;
}

const DAY_MS = 86_400_000;

/** @returns what rules remember, and what they have counted. */
export function createRuleKeepers(learnt: Pick<Store['learnt'], 'memories' | 'counts'>, clock: Clock, logger: Logger) {
  return {
    memories: createRuleKeeper({
      ...{ shelf: learnt.memories, keptMs: 30 * DAY_MS, clock, logger },
      unsaved: { event: 'rule-memory-unsaved', message: 'what the rules remember will not survive a restart' },
    }),
    // A camera that comes back after the winter goes on; one that comes back to another place after years does not.
    counts: createRuleKeeper({
      ...{ shelf: learnt.counts, keptMs: 400 * DAY_MS, clock, logger },
      unsaved: { event: 'rule-counts-unsaved', message: 'what the rules have counted will not survive a restart' },
    }),
  };
}

function createRuleKeeper({ shelf, keptMs, unsaved, clock, logger }: RuleKeeperOptions): RuleKeeper {
  const known = new Map<string, RuleMemories>();
  for (const { cameraId, rule, keptAtMs, json } of shelf.all()) {
    if (clock.now() - keptAtMs <= keptMs) known.set(cameraId, { ...known.get(cameraId), [rule]: json });
  }
  /** Rules whose latest is too long, as camera and rule. */
  const tooLong = new Set<string>();

  function fits(cameraId: string, rule: string, json: string): boolean {
    const key = `${cameraId}/${rule}`;
    const bytes = Buffer.byteLength(json);
    if (bytes <= MAX_MEMORY_BYTES) {
      tooLong.delete(key);
      return true;
    }
    if (!tooLong.has(key))
      logger.error(
        { event: unsaved.event, camera: cameraId, rule, bytes },
        `rule ${rule} of ${cameraId} has ${bytes} bytes to keep, more than ${MAX_MEMORY_BYTES}: a restart goes back to what it had before`,
      );
    tooLong.add(key);
    return false;
  }

  /** It works from memory until the next start, when the disk does not take it. */
  function write(rows: readonly KeptOfRule[]): void {
    try {
      shelf.keep(rows);
      shelf.forget(clock.now() - keptMs);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      logger.error(
        { event: unsaved.event, cameras: [...new Set(rows.map(({ cameraId }) => cameraId))], reason: error.message },
        unsaved.message,
      );
    }
  }
  return {
    of: (cameraId) => known.get(cameraId) ?? {},
    keep(changed) {
      const keptAtMs = clock.now();
      const rows: KeptOfRule[] = [];
      for (const [cameraId, memories] of Object.entries(changed)) {
        const fitting = Object.entries(memories).filter(([rule, json]) => fits(cameraId, rule, json));
        known.set(cameraId, { ...known.get(cameraId), ...Object.fromEntries(fitting) });
        for (const [rule, json] of fitting) rows.push({ cameraId, rule, keptAtMs, json });
      }
      if (rows.length > 0) write(rows);
    },
  };
}

interface Named {
  readonly config: { readonly name: string };
  readonly rule: Pick<Rule<never>, 'memory' | 'recall'>;
}

/** What rules remember now. */
export function memoriesOf(rules: readonly Named[]): RuleMemories {
  const memories: Record<string, string> = {};
  for (const { config, rule } of rules) {
    const memory = rule.memory?.();
    if (memory === undefined) continue;
    const json = JSON.stringify(memory);
    if (json !== undefined) memories[config.name] = json;
  }
  return memories;
}

/** Hands rules what earlier ones of their names remembered. A rule of another type now, or a damaged text, begins anew. */
export function recallBy(rules: readonly Named[], memories: RuleMemories): void {
  for (const { config, rule } of rules) {
    const json = memories[config.name];
    if (json === undefined || rule.recall === undefined) continue;
    const memory = parseMemory(json);
    if (memory !== undefined) rule.recall(memory);
  }
}

/** What was kept of a rule; `undefined` of a damaged text. */
export function parseMemory(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Those that differ from what was known. */
export function changedMemories(before: RuleMemories, now: RuleMemories): RuleMemories {
  return Object.fromEntries(Object.entries(now).filter(([rule, json]) => before[rule] !== json));
}
