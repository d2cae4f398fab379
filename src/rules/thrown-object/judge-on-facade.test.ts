import { describe, expect, it } from 'vitest';
import type { Path, PathPoint } from '../../core/tracking/linker.js';
import { project, type Thing, TOWER, type TowerView, thrown } from '../../testing/candidate-scene.js';
import { createRandom } from '../../testing/random.js';
import { towerJudging } from '../../testing/tower-judging.js';
import { judge } from './judge.js';

const view: TowerView = { width: 1920, height: 1080, fps: 25 };
const clear = towerJudging(view);

/** Every picture of a thing until some second, each place off by some tenths of a pixel. */
function seen(thing: Thing, toS: number, seed = 7, sidePx = 3): Path {
  const random = createRandom(seed);
  const noise = (): number => (random() + random() - 1) * 0.5;
  const points: PathPoint[] = [];
  for (let seq = 0; seq <= toS * view.fps; seq++) {
    const timeS = seq / view.fps;
    const place = thing(timeS);
    if (place === null) break;
    const { x, y } = project(view, ...place);
    const candidate = {
      x: x + noise(),
      y: y + noise(),
      w: sidePx,
      h: sidePx + 1,
      areaPx: sidePx ** 2,
      contrast: 30,
      peak: 50,
      moving: true,
    };
    points.push({ seq, ptsMs: 1000 * timeS, timeS, candidate });
  }
  return { rootId: 1, points, score: 80, frames: points.length, missed: 0 };
}

/** Falls from 50 m in wind along the facade, m/s, with a speed out of it, m/s; by steps of a millisecond. */
function blown(windMps: number, outMps: number, terminalSpeed = 6): Thing {
  const path: [number, number, number][] = [];
  let [x, y, z, vx, vy, vz] = [4, 50, 0.9, 0, 0, outMps];
  for (let i = 0; i < 4000; i++) {
    path.push([x, y, z]);
    const k = (9.81 * Math.hypot(vx - windMps, vy, vz)) / terminalSpeed ** 2;
    [x, y, z] = [x + vx / 1000, y + vy / 1000, z + vz / 1000];
    [vx, vy, vz] = [vx - (k * (vx - windMps)) / 1000, vy - (9.81 + k * vy) / 1000, vz - (k * vz) / 1000];
  }
  return (t) => path[Math.round(t * 1000)] ?? null;
}

const down = (fromM: number, speedMps: number, terminalSpeed: number): Thing =>
  thrown(0, [12, fromM, 0.9], [0, -speedMps, 0.7], terminalSpeed);

describe('a start', () => {
  it.each([
    ['let go, heavy', down(50, 0, 40), 2, []],
    ['let go, light', down(50, 0, 6), 2.4, []],
    ['hurled down, light: no hand gives it that speed, and the air takes what a fall has given', down(50, 14, 6), 2, ['speed_at_origin']],
    ['hurled down from the roof at 20 m/s', down(58, 20, 40), 1.9, ['speed_at_origin']],
    ['hurled up', thrown(0, [12, 20, 0.9], [0, 14, 0.7], 40), 3.4, ['upward_at_origin', 'rise']],
    ['thrown up', thrown(0, [12, 20, 0.9], [0, 6, 0.7], 40), 2.6, []],
    ['thrown out', thrown(0, [12, 50, 0.9], [0, 0, 7], 40), 2, []],
  ] as const)('of what is %s', (_, thing, toS, failed) => {
    const judgement = judge(seen(thing, toS), clear);
    expect(judgement.failed).toEqual(failed);
    expect(judgement.verdict).toBe(failed.length === 0 ? 'confirmed' : null);
  });

  it.each([
    [58, true],
    [38, false],
  ])('at 20 m/s, %d m above the ground: a fall from above cannot have given it that: %s', (fromM, tooFast) => {
    expect(judge(seen(down(fromM, 20, 40), 1.2), clear).failed.includes('speed_at_origin')).toBe(tooFast);
  });

  it.each([
    ['let go', down(50, 1, 12), 12],
    ['first seen at 5 m/s, as drops are from their first sight', down(50, 5, 12), 50],
    ['blown sideways as far as flakes are', thrown(0, [4, 50, 0.9], [7, -1, 0.7], 12), 50],
  ])('must beat a kink in precipitation: of what is %s', (_, thing, threshold) => {
    const { failed, reasons } = judge(seen(thing, 2), { ...clear, weather: true, driven: true });
    expect(failed).toEqual([]);
    expect(reasons.find(({ criterion }) => criterion === 'fall_against_kink')?.threshold).toBe(threshold);
  });

  it('at speed is no start in precipitation when a gust explains what follows', () => {
    const flake: Thing = (t) => [12, 50 - 5 * Math.min(t, 0.5) - 9 * Math.max(0, t - 0.5), 0.9];
    expect(judge(seen(flake, 2), { ...clear, weather: true }).verdict).toBeNull();
    expect(judge(seen(flake, 2), { ...clear, weather: true }).failed).toContain('fall_against_kink');
  });

  it('at 5 m/s is none too fast for something that is too large for a flake', () => {
    expect(judge(seen(down(50, 5, 12), 2, 7, 8), { ...clear, weather: true }).failed).toEqual([]);
  });

  it('faster out of the facade than anybody throws is none', () => {
    expect(judge(seen(thrown(0, [12, 50, 0.9], [0, 0, 16], 40), 2), clear).failed).toContain('out_at_origin');
  });
});

