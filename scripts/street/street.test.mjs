import { describe, expect, test } from 'vitest';
import { createCamera } from './camera.mjs';
import { Canvas } from './canvas.mjs';
import { matchEvents } from './match.mjs';
import { noisyDetections } from './noisy-detections.mjs';
import { pathOf } from './paths.mjs';
import { clipToPicture, insidePolygon, sideOf } from './plane.mjs';
import { rowOf, worsenings } from './rows.mjs';
import { findScenario, scenarioNames, scenarios, stageOf } from './scenarios/index.mjs';
import { createScene } from './scene.mjs';
import { createTruth } from './truth.mjs';

const camera = createCamera({ width: 640, height: 360, at: [0, -9], heightM: 6, headingDeg: 70, pitchDeg: 20, rollDeg: 2, hfovDeg: 70 });

describe('the camera', () => {
  test('sees a point of the ground where the ray through its pixel meets it', () => {
    for (const [s, d] of [
      [0, 0],
      [6, 4],
      [12, 14],
    ]) {
      const [x, y, depth] = camera.project(s, d, 0);
      expect(depth).toBeGreaterThan(0);
      const [gs, gd] = camera.ground(x, y);
      expect(gs).toBeCloseTo(s, 6);
      expect(gd).toBeCloseTo(d, 6);
    }
  });

  test('sees no ground above the horizon', () => expect(camera.ground(320, 0)).toBeNull());

  test('cuts a zone to the picture', () => {
    const polygon = clipToPicture(camera, [
      [-100, 2],
      [100, 2],
      [100, 6],
      [-100, 6],
    ]);
    for (const [x, y] of polygon) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(1);
      expect(y).toBeLessThanOrEqual(1);
    }
    const [x, y] = camera.project(5, 4, 0);
    expect(insidePolygon([x / 640, y / 360], polygon)).toBe(true);
  });
});

test('right of a line is right', () => {
  const line = { from: [0, 0], to: [0, 10] };
  expect(sideOf([1, 5], line)).toBe(1);
  expect(sideOf([-1, 5], line)).toBe(-1);
});

describe('a path', () => {
  const path = pathOf(2, [0, 0], [{ to: [10, 0], mps: 5, endMps: 0 }, { waitS: 3 }, { to: [10, 4], mps: 2 }]);
  test.each([
    [1.9, null],
    [2, 0],
    [4, 7.5],
    [6, 10],
    [8.5, 10],
  ])('at %d s', (t, s) => {
    const pose = path.at(t);
    if (s === null) expect(pose).toBeNull();
    else expect(pose.s).toBeCloseTo(s, 6);
  });
  test('ends when it is walked', () => {
    expect(path.endOf(0)).toBe(6);
    expect(path.to).toBe(11);
    expect(path.at(11.1)).toBeNull();
  });
});

test('coverage of a polygon is its area', () => {
  const canvas = new Canvas(40, 20);
  canvas.begin({ linear: new Uint16Array(800), u: new Uint8Array(200), v: new Uint8Array(200) });
  canvas.fill([3.25, 2, 20.75, 2, 20.75, 12, 3.25, 12], 4, { linear: 60000, u: 128, v: 128, alpha: 1, id: 7 });
  expect(canvas.linear.reduce((sum, value) => sum + value, 0) / 60000).toBeCloseTo(175, 0);
  expect(canvas.drawn[7]).toBe(18 * 10);
  // Something nearer hides half of it.
  canvas.fill([3.25, 2, 12, 2, 12, 12, 3.25, 12], 4, { linear: 100, u: 128, v: 128, alpha: 1, id: 9 });
  expect(canvas.visible[7] / canvas.drawn[7]).toBeCloseTo(0.5, 1);
});

describe('every scene', () => {
  test.each(Object.entries(scenarios))('%s has at least three of each kind', (type, list) => {
    if (type === 'nothing') expect(list.every(({ positive }) => !positive)).toBe(true);
    else
      for (const kind of [true, false])
        expect(list.filter(({ positive }) => positive === kind).length, `positive: ${kind}`).toBeGreaterThanOrEqual(3);
  });

  test('can be staged, and says something true', () => {
    for (const name of scenarioNames()) {
      const stage = stageOf(findScenario(name), 2);
      for (const { from, to, due } of stage.incidents) {
        expect(from, name).toBeGreaterThanOrEqual(0);
        expect(from, name).toBeLessThan(stage.durationS);
        if (to !== null) expect(to, name).toBeGreaterThanOrEqual(from);
        expect(Math.max(from, due ?? 0), `${name}: it is due before the clip ends`).toBeLessThan(stage.durationS - 1);
      }
    }
  });
});

