import { describe, expect, it } from 'vitest';
import { road } from '../../testing/street-ground.js';
import { context, inShort, leftHalf, type Moment, object, play, standing } from '../../testing/street-script.js';
import { intrusionConfigSchema } from './config.js';
import { createIntrusionRule } from './rule.js';

const garden = context({ zones: new Map([['garden', leftHalf]]) });
const rule = (given: object = {}, where = garden) =>
  createIntrusionRule(intrusionConfigSchema.parse({ type: 'intrusion', zone: 'garden', ...given }), where);
const measured = { ...garden, ground: road };

/** Somebody at a place from one second to another. */
const somebody =
  (x: number, from: number, to: number, label = 'person') =>
  (s: number): Moment =>
    s >= from && s < to ? { objects: [object({ id: 7, box: standing(x, 0.8), label }, s * 1000)] } : {};

describe('an intrusion', () => {
  it('is told once, when somebody has been inside for a second, and ends when he has left', () => {
    const findings = play(rule(), { to: 20 }, somebody(0.3, 5, 12));
    expect(inShort(findings)).toBe('1 new 5-6, 1 end 5-11.8');
    expect(findings[0]).toMatchObject({ severity: 'warning', verdict: 'confirmed', zone: 'garden', labels: ['person'] });
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['who stays outside', {}, somebody(0.7, 5, 12)],
    ['who only steps in', {}, somebody(0.3, 5, 5.6)],
    ['what does not count', { labels: ['car'] }, somebody(0.3, 5, 12)],
    ['when it is allowed', { schedule: [{ from: '08:00', to: '09:00' }] }, somebody(0.3, 5, 12)],
    ['light that changes', {}, (s) => ({ ...somebody(0.3, 5, 12)(s), scene: { unsettled: true } })],
  ])('is not told of: %s', (_, options, show) => {
    expect(inShort(play(rule(options), { to: 20 }, show))).toBe('');
  });

  it('is one, however a box trembles on the zone’s border', () => {
    const findings = play(rule(), { to: 20 }, (s) => somebody(0.495 + (Math.round(s * 5) % 3) * 0.005, 5, 15)(s));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is told of whatever moves where no model names things', () => {
    const show = (s: number): Moment => ({ ...somebody(0.3, 5, 12, 'object')(s), named: false });
    expect(inShort(play(rule(), { to: 20 }, show))).toBe('1 new 5-6, 1 end 5-11.8');
  });
});

describe('intrusion of several', () => {
  const at = (id: number, x: number, s: number, firstS: number) =>
    object({ id, box: standing(x, 0.8), firstPtsMs: firstS * 1000 }, s * 1000);

  it('is told of each', () => {
    const show = (s: number): Moment => ({ objects: s >= 5 && s < 12 ? [at(1, 0.1, s, 5), at(2, 0.3, s, 5)] : [] });
    expect(inShort(play(rule(), { to: 20 }, show))).toBe('1 new 5-6, 2 new 5-6, 1 end 5-11.8, 2 end 5-11.8');
  });

  it('is one of somebody who is lost and found under another name', () => {
    const show = (s: number): Moment => ({
      objects: s < 5 || s >= 20 ? [] : s < 9 ? [at(1, 0.3, s, 5)] : s < 12 ? [] : [at(2, 0.3, s, 12)],
    });
    expect(inShort(play(rule(), { to: 30 }, show))).toBe('1 new 5-6, 1 end 5-19.8');
  });

  it('is silent of who is found where he was told of, and not of who goes on from there', () => {
    const found =
      (x: (s: number) => number) =>
      (s: number): Moment => ({
        objects: s >= 5 && s < 8 ? [at(1, 0.3, s, 5)] : s >= 20 && s < 30 ? [at(2, x(s), s, 20)] : [],
      });
    expect(
      inShort(
        play(
          rule({ cool_down: '60 s' }),
          { to: 40 },
          found(() => 0.3),
        ),
      ),
    ).toBe('1 new 5-6, 1 end 5-7.8');
    expect(
      inShort(
        play(
          rule({ cool_down: '60 s' }),
          { to: 40 },
          found((s) => 0.3 - (s - 20) * 0.02),
        ),
      ),
    ).toMatch(/^1 new 5-6, 1 end 5-7.8, 2 new 20-2[34]/);
  });

  it('is suspected of what does not come from anywhere, without a model', () => {
    const show = (s: number): Moment => ({ named: false, objects: s >= 5 ? [at(1, 0.3, s, 5)] : [] });
    expect(play(rule(), { to: 10 }, show)[0]?.verdict).toBe('suspected');
    const walks = (s: number): Moment => ({
      named: false,
      objects: s >= 5 ? [object({ id: 1, box: standing(0.4, 0.8), path: [{ ptsMs: 0, x: 0.1, y: 0.8 }] }, s * 1000)] : [],
    });
    expect(play(rule({}, measured), { to: 10 }, walks)[0]?.verdict).toBe('confirmed');
    // The edge of a cloud's shadow wanders, too: over a kerb, a door, a kerb.
    const wanders = (s: number): Moment => {
      const seen = Array.from({ length: 20 }, (_, k) => standing(0.1 + 0.015 * k, 0.8, 0.05, k % 6 < 3 ? 0.08 : 0.2));
      const path = seen.map((box, k) => ({ ptsMs: 1_000 + 200 * k, x: 0.1 + 0.015 * k, y: 0.8, seen: box }));
      return { named: false, objects: s >= 5 ? [object({ id: 1, box: standing(0.4, 0.8), path }, s * 1000)] : [] };
    };
    expect(play(rule({}, measured), { to: 10 }, wanders)[0]?.verdict).toBe('suspected');
  });

  it.each<[string, ReturnType<typeof standing>, 'confirmed' | 'suspected', { readonly night?: boolean; readonly named?: boolean }]>([
    ['a person', standing(0.4, 0.8), 'confirmed', {}],
    ['a lorry, five times as wide as high', standing(0.3, 0.8, 0.25, 0.09), 'confirmed', {}],
    ['a strip of light along a kerb', standing(0.3, 0.8, 0.1, 0.006), 'suspected', {}],
    ['a bird over the roofs', standing(0.3, 0.1, 0.02, 0.03), 'suspected', {}],
    ['a beam on a far wall', standing(0.4, 0.18, 0.15, 0.18), 'suspected', {}],
    ['what shines under infrared: a spider, or a beam', standing(0.4, 0.8), 'suspected', { night: true }],
    ['a person under infrared, by a model', standing(0.4, 0.8), 'confirmed', { night: true, named: true }],
  ])('of what comes along: %s', (_, box, verdict, { night = false, named = false }) => {
    const path = [{ ptsMs: 0, x: -0.5, y: 0.3 }];
    const comes = (s: number): Moment => ({ named, scene: { night }, objects: s >= 5 ? [object({ id: 1, box, path }, s * 1000)] : [] });
    expect(play(rule({}, measured), { to: 10 }, comes)[0]?.verdict).toBe(verdict);
  });

  it('counts a tenth of the picture as a body where metres are unknown', () => {
    const path = [{ ptsMs: 0, x: -0.5, y: 0.3 }];
    const comes =
      (height: number) =>
      (s: number): Moment => ({
        named: false,
        objects: s >= 5 ? [object({ id: 1, box: standing(0.4, 0.8, 0.05, height), path }, s * 1000)] : [],
      });
    expect(play(rule(), { to: 10 }, comes(0.11))[0]?.verdict).toBe('confirmed');
    expect(play(rule(), { to: 10 }, comes(0.09))[0]?.verdict).toBe('suspected');
  });
});