describe('what is hidden in most of its pictures', () => {
  /** A fall of two seconds, of whose first half so many pictures are kept as one of some number; with little to tell it from clutter. */
  function hidden(oneOf: number): Path {
    const whole = seen(down(50, 0, 40), 2);
    const kept = whole.points.filter(({ seq, timeS }) => timeS > 1.6 || seq % oneOf === 0);
    return { ...whole, points: kept, score: 40 };
  }

  it.each([
    ['half of it: confirmed', hidden(2), clear, 'confirmed', []],
    ['two thirds', hidden(3), clear, 'suspected', ['seen']],
    ['too much to tell', hidden(8), clear, null, ['seen']],
    ['two thirds, in rain', hidden(3), { ...clear, weather: true }, null, ['seen']],
  ] as const)('%s', (_, path, options, verdict, failed) => {
    const judgement = judge(path, options);
    expect([judgement.verdict, judgement.failed]).toEqual([verdict, failed]);
  });

  it('is asked for its beginning all the same', () => {
    const { reasons } = judge(hidden(3), clear);
    expect(reasons.map(({ criterion }) => criterion)).toContain('fall_against_kink');
  });
});

describe('wind', () => {
  it.each([
    ['carries what is light', blown(4, 0.7), [], 'confirmed'],
    ['stronger than most leaves a doubt', blown(6, 0.7), ['wind'], 'suspected'],
    ['and a throw at once explain too much', blown(4.3, 10, 12), ['far_fetched'], null],
    ['alone as strong is believed', blown(4.5, 1, 12), [], 'confirmed'],
    ['without which it was thrown as hard is not asked for', blown(0, 10, 12), [], 'confirmed'],
  ] as const)('that %s', (_, thing, failed, verdict) => {
    const judgement = judge(seen(thing, 2.4), clear);
    expect([judgement.failed, judgement.verdict]).toEqual([failed, verdict]);
  });

  it('of a storm explains nothing', () => {
    const judgement = judge(seen(blown(9, 0.7), 2.4), clear);
    expect(judgement.verdict).toBeNull();
    expect(judgement.failed).toContain('wind');
  });
});