describe('a rendered scene', () => {
  const draw = (seed) => {
    const stage = stageOf(findScenario('illegal_parking-car-day'), seed, { durationS: 22, size: [160, 96] });
    const truth = createTruth(stage);
    let hash = 0;
    const boxes = [];
    for (const frame of createScene(stage).frames()) {
      truth.add(frame.t, frame.boxes);
      boxes.push(frame.boxes);
      for (let i = 0; i < frame.picture.length; i += 7) hash = (Math.imul(hash, 31) + frame.picture[i]) | 0;
    }
    return { hash, truth: truth.finish(), boxes };
  };
  const once = draw(1);

  test('is the same again, and another by another seed', () => {
    expect(draw(1).hash).toBe(once.hash);
    expect(draw(2).hash).not.toBe(once.hash);
  });

  test('shows the car where its truth says', () => {
    const [incident] = once.truth.incidents;
    expect(incident).toMatchObject({ type: 'illegal_parking', zone: 'no-parking', label: 'car' });
    const parked = once.boxes[Math.round((incident.from + 2) * 5)].find(({ id }) => id === incident.object);
    expect(parked.visible).toBeGreaterThan(0.9);
    for (const [k, edge] of parked.box.entries()) expect(edge).toBeCloseTo(incident.box[k], 2);
    const foot = [(parked.box[0] + parked.box[2]) / 2, parked.box[3]];
    expect(insidePolygon(foot, once.truth.zones['no-parking'].polygon)).toBe(true);
  });
});

test('noisy detections lose some and invent some, the same by the same seed', () => {
  const frames = Array.from({ length: 600 }, (_, i) => ({
    t: i / 5,
    detections: [
      { id: 1, label: 'car', box: [0.3, 0.4, 0.5, 0.6], visible: 1 },
      { id: 2, label: 'stall', box: [0.6, 0.4, 0.8, 0.6], visible: 1 },
    ],
  }));
  const noisy = noisyDetections(frames, { seed: 3 });
  expect(noisyDetections(frames, { seed: 3 })).toEqual(noisy);
  const cars = noisy.filter(({ detections }) => detections.some(({ box }) => Math.abs(box[0] - 0.3) < 0.05)).length;
  expect(cars).toBeGreaterThan(500);
  expect(cars).toBeLessThan(598);
  const all = noisy.flatMap(({ detections }) => detections);
  expect(all.some(({ label }) => label === 'stall')).toBe(false);
  expect(all.some(({ box }) => Math.abs(box[0] - 0.3) > 0.1)).toBe(true);
});

describe('matching', () => {
  const truth = { incidents: [{ type: 'illegal_parking', from: 10, to: 60, due: 30, object: 1, box: [0.1, 0.1, 0.3, 0.3] }] };
  const event = (told, over = {}) => ({
    id: `${told}`,
    type: 'illegal_parking',
    verdict: 'confirmed',
    stream_time: { start: 10, end: told, told },
    box: [0.12, 0.1, 0.3, 0.3],
    zone: null,
    ...over,
  });
  const match = (...events) => matchEvents(truth, events, () => null);

  test.each([
    ['in time', [event(31)], { verdict: 'confirmed', delayS: 1 }, 0, 0],
    ['too late', [event(55)], { verdict: null }, 0, 0],
    ['long after', [event(90)], { verdict: null }, 1, 0],
    ['before it began', [event(5)], { verdict: null }, 1, 0],
    ['elsewhere', [event(31, { box: [0.6, 0.6, 0.8, 0.8] })], { verdict: null }, 1, 0],
    ['twice', [event(31), event(35)], { verdict: 'confirmed' }, 0, 1],
    ['another type', [event(31, { type: 'loitering' })], { verdict: null }, 1, 0],
    ['suspected only', [event(31, { verdict: 'suspected' })], { verdict: 'suspected' }, 0, 0],
  ])('%s', (_, events, incident, falseConfirmed, repeats) => {
    const found = match(...events);
    expect(found.incidents[0]).toMatchObject(incident);
    expect(found.falseConfirmed).toHaveLength(falseConfirmed);
    expect(found.repeats).toBe(repeats);
  });

  test('a row that has become worse is told of', () => {
    const kept = rowOf([{ hours: 1, match: match(event(31)) }]);
    expect(kept).toMatchObject({ recall: { found: 1, of: 1 }, falseConfirmed: 0 });
    expect(worsenings(kept, kept)).toEqual([]);
    const blind = rowOf([{ hours: 1, match: match() }]);
    expect(worsenings(kept, blind)).toHaveLength(2);
    expect(worsenings(blind, kept)).toEqual([]);
    expect(worsenings({ ...kept, delayS: { median: 0, p95: (kept.delayS.p95 ?? 0) - 1 } }, kept)[0]).toContain('delayS');
    expect(worsenings(kept, rowOf([{ hours: 1, match: match(event(31), event(90)) }]))).toEqual(['falseConfirmed: 0 before, 1 now']);
  });
});
