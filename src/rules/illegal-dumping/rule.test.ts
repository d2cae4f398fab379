import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import type { StillThing, TrackedObject } from '../../domain/street.js';
import { context, inShort, leftHalf, type Moment, object, play, standing, stillThing } from '../../testing/street-script.js';

import { litterConfigSchema } from '../litter/config.js';
import { createLitterRule } from '../litter/rule.js';
import { illegalDumpingConfigSchema } from './config.js';
import { createIllegalDumpingRule } from './rule.js';

const dumping = (given: object = {}) =>
  createIllegalDumpingRule(
    illegalDumpingConfigSchema.parse({ type: 'illegal_dumping', after: '15 s', ...given }),
    context({ zones: new Map([['left', leftHalf]]) }),
  );
const litter = (given: object = {}) =>
  createLitterRule(litterConfigSchema.parse({ type: 'litter', ...given }), context({ zones: new Map([['left', leftHalf]]) }));

/** A person's box takes 0.018 of the picture. */
const heap: Box = { x1: 0.45, y1: 0.62, x2: 0.61, y2: 0.8 };
const cup: Box = { x1: 0.5, y1: 0.77, x2: 0.52, y2: 0.8 };

const put = (box: Box, s: number, given: Partial<StillThing> = {}): StillThing => ({
  ...stillThing({ id: 1, box }, s * 1000),
  sincePtsMs: 10_500,
  ...given,
});
const walker = (x: number, s: number, given: Partial<TrackedObject> = {}): TrackedObject =>
  object(
    {
      id: 7,
      box: standing(x, 0.8, 0.06, 0.3),
      velocity: { x: x === 0.49 || x === 0.45 ? 0 : 0.1, y: 0 },
      path: [{ ptsMs: 0, x: 0, y: 0.8 }],
      ...given,
    },
    s * 1000,
  );
/** Comes from the left, stands by the place from the tenth second to the fifteenth, and goes to the right. */
const wayAt = (s: number): number => (s < 10 ? 0.05 + (s - 2) * 0.055 : s < 15 ? 0.49 : 0.49 + (s - 15) * 0.055);
const brings =
  (box: Box, given: Partial<TrackedObject> = {}, still: Partial<StillThing> = {}) =>
  (s: number): Moment => ({
    objects: s >= 2 && wayAt(s) < 1 ? [walker(wayAt(s), s, given)] : [],
    still: s >= 14 ? [put(box, s, still)] : [],
  });