describe('what comes down at 5 m/s in the end', () => {
  it.each([1, 2, 3, 4, 5])('is confirmed when it has gained that speed as a shirt does, noise %i', (seed) => {
    const judgement = judge(seen(down(50, 0, 5), 3, seed), clear);
    expect([judgement.verdict, judgement.failed]).toEqual(['confirmed', []]);
    expect(judgement.reasons.find((reason) => reason.criterion === 'fall_against_kink')?.value).toBeGreaterThan(10);
  });

  it('is confirmed when it flutters later: only how it begins is compared', () => {
    const shirt = down(50, 0, 5);
    const flutters: Thing = (t) => {
      const [x, y, z] = shirt(t) ?? [0, 0, 0];
      return [x + 0.5 * Math.sin(2.2 * Math.max(0, t - 1.6)), y, z];
    };
    expect(judge(seen(flutters, 5), clear).failed).toEqual([]);
  });

  it.each([
    ['from hovering', 0.4, 1],
    ['from hovering for a moment', 0.24, 2],
    ['from hovering for longer', 0.8, 3],
    ['from hovering, noise 4', 0.4, 4],
    ['from hovering, noise 5', 0.4, 5],
  ])('is at most suspected when it sinks so from one picture to the next %s', (_, hoversS, seed) => {
    const drone: Thing = (t) => [12, 50 - 5 * Math.max(0, t - hoversS), 0.9];
    const judgement = judge(seen(drone, 4, seed), clear);
    expect(judgement.verdict).toBe('suspected');
    expect(judgement.failed).toEqual(['fall_against_kink']);
    expect(judgement.reasons[0]?.value).toBeLessThan(-10);
  });

  it('is at most suspected when it glided first, as a bird does', () => {
    const bird: Thing = (t) => [5 + 5 * Math.min(t, 0.6) + 2 * Math.max(0, t - 0.6), 50 - Math.min(t, 0.6) - 8 * Math.max(0, t - 0.6), 4];
    expect(judge(seen(bird, 2), clear).verdict).not.toBe('confirmed');
  });
});

describe('what leaves the picture while it falls', () => {
  const view1s = seen(down(50, 0, 40), 1);
  const [firstAt, lastAt] = [view1s.points[0], view1s.points[view1s.points.length - 1]].map((p) => (p as PathPoint).candidate) as [
    PathPoint['candidate'],
    PathPoint['candidate'],
  ];
  const below = { ...clear, pictureHeightPx: lastAt.y + lastAt.h };
  /** Thrown along the facade, so that a second takes it past a column of the picture. */
  const aside = seen(thrown(0, [4, 50, 0.9], [5, 0, 0.7], 40), 1);
  const asideAt = (aside.points[aside.points.length - 1] as PathPoint).candidate.x;

  it.each([
    ['by its lower edge, after a floor and a half', view1s, below, []],
    ['by the right edge of what is looked at', aside, { ...clear, seen: { left: 0, width: asideAt + 4 } }, []],
    ['not, and is lost in the middle of it', view1s, clear, ['drop_floors']],
    [
      'not, although the edge is near, where it is lost beside it',
      view1s,
      { ...clear, seen: { left: 0, width: lastAt.x + 8 } },
      ['drop_floors'],
    ],
    ['by its lower edge, after half a floor', seen(down(50, 0, 40), 0.6), { ...clear, pictureHeightPx: firstAt.y + 20 }, ['drop_floors']],
  ] as const)('%s', (_, path, options, failed) => {
    expect(judge(path, options).failed).toEqual(failed);
  });

  it('and moves steadily is no fall for all that', () => {
    const steady: Thing = (t) => [12, 50 - 4.6 * t, 0.9];
    expect(judge(seen(steady, 1), below).failed).toContain('fall_against_steady_motion');
  });

  it('falls no farther than to the ground', () => {
    const { reasons } = judge(seen(down(5.2, 0, 40), 0.98), { ...clear, minDropFloors: 5, pictureHeightPx: 0 });
    const drop = reasons.find(({ criterion }) => criterion === 'drop_floors')?.value ?? 0;
    expect(drop * TOWER.floorM).toBeGreaterThan(4.7);
    expect(drop * TOWER.floorM).toBeLessThan(5.8);
  });
});

describe('what changes its size from one sight to the next', () => {
  /** The same path with every other sight so many times as large. */
  const beating = (path: Path, times: number): Path => ({
    ...path,
    points: path.points.map((point, i) => ({
      ...point,
      candidate: { ...point.candidate, areaPx: Math.round(point.candidate.areaPx * (i % 2 === 0 ? 1 : times)) },
    })),
  });

  it.each([
    [1, []],
    [1.6, []],
    [2.4, ['size_changes']],
  ])('by a factor of %d', (times, failed) => {
    const path = seen(down(50, 0, 40), 1.6, 7, 6);
    expect(judge(beating(path, times), clear).failed).toEqual(failed);
  });
});
