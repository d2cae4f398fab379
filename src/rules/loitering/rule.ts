import type { Figure } from '../../domain/figure.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import { around, stepsApart } from '../common/boxes.js';
import { createCoolingPlaces } from '../common/cooling-places.js';
import { createDwellTracker, type Dwell } from '../common/dwell.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { counting, inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { createSubjects } from '../common/subjects.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { LoiteringConfig } from './config.js';

/** Longer than this between two looks is no observation, milliseconds: a detector drops whoever stands still, but not for ever. */
const LONGEST_GAP_MS = 6_000;
/** Who stands within so many own sizes of somebody who was told of belongs to him. */
const TOGETHER = 1.5;

interface Person {
  readonly object: TrackedObject;
  readonly dwell: Dwell;
}

/** Tells of people who stay in the zone; who stand together, as one. */
export function createLoiteringRule(config: LoiteringConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const subjects = createSubjects();
  const inside = createDwellTracker<number>({ inertiaMs: config.away, longestGapMs: LONGEST_GAP_MS });
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: 0 });
  /** Who stays, by the key of the one who was told of first. */
  const groups = new Map<number, Map<number, Person>>();
  const cooling = createCoolingPlaces(config.cool_down);
  let lastPtsMs = 0;

  function stateOf(people: readonly Person[], named: boolean): IncidentState {
    const longest = people.reduce((most, { dwell }) => Math.max(most, dwell.observedMs), 0);
    return {
      // Without a model it may be a tree in the wind, or a dog.
      verdict: named ? 'confirmed' : 'suspected',
      confidence: Math.max(...people.map(({ object }) => object.score)),
      reasons: [
        { criterion: 'seconds_stayed', value: longest / 1000, threshold: config.after / 1000, unit: 's' },
        { criterion: 'people_together', value: people.length, threshold: 1, unit: 'people' },
        { criterion: 'score', value: Math.max(...people.map(({ object }) => object.score)), threshold: leastScore, unit: '' },
      ],
      startPtsMs: Math.min(...people.map(({ dwell }) => dwell.sincePtsMs)),
      endPtsMs: Math.max(...people.map(({ dwell }) => dwell.lastPtsMs)),
      box: around(people.map(({ object }) => object.box)),
      zone: config.zone,
      labels: [...new Set(people.map(({ object }) => object.label))],
    };
  }

  const groupOf = (key: number): number | null => [...groups].find(([, people]) => people.has(key))?.[0] ?? null;
  const nearTo = ({ box }: TrackedObject): number | null =>
    [...groups].find(([, people]) => [...people.values()].some(({ object }) => stepsApart(box, object.box) <= TOGETHER))?.[0] ?? null;

  /** Takes in that somebody has stayed long enough. */
  function stay(key: number, person: Person, { ptsMs, named }: StreetFrame): RuleFinding | null {
    const leader = groupOf(key) ?? nearTo(person.object);
    if (leader !== null) {
      groups.get(leader)?.set(key, person);
      return null;
    }
    if (cooling.covers(person.object.box, ptsMs)) return null;
    const finding = book.begin(key, stateOf([person], named), ptsMs);
    if (finding !== null) groups.set(key, new Map([[key, person]]));
    return finding;
  }

  /** Ends incidents that nobody is left of, and notes how the others stand. */
  function settle({ ptsMs, named }: StreetFrame): RuleFinding[] {
    const findings: RuleFinding[] = [];
    for (const [leader, people] of groups) {
      const there = [...people].filter(([key]) => inside.dwell(key) !== null);
      if (there.length > 0) {
        const before = book.state(leader);
        const now = stateOf([...people.values()], named);
        book.note(leader, { ...now, startPtsMs: Math.min(now.startPtsMs, before?.startPtsMs ?? now.startPtsMs) });
        continue;
      }
      groups.delete(leader);
      const finding = book.end(leader, ptsMs);
      findings.push(finding);
      cooling.note(finding.box, ptsMs);
    }
    return findings;
  }

  return {
    step(frame) {
      const { ptsMs } = frame;
      lastPtsMs = ptsMs;
      if (frame.scene.unsettled) return [];
      const on = isOn(frame.capturedAtMs);
      const findings: RuleFinding[] = [];
      // Who stands still is part of the background without a model: he is where he was for as long as a thing stands there.
      const still = frame.named
        ? []
        : frame.still.filter(({ kind, state }) => kind === 'added' && state !== 'gone' && state !== 'absorbed').map(({ box }) => box);
      for (const { key, object } of subjects.step(counting(frame, config.labels, leastScore), ptsMs, still)) {
        const dwell = inside.look(key, ptsMs, on && inZone(zone, object.foot));
        if (dwell === null || dwell.observedMs < config.after) continue;
        const finding = stay(key, { object, dwell: { ...dwell } }, frame);
        if (finding !== null) findings.push(finding);
      }
      inside.prune(ptsMs - Math.max(config.away, LONGEST_GAP_MS));
      return [...findings, ...settle(frame)];
    },
    finish: () => book.finish(lastPtsMs),
    figures: (): readonly Figure[] => [
      {
        name: 'people_staying',
        kind: 'gauge',
        of: { zone: config.zone ?? '' },
        value: [...groups.values()].reduce((sum, people) => sum + people.size, 0),
      },
    ],
  };
}
