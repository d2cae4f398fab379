import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect } from 'vitest';
import { makeFolder } from '../platform/disk/make-folder.js';
import type { recordingLogger } from './delivery-fixtures.js';
import type { HostileBroker, HostileMessage } from './hostile-broker.js';

/** How many cases a fuzz test tries; `PARAPET_FUZZ_RUNS` has it try more (100,000 for a release: docs/security.md). */
export function fuzzRuns(shortly: number): number {
  const asked = process.env['PARAPET_FUZZ_RUNS'];
  if (asked === undefined) return shortly;
  if (!/^\d+$/.test(asked)) throw new RangeError(`PARAPET_FUZZ_RUNS must be a number of cases: ${asked}`);
  return Number(asked);
}

/** Says what a long run has met; a short one is silent. */
function reportFuzz(what: string, figures: Readonly<Record<string, number>>): void {
  if (process.env['PARAPET_FUZZ_RUNS'] !== undefined) process.stderr.write(`fuzz of the ${what}: ${JSON.stringify(figures)}\n`);
}

/** Files that nobody has any business with, around a data folder. */
export interface SentinelTree {
  readonly dataDir: string;
  /** What has changed outside the data folder since it was made; empty when nothing has. */
  changes(): readonly string[];
}

/** @param root empty folder; the data folder is made some levels below, so that a few `..` stay inside. */
export function plantSentinels(root: string): SentinelTree {
  const home = join(root, 'srv', 'home', 'box');
  const dataDir = join(home, 'data');
  makeFolder(dataDir);
  for (const folder of [root, join(root, 'srv'), join(root, 'srv', 'home'), home]) writeFileSync(join(folder, 'outside'), `of ${folder}`);
  const look = (): Map<string, string> => {
    const seen = new Map<string, string>();
    for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const whole = join(root, path);
      if (whole === dataDir || whole.startsWith(dataDir + sep)) continue;
      const { mode, size } = statSync(whole);
      const content = statSync(whole).isDirectory() ? '' : createHash('sha256').update(readFileSync(whole)).digest('hex');
      seen.set(relative(root, whole), `${mode} ${statSync(whole).isDirectory() ? '' : size} ${content}`);
    }
    // The folder that relative paths begin in.
    for (const name of readdirSync(process.cwd())) seen.set(`./${name}`, '');
    return seen;
  };
  const before = look();
  return {
    dataDir,
    changes() {
      const after = look();
      const paths = new Set([...before.keys(), ...after.keys()]);
      return [...paths].filter((path) => before.get(path) !== after.get(path));
    },
  };
}

/** Bytes in use after everything that can be collected is: heap and what hangs on it. */
function usedMemoryBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

/** Bytes that may stay in use after all messages: what is known of senders, files under way and the database's own cache. */
const MEMORY_LIMIT_BYTES = 64 * 1024 * 1024;

export interface MessageFuzz<Counters> {
  /** Names who is fuzzed in the report. */
  readonly what: string;
  readonly runs: number;
  readonly message: fc.Arbitrary<HostileMessage>;
  readonly broker: HostileBroker;
  /** Called before each message. */
  readonly before: () => void;
  /** Whether MQTT lets it through: then nothing that is in it may cost the link. */
  readonly isProper: (message: HostileMessage) => boolean;
  readonly log: ReturnType<typeof recordingLogger>;
  readonly tree: SentinelTree;
  readonly counters: Counters;
  /** Of these each must have counted something: all sorts were seen. */
  readonly sorts: readonly (keyof Counters & string)[];
}

/**
 * Sends messages that nobody should, one by one, and expects that whoever hears them goes on: proper ones are acknowledged, few of the others
 * cost the link, memory does not grow, nothing is fatal, and nothing is written outside the data folder.
 */
export async function fuzzMessages<Counters extends Readonly<Record<keyof Counters, number>>>(fuzz: MessageFuzz<Counters>): Promise<void> {
  const { what, runs, broker, log, tree, counters } = fuzz;
  let sent = 0;
  let hungUp = 0;
  let warmBytes = 0;
  await fc.assert(
    fc.asyncProperty(fuzz.message, async (one) => {
      fuzz.before();
      const outcome = await broker.send(one);
      if (outcome === 'hung up') hungUp++;
      if (fuzz.isProper(one))
        expect(outcome, String(log.lines().findLast(({ event }) => event === 'broker-lost')?.['msg'])).toBe('acknowledged');
      if (++sent === Math.ceil(runs / 5)) warmBytes = usedMemoryBytes();
    }),
    { numRuns: runs },
  );
  expect(tree.changes()).toEqual([]);
  const grownBytes = usedMemoryBytes() - warmBytes;
  reportFuzz(what, { sent, hungUp, grownBytes, ...counters });
  expect(grownBytes).toBeLessThan(MEMORY_LIMIT_BYTES);
  expect(fuzz.sorts.filter((sort) => counters[sort] === 0)).toEqual([]);
  // Nothing but what the broker did to the packets has cost a link.
  expect(hungUp).toBeLessThan(sent / 4);
  expect(log.lines().filter(({ level }) => level === 'fatal')).toEqual([]);
}