describe('what is brought and left', () => {
  it.each<[string, Box, string, string]>([
    ['a heap', heap, 'confirmed', ''],
    ['a cup', cup, '', 'confirmed'],
  ])('is told by its size: %s', (_, box, large, small) => {
    expect(play(dumping(), { to: 60 }, brings(box))[0]?.verdict ?? '').toBe(large);
    expect(play(litter(), { to: 60 }, brings(box))[0]?.verdict ?? '').toBe(small);
  });

  it('is told once, with who brought it, after he has been gone for a while, and is over when it is taken away', () => {
    const show = (s: number): Moment => (s < 70 ? brings(heap)(s) : { still: s < 70.3 ? [put(heap, s, { state: 'gone' })] : [] });
    const findings = play(dumping(), { to: 80 }, show);
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[0]).toMatchObject({ labels: ['object', 'by person'], startPtsMs: 10_500, box: heap });
    expect(findings[0]?.endPtsMs).toBeGreaterThan(30_000);
    expect(findings[0]?.endPtsMs).toBeLessThan(40_000);
    expect(findings[1]?.endPtsMs).toBeLessThan(71_000);
  });

  it('by a truck is measured as if a person had brought it', () => {
    const truck = { label: 'truck' };
    const show = (s: number): Moment => {
      const x = 0.45 + (s < 8 ? (s - 8) * 0.1 : s < 20 ? 0 : (s - 20) * 0.1);
      const van = s >= 3 && x < 1.1 ? [walker(x, s, { ...truck, box: standing(x, 0.8, 0.36, 0.3) })] : [];
      return { objects: van, still: s >= 22 ? [put(heap, s, { sincePtsMs: 12_000 })] : [] };
    };
    const finding = play(dumping(), { to: 90 }, show)[0];
    expect(finding).toMatchObject({ verdict: 'confirmed', labels: ['object', 'by truck'] });
    expect(finding?.reasons.find(({ criterion }) => criterion === 'size_at_least')?.value).toBeCloseTo((9 * 0.0288) / 0.108, 3);
  });

  it('goes on when somebody comes and looks at it', () => {
    const show = (s: number): Moment => {
      const { objects = [], still = [] } = brings(heap)(s);
      return { still, objects: s >= 50 && s < 60 ? [...objects, walker(0.5, s, { id: 9, velocity: { x: 0, y: 0 } })] : objects };
    };
    expect(play(dumping(), { to: 80 }, show).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is suspected where nobody was seen to bring it, and late; what is dropped small by nobody is not told', () => {
    const show = (s: number): Moment => ({ still: s >= 14 ? [put(heap, s)] : [] });
    const findings = play(dumping(), { to: 90 }, show);
    expect(findings[0]).toMatchObject({ phase: 'new', verdict: 'suspected', labels: ['object'] });
    expect(findings[0]?.endPtsMs).toBeGreaterThan(50_000);
    expect(play(litter(), { to: 90 }, (s) => ({ still: s >= 14 ? [put(cup, s)] : [] }))).toEqual([]);
  });

  it('without names, as large as whoever came, may be himself', () => {
    const show = (s: number): Moment => ({ ...brings(heap, { label: 'object' })(s), named: false });
    expect(play(dumping(), { to: 120 }, show)[0]).toMatchObject({ verdict: 'suspected' });
    const small = (s: number): Moment => ({ ...brings(cup, { label: 'object' })(s), named: false });
    expect(play(litter(), { to: 60 }, small)[0]).toMatchObject({ verdict: 'confirmed', labels: ['object', 'by object'] });
  });

  it.each<[string, (s: number) => Moment]>([
    ['whose owner stays', (s) => ({ ...brings(heap)(s), objects: s < 2 ? [] : [walker(Math.min(0.49, wayAt(s)), s)] })],
    [
      'that is taken along',
      (s) => (s < 20 ? brings(heap)(s) : { ...brings(heap)(s), still: s < 20.3 ? [put(heap, s, { state: 'gone' })] : [] }),
    ],
    ['that was taken, not put', brings(heap, {}, { kind: 'removed' })],
    [
      'that came into view as a car drove off',
      (s) => ({
        ...brings(heap)(s),
        still: s >= 14 ? [put(heap, s), put({ ...heap, x1: heap.x1 - 0.1 }, s, { id: 2, kind: 'removed', sincePtsMs: 11_000 })] : [],
      }),
    ],
    ['while light changes', (s) => ({ ...brings(heap)(s), scene: { unsettled: s > 13 } })],
  ])('is not told: %s', (_, show) => {
    expect(inShort(play(dumping(), { to: 60 }, show))).toBe('');
    expect(inShort(play(litter({ max_size: 5 }), { to: 60 }, show))).toBe('');
  });

  it('is as large as it is without its shadow, where a model measures people without theirs', () => {
    const small: Box = { ...heap, x2: 0.53, y1: 0.7 };
    expect(inShort(play(litter(), { to: 60 }, brings(heap)))).toBe('');
    expect(inShort(play(litter(), { to: 60 }, brings(heap, {}, { core: small })))).toMatch(/^1 new/u);
    const unnamed = (s: number): Moment => ({ ...brings(heap, { label: 'object' }, { core: small })(s), named: false });
    expect(inShort(play(litter(), { to: 60 }, unnamed))).toBe('');
  });

  it('is told in its zone only', () => {
    expect(play(dumping({ zone: 'left' }), { to: 60 }, brings(heap))).toEqual([]);
  });

  it('must have sizes in order', () => {
    expect(() => dumping({ min_size: 3, max_size: 2 })).toThrow(/max_size/u);
  });
});
