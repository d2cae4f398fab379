import { describe, expect, it } from 'vitest';
import type { PathPoint } from '../../domain/street.js';
import { context, leftHalf, type Moment, object, play, standing } from '../../testing/street-script.js';
import { queueConfigSchema } from './config.js';
import { createQueueRule } from './rule.js';

const counter = context({ zones: new Map([['line-up', leftHalf]]) });
const rule = (given: object = {}) =>
  createQueueRule(queueConfigSchema.parse({ type: 'queue', zone: 'line-up', max_length: 3, after: '10 s', ...given }), counter);

/** Somebody whose place is told for every second. */
function walker(id: number, from: number, to: number, at: (s: number) => number, label = 'person') {
  return (s: number) => {
    if (s < from || s >= to) return [];
    const path: PathPoint[] = [];
    for (let t = Math.max(from, s - 8); t <= s + 1e-6; t += 0.2) path.push({ ptsMs: Math.round(t * 1000), x: at(t), y: 0.8 });
    return [object({ id, box: standing(at(s), 0.8, 0.03, 0.2), label, path, firstPtsMs: from * 1000 }, Math.round(s * 1000))];
  };
}
type Walker = ReturnType<typeof walker>;
const show =
  (...walkers: readonly Walker[]) =>
  (s: number): Moment => ({ objects: walkers.flatMap((one) => one(s)) });
/** So many who stand a step apart, and come one after another. */
const waiting = (count: number, { step = 0.06, from = 2, to = 40, label = 'person' } = {}) =>
  Array.from({ length: count }, (_, i) => walker(i + 1, from + i, to + i, () => 0.45 - step * i, label));

describe('a queue', () => {
  it('is told when it has been too long for so long, and ends when it is shorter', () => {
    const findings = play(rule(), { to: 80 }, show(...waiting(5)));
    expect(findings.map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual(['new confirmed', 'end confirmed']);
    expect(findings[0]?.reasons[0]).toMatchObject({ criterion: 'queue_length', threshold: 4 });
    expect(findings[1]?.endPtsMs).toBeGreaterThan(40_000);
  });

  it('is told when somebody waits too long, however short it is', () => {
    const findings = play(rule({ max_wait: '20 s' }), { to: 80 }, show(...waiting(2)));
    expect(findings[0]?.reasons.map(({ criterion }) => criterion)).toContain('longest_wait');
    expect((findings[0]?.startPtsMs ?? 0) / 1000).toBeCloseTo(22, 0);
  });

  it('stays one while it moves up', () => {
    const steps = (i: number) => (s: number) => 0.2 - 0.06 * i + 0.06 * Math.floor(s / 10) * Math.min(1, (s % 10) / 1.2 + 0);
    const findings = play(rule(), { to: 38 }, show(...[0, 1, 2, 3, 4].map((i) => walker(i + 1, 0, 38, steps(i)))));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('measures waits', () => {
    const counted = rule();
    play(counted, { to: 60 }, show(...waiting(2, { to: 30 })));
    expect(counted.figures?.()).toEqual([
      { name: 'queue_length', kind: 'gauge', of: { zone: 'line-up' }, value: 0 },
      { name: 'wait_seconds', kind: 'gauge', of: { zone: 'line-up', statistic: 'longest' }, value: 0 },
      { name: 'wait_seconds', kind: 'gauge', of: { zone: 'line-up', statistic: 'mean' }, value: expect.closeTo(27.8, 3) },
      { name: 'waited_seconds_sum', kind: 'counter', of: { zone: 'line-up' }, value: expect.closeTo(55.6, 3) },
      { name: 'waited_seconds_count', kind: 'counter', of: { zone: 'line-up' }, value: 2 },
    ]);
  });

  it('measures the wait of somebody whom the tracker knows by another name when he is served and goes', () => {
    const counted = rule();
    const [waits, goes] = [walker(1, 2, 30, () => 0.3), walker(2, 30, 34, (s) => 0.3 + 0.06 * Math.max(0, s - 30.4))];
    // Half hidden by who stands before him, he is too small to be taken for the same at once.
    const hidden = standing(0.3, 0.8, 0.03, 0.07);
    play(counted, { to: 60 }, (s) => ({ objects: [...waits(s), ...goes(s).map((one) => (s < 30.3 ? { ...one, box: hidden } : one))] }));
    expect(counted.figures?.().slice(-2)).toMatchObject([{ value: expect.closeTo(31.8, 0) }, { value: 1 }]);
  });

  it.each<[string, object, readonly Walker[]]>([
    ['as long as it may be', {}, waiting(3)],
    ['people who walk through', {}, Array.from({ length: 6 }, (_, i) => walker(i + 1, 2 + i, 30, (s) => ((s - i) * 0.06) % 0.5))],
    ['people who stand about, far from each other', {}, waiting(4, { step: 0.14 }).map((one, i) => (i < 4 ? one : () => []))],
    ['what does not count', {}, waiting(5, { label: 'car' })],
    ['a rule that rests', { schedule: [{ from: '08:00', to: '09:00' }] }, waiting(5)],
  ])('is not told of: %s', (name, options, walkers) => {
    const far = name.includes('far') ? context({ ...counter, width: 1280 }) : counter;
    const made = createQueueRule(
      queueConfigSchema.parse({ type: 'queue', zone: 'line-up', max_length: 3, after: '10 s', ...options }),
      far,
    );
    expect(play(made, { to: 80 }, show(...walkers))).toEqual([]);
  });

  it('is not told of in light that changes', () => {
    expect(play(rule(), { to: 60 }, (s) => ({ ...show(...waiting(5))(s), scene: { unsettled: true } }))).toEqual([]);
  });
});
