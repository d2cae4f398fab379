import { describe, expect, it } from 'vitest';
import type { TrackedObject } from '../../domain/street.js';
import { road } from '../../testing/street-ground.js';
import { context, type Moment, object, play, standing } from '../../testing/street-script.js';
import { wrongWayConfigSchema } from './config.js';
import { createWrongWayRule } from './rule.js';

/** The lower two thirds of a road that leads away; one drives towards the camera. */
const lane = [
  [0.3, 0.35],
  [0.7, 0.35],
  [1, 1],
  [0, 1],
].map(([x, y]) => ({ x: x as number, y: y as number }));
const camera = context({
  zones: new Map([['lane', lane]]),
  lines: new Map([['way', { from: { x: 0.5, y: 0.4 }, to: { x: 0.5, y: 0.9 } }]]),
});
const metric: typeof camera = { ...camera, ground: road };
const rule = (given: object = {}, where = metric) =>
  createWrongWayRule(
    wrongWayConfigSchema.parse({ type: 'wrong_way', zone: 'lane', ...('way' in given ? {} : { flow: [0, 1] }), ...given }),
    where,
  );

/** A vehicle at so many metres from the camera at a second; `null`: it is not there. */
type Way = (s: number) => number | readonly [number, number] | null;
const vehicle =
  (way: Way, label = 'car', id = 1, firstPtsMs = 0) =>
  (s: number): TrackedObject[] => {
    const at = way(s);
    if (at === null) return [];
    const [x, y] = typeof at === 'number' ? [1, at] : at;
    const foot = road.pictureAt({ x, y });
    return [object({ id, label, box: standing(foot.x, foot.y, 2 / y, 2.4 / y), firstPtsMs }, s * 1000)];
  };
const street =
  (...vehicles: readonly ReturnType<typeof vehicle>[]) =>
  (s: number): Moment => ({ objects: vehicles.flatMap((one) => one(s)) });
const away: Way = (s) => (s < 4 ? 12 + 8 * s : null);
const towards: Way = (s) => (s < 4 ? 45 - 8 * s : null);
const phases = (given: object, way: Way, where = metric, label = 'car'): string[] =>
  play(rule(given, where), { to: 12 }, street(vehicle(way, label))).map(({ phase }) => phase);

describe('wrong way', () => {
  it('is told once, of who drives far enough against the flow', () => {
    const findings = play(rule(), { to: 12 }, street(vehicle(away)));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[0]).toMatchObject({ severity: 'critical', verdict: 'confirmed', startPtsMs: 0, zone: 'lane', labels: ['car'] });
    expect(findings[0]?.endPtsMs).toBeLessThanOrEqual(1_400);
  });

  it.each<[string, Way]>([
    ['who drives with it', towards],
    ['who stands', () => 30],
    ['who reverses to park', (s) => (s < 2 ? 30 - 8 * s : Math.min(19, 14 + (s - 2)))],
    ['who reverses far, at a walking pace', (s) => 14 + s * 1.4],
    ['who turns round and leaves the lane', (s) => (s < 3 ? [1, 30 - 5 * s] : s < 6 ? [1 + 6 * (s - 3), 15 + 2 * (s - 3)] : null)],
    ['who crosses it', (s) => [-5 + 2 * s, 20 + s * 0.5]],
    ['a name that goes over to the next lane and comes back elsewhere', (s) => (s < 1 ? 45 - 8 * s : s < 3 ? [12, 30] : 50 - 8 * (s - 3))],
    ['a box that jumps', (s) => 20 + (Math.round(s * 5) % 7 === 0 ? 6 : 0)],
  ])('is not told of: %s', (_, way) => {
    expect(phases({}, way)).toEqual([]);
    expect(phases({}, way, camera)).toEqual([]);
  });

  it('is told of who turns round and drives back', () => {
    expect(phases({}, (s) => (s < 3 ? 30 - 5 * s : s < 8 ? 15 + 7 * (s - 3) : null))).toEqual(['new', 'end']);
  });

  it('is over when the driver turns round', () => {
    const findings = play(rule(), { to: 14 }, street(vehicle((s) => (s < 4 ? 12 + 8 * s : s < 8 ? 44 - 7 * (s - 4) : null))));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[1]?.endPtsMs).toBeLessThan(5_500);
  });

  it.each<[string, object]>([
    ['what does not count', { labels: ['bus'] }],
    ['outside the hours', { schedule: [{ from: '08:00', to: '09:00' }] }],
    ['where it is the right way', { flow: [0, -1] }],
    ['where one must go farther', { distance: '60 m' }],
  ])('is not told: %s', (_, options) => {
    expect(phases(options, away)).toEqual([]);
  });

  it('knows the way by a line, and without metres', () => {
    expect(phases({ way: 'way' }, away)).toEqual(['new', 'end']);
    expect(phases({ way: 'way' }, away, camera)).toEqual(['new', 'end']);
    expect(phases({}, away, camera)).toEqual(['new', 'end']);
  });

  it('asks for the allowed way', () => {
    for (const given of [{}, { way: 'way', flow: [0, 1] }, { flow: [0, 0] }]) {
      expect(wrongWayConfigSchema.safeParse({ type: 'wrong_way', zone: 'lane', ...given }).success).toBe(false);
    }
  });

  it('is one, when it is lost and found under another name', () => {
    const show = street(
      vehicle((s) => (s < 2 ? away(s) : null)),
      vehicle((s) => (s > 2.6 ? away(s) : null), 'car', 2, 2_600),
    );
    expect(play(rule(), { to: 12 }, show).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is suspected without a model, and of nothing small', () => {
    const show = street(vehicle(away, 'object'));
    const unnamed = (s: number): Moment => ({ ...show(s), named: false });
    expect(play(rule(), { to: 12 }, unnamed).map(({ verdict }) => verdict)).toEqual(['suspected', 'suspected']);
    const small = (s: number): Moment => ({
      named: false,
      objects: (show(s).objects ?? []).map((one) => ({ ...one, box: { ...one.box, x1: one.foot.x - 0.004, x2: one.foot.x + 0.004 } })),
    });
    expect(play(rule(), { to: 12 }, small)).toEqual([]);
  });

  it('is not told without a model of two who meet, and are seen as one region', () => {
    // One drives the right way; from the second second on its region takes in who comes towards it in the next lane, and its middle goes back.
    const meeting = (tall: number) => (s: number) => {
      const foot = road.pictureAt({ x: 1, y: s < 2 ? 40 - 8 * s : 24 + 8 * (s - 2) });
      const [width, height] = [0.08, (s < 2 ? 1 : tall) * 0.1];
      const box = standing(foot.x, foot.y, width, height);
      return {
        named: false,
        objects: [object({ id: 1, label: 'object', box, path: [{ ptsMs: s * 1000, ...foot, seen: box }] }, s * 1000)],
      };
    };
    expect(play(rule(), { to: 5 }, meeting(1.4))).toEqual([]);
    expect(play(rule(), { to: 5 }, meeting(1)).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is not told while the light changes', () => {
    const show = street(vehicle(away));
    expect(play(rule(), { to: 12 }, (s) => ({ ...show(s), scene: { unsettled: true } }))).toEqual([]);
  });
});
