import { describe, expect, it } from 'vitest';
import type { TrackedObject } from '../../domain/street.js';
import { context, type Moment, object, play, standing } from '../../testing/street-script.js';
import { lineCrossingConfigSchema } from './config.js';
import { createLineCrossingRule } from './rule.js';

/** Leads upwards in the middle of the lower half: seen from below, right is right. */
const camera = context({ lines: new Map([['gate', { from: { x: 0.5, y: 1 }, to: { x: 0.5, y: 0.5 } }]]) });
const rule = (given: object = {}) =>
  createLineCrossingRule(lineCrossingConfigSchema.parse({ type: 'line_crossing', line: 'gate', ...given }), camera);

interface Walker {
  readonly id?: number;
  /** The place of the foot at a second. */
  readonly way: (s: number) => readonly [number, number];
  readonly from?: number;
  readonly to?: number;
  readonly label?: string;
}
const walkerAt = ({ id = 1, way, from = 0, to = 10, label = 'person' }: Walker, s: number): TrackedObject[] => {
  if (s < from || s >= to) return [];
  const path = Array.from({ length: Math.round((s - from) * 5) + 1 }, (_, i) => {
    const [x, y] = way(from + i / 5);
    return { ptsMs: Math.round((from + i / 5) * 1000), x, y };
  });
  const [x, y] = way(s);
  const [x1, y1] = way(s + 0.1);
  const velocity = { x: (x1 - x) * 10, y: (y1 - y) * 10 };
  return [object({ id, label, box: standing(x, y), path, velocity, firstPtsMs: from * 1000 }, s * 1000)];
};
const street =
  (...walkers: readonly Walker[]) =>
  (s: number): Moment => ({ objects: walkers.flatMap((walker) => walkerAt(walker, s)) });
const over = (s: number): [number, number] => [0.2 + s * 0.06, 0.8];
const told = (given: object, ...walkers: readonly Walker[]): string[] =>
  play(rule(given), { to: 12 }, street(...walkers)).flatMap(({ phase, labels }) => (phase === 'new' ? [labels.join(' ')] : []));

describe('a line crossing', () => {
  it('is told where and when it happened, and is over', () => {
    const findings = play(rule(), { to: 12 }, street({ way: over }));
    expect(findings.map(({ number, phase }) => `${number} ${phase}`)).toEqual(['1 new', '1 end']);
    expect(findings[0]).toMatchObject({ labels: ['person', 'right'], verdict: 'confirmed', severity: 'info' });
    expect(findings[0]?.startPtsMs).toBeCloseTo(5_000, -2);
    expect(findings[1]?.endPtsMs).toBe(findings[0]?.startPtsMs);
  });

  it.each<[string, object, Walker[], string[]]>([
    ['the other way', {}, [{ way: (s) => [0.8 - s * 0.06, 0.8] }], ['person left']],
    ['only one way', { direction: 'left' }, [{ way: over }], []],
    ['beside its end', {}, [{ way: (s) => [0.2 + s * 0.06, 0.4] }], []],
    ['around its end and back', {}, [{ way: (s) => [s < 5 ? 0.2 + s * 0.1 : 0.7 - (s - 5) * 0.1, s < 5 ? 0.4 : 0.8] }], ['person left']],
    ['trembling on it', {}, [{ way: (s) => [0.5 + 0.004 * (Math.round(s * 5) % 2 === 0 ? 1 : -1), 0.8] }], []],
    [
      'stopping on it, trembling, and going on',
      {},
      [{ way: (s) => [s < 4 ? 0.3 + s * 0.05 : s < 8 ? 0.5 + 0.004 * (Math.round(s * 5) % 2) : 0.5 + (s - 8) * 0.1, 0.8] }],
      ['person right'],
    ],
    ['stopping on it and turning back', {}, [{ way: (s) => [s < 5 ? 0.3 + s * 0.04 : 0.5 - (s - 5) * 0.04, 0.8] }], []],
    ['there and back', {}, [{ way: (s) => [0.5 - 0.2 * Math.cos((s / 10) * 2 * Math.PI), 0.8] }], ['person right', 'person left']],
    ['what does not count', { labels: ['car'] }, [{ way: over }], []],
    ['two side by side', {}, [{ way: over }, { id: 2, way: (s) => [over(s)[0] - 0.02, 0.95] }], ['person right', 'person right']],
    [
      'two boxes on one',
      {},
      [
        { way: over, label: 'car' },
        { id: 2, way: (s) => [over(s)[0] + 0.005, 0.805], label: 'truck' },
      ],
      ['car right'],
    ],
    [
      'lost on it and found under another name',
      {},
      [
        { way: over, to: 4.6 },
        { id: 2, way: over, from: 5.6 },
      ],
      ['person right'],
    ],
    ['seen only just before it', {}, [{ way: (s) => [0.4 + s * 0.06, 0.8], from: 1.5 }], ['person right']],
    ['outside the hours', { schedule: [{ from: '08:00', to: '09:00' }] }, [{ way: over }], []],
    ['only counted', { report: 'count_only' }, [{ way: over }], []],
  ])('%s', (_, options, walkers, expected) => {
    expect(told(options, ...walkers)).toEqual(expected);
  });

  it('is not told while the light changes', () => {
    const show = street({ way: over });
    const lit = rule();
    expect(play(lit, { to: 12 }, (s) => ({ ...show(s), scene: { unsettled: true } }))).toEqual([]);
    // A model knows all the same that somebody went across.
    expect(lit.figures?.().filter(({ name }) => name === 'crossings')).toHaveLength(1);
    const dark = rule();
    play(dark, { to: 12 }, (s) => ({ ...show(s), named: false, scene: { unsettled: true } }));
    expect(dark.figures?.().filter(({ name }) => name === 'crossings')).toEqual([]);
  });

  it('is seen at a picture every two seconds', () => {
    expect(play(rule(), { to: 12, fps: 0.5 }, street({ way: over })).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is suspected without a model, of what has come from somewhere', () => {
    const unnamed =
      (way: Walker['way']) =>
      (s: number): Moment => ({ ...street({ way, label: 'object' })(s), named: false });
    expect(play(rule(), { to: 12 }, unnamed(over)).map(({ verdict }) => verdict)).toEqual(['suspected', 'suspected']);
    expect(
      play(
        rule(),
        { to: 12 },
        unnamed((s) => [0.49 + s * 0.002, 0.8]),
      ),
    ).toEqual([]);
  });

  it('is counted by direction and label, whether it is told or not', () => {
    for (const report of ['each', 'count_only']) {
      const counted = rule({ report });
      play(
        counted,
        { to: 12 },
        street(
          { way: over },
          { id: 2, way: (s) => [0.8 - s * 0.06, 0.6], label: 'car' },
          { id: 3, way: (s) => [0.8 - s * 0.06, 0.95], label: 'car' },
        ),
      );
      expect(counted.figures?.().filter(({ name }) => name === 'crossings')).toEqual([
        { name: 'crossings', kind: 'counter', of: { line: 'gate', direction: 'right', label: 'person' }, value: 1 },
        { name: 'crossings', kind: 'counter', of: { line: 'gate', direction: 'left', label: 'car' }, value: 2 },
      ]);
      expect(counted.figures?.().find(({ name, of }) => name === 'flow_per_minute' && of['direction'] === 'left')?.value).toBeCloseTo(
        10,
        0,
      );
    }
  });
});
