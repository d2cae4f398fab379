import { areaOf } from '../../core/geometry/box.js';
import type { Box } from '../../domain/geometry.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StillThing, StreetFrame } from '../../domain/street.js';
import { footOf } from '../common/boxes.js';
import { asLeft, createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { inZone, zoneOf } from '../common/matching.js';
import { boxAround } from '../common/zone-pixels.js';
import type { OpenIncident, Rule, RuleContext, RuleFinding } from '../contract.js';
import type { RemovedObjectConfig } from './config.js';
import { readMemory, writeMemory } from './memory.js';
import { createWatched, type WatchedSight } from './watched.js';

/** Likeness below which it is surely not there, by sensitivity; another car at the place of a parked one has 0.5 at most. */
const OTHER_LOOK = { low: 0.35, normal: 0.5, high: 0.65 } as const;
/** Smallest part of the picture that counts where nothing is watched by name, by sensitivity. */
const LEAST_AREA = { low: 0.0012, normal: 0.0006, high: 0.0003 } as const;
/** How often places are looked at, milliseconds: some 50 µs each while all is well. */
const LOOK_EVERY_MS = 400;
/** It is back only after so long, milliseconds. */
const BACK_MS = 2_000;
/** Longer than this between two looks is no observation, milliseconds. */
const LONGEST_GAP_MS = 1_000;

const MISSED_NOTHING = { missingSincePtsMs: null, missingMs: 0 };

/** Tells when something that must stay is gone, until it is back. */
export function createRemovedObjectRule(config: RemovedObjectConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const book = createIncidentBook<string>({ severity: config.severity, coolDownMs: config.cool_down });
  const places = config.watch.map((name) => {
    const box = boxAround(zoneOf(name, context));
    return {
      ...{ name, box, watched: createWatched(box, OTHER_LOOK[config.sensitivity]) },
      missingSincePtsMs: null as number | null,
      backSincePtsMs: null as number | null,
      /** When it was last seen back. */
      backPtsMs: Number.NEGATIVE_INFINITY,
      /** Observed time in which it was missing, and when that was last looked at, milliseconds. */
      missingMs: 0,
      attendedPtsMs: 0,
    };
  });
  let resumed: readonly OpenIncident[] = [];
  let lookedPtsMs = Number.NEGATIVE_INFINITY;
  let lastPtsMs = 0;

  const stateOf = (
    { name, box, missingMs }: (typeof places)[number],
    sight: WatchedSight,
    sincePtsMs: number,
    ptsMs: number,
  ): IncidentState => ({
    verdict: 'confirmed',
    confidence: sight.taken ? 0.95 : Math.max(0.6, Math.min(0.95, 1 - (sight.likeness ?? 0) / 2)),
    reasons: [
      { criterion: 'seconds_missing', value: missingMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'likeness', value: sight.likeness ?? 0, threshold: OTHER_LOOK[config.sensitivity], unit: '' },
      { criterion: 'seen_taken', value: sight.taken ? 1 : 0, threshold: 1, unit: 'seen' },
    ],
    startPtsMs: sincePtsMs,
    endPtsMs: ptsMs,
    box,
    zone: name,
    labels: [name],
  });

  /** When it was taken, as the background knows it, unless that was another time: what was put back and taken again is one empty place to it. */
  function takenPtsMs({ backPtsMs }: (typeof places)[number], { otherSincePtsMs }: WatchedSight, ptsMs: number): number {
    return otherSincePtsMs === null || otherSincePtsMs <= backPtsMs ? ptsMs : Math.min(ptsMs, otherSincePtsMs);
  }

  function attend(place: (typeof places)[number], frame: StreetFrame, on: boolean): RuleFinding | null {
    const { ptsMs } = frame;
    const sight = place.watched.look(frame);
    // What was hidden in between is no observation: who sways before a place is lost from sight now and then.
    if (sight.state === 'missing' && place.missingSincePtsMs !== null)
      place.missingMs += Math.min(LONGEST_GAP_MS, Math.max(0, ptsMs - place.attendedPtsMs));
    place.attendedPtsMs = ptsMs;
    if (sight.state === 'hidden') {
      place.backSincePtsMs = null;
      return null;
    }
    if (sight.state === 'there') {
      place.backSincePtsMs ??= ptsMs;
      if (place.missingSincePtsMs !== null) place.backPtsMs = ptsMs;
      if (!book.isOpen(place.name)) Object.assign(place, MISSED_NOTHING);
      else if (ptsMs - place.backSincePtsMs >= BACK_MS) {
        Object.assign(place, MISSED_NOTHING);
        return book.end(place.name, ptsMs);
      }
      return null;
    }
    place.backSincePtsMs = null;
    place.missingSincePtsMs ??= takenPtsMs(place, sight, ptsMs);
    const state = stateOf(place, sight, place.missingSincePtsMs, ptsMs);
    if (book.isOpen(place.name)) {
      book.note(place.name, state);
      return null;
    }
    return on && (sight.taken || place.missingMs >= config.after) ? book.begin(place.name, state, ptsMs) : null;
  }

  /** Goes on with what an earlier stream left open: it is missing until it shows. Of what is not watched any more, or was not by name, nobody can tell. */
  function takeUp(frame: StreetFrame): readonly RuleFinding[] {
    const ended: RuleFinding[] = [];
    for (const open of resumed) {
      const state = asLeft(open, frame);
      const place = places.find(({ name, box }) => name === open.zone && isSameZone(box, open.box) && !book.isOpen(name));
      const key = place?.name ?? `number ${open.number}`;
      book.resume(key, open.number, state);
      if (place === undefined) ended.push(book.end(key, frame.ptsMs));
      else {
        place.missingSincePtsMs = state.startPtsMs;
        place.missingMs = 1000 * (open.reasons.find(({ criterion }) => criterion === 'seconds_missing')?.value ?? 0);
      }
    }
    resumed = [];
    return ended;
  }

  /** Where nothing is watched by name: what the background says was taken. It may have been parked there since before. */
  function attendAny(still: readonly StillThing[], ptsMs: number, on: boolean): readonly RuleFinding[] {
    const findings: RuleFinding[] = [];
    const present = new Set<string>();
    for (const { id, box, kind, state, confidence, sincePtsMs, seenPtsMs } of still) {
      if (kind !== 'removed' || state === 'gone' || areaOf(box) < LEAST_AREA[config.sensitivity] || !inZone(zone, footOf(box))) continue;
      const key = String(id);
      present.add(key);
      const now: IncidentState = {
        verdict: 'suspected',
        confidence: 0.5 + 0.3 * confidence,
        reasons: [
          { criterion: 'seconds_missing', value: (ptsMs - sincePtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
          { criterion: 'seen_taken', value: 1, threshold: 1, unit: 'seen' },
        ],
        ...{ startPtsMs: sincePtsMs, endPtsMs: seenPtsMs, box, zone: config.zone, labels: ['object'] },
      };
      if (book.isOpen(key)) book.note(key, now);
      if (book.isOpen(key) || !on || ptsMs - sincePtsMs < config.after) continue;
      const begun = book.begin(key, now, ptsMs);
      if (begun !== null) findings.push(begun);
    }
    for (const key of book.keys()) if (!present.has(key)) findings.push(book.end(key, ptsMs));
    return findings;
  }

  return {
    step(frame) {
      const { ptsMs, scene, still } = frame;
      lastPtsMs = ptsMs;
      const ended = takeUp(frame);
      if (scene.unsettled || (ptsMs >= lookedPtsMs && ptsMs - lookedPtsMs < LOOK_EVERY_MS)) return ended;
      lookedPtsMs = ptsMs;
      const on = isOn(frame.capturedAtMs);
      if (places.length === 0) return [...ended, ...attendAny(still, ptsMs, on)];
      return [...ended, ...places.map((place) => attend(place, frame, on)).filter((finding) => finding !== null)];
    },
    finish: () => book.finish(lastPtsMs),
    memory: () => writeMemory(places.map(({ name, box, watched }) => ({ name, box, looks: watched.memory() }))),
    recall(memory) {
      const known = readMemory(memory);
      for (const { name, box, watched } of places) {
        const looks = known.find((one) => one.name === name && isSameZone(one.box, box))?.looks;
        if (looks !== undefined) watched.recall(looks);
      }
    },
    resume(open) {
      resumed = open;
    },
  };
}

/** A zone that was drawn anew is another place. */
const isSameZone = (a: Box, b: Box): boolean => (['x1', 'y1', 'x2', 'y2'] as const).every((side) => Math.abs(a[side] - b[side]) < 0.001);
