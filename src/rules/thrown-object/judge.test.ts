import { describe, expect, it } from 'vitest';
import { createFacadePlane } from '../../core/geometry/facade-plane.js';
import type { LinkedPath, Path, PathPoint } from '../../core/tracking/linker.js';
import { judge, worthJudging } from './judge.js';
import type { JudgeOptions } from './judgement.js';

/** A facade seen straight on: 40 m wide and 60 m high at 15 pixels a metre. */
const plane = createFacadePlane(
  {
    corners: [
      { x: 0.1, y: 0.05 },
      { x: 0.7, y: 0.05 },
      { x: 0.7, y: 0.95 },
      { x: 0.1, y: 0.95 },
    ],
    floors: { first: 1, last: 20, heightM: 3 },
    units: [],
    widthM: 40,
  },
  1000,
  1000,
);
const clear: JudgeOptions = {
  ...{ plane, floorHeightM: 3, minDropFloors: 2, minDropShare: 0.15, pictureHeightPx: 1000, seen: { left: 0, width: 1000 } },
  ...{ weather: false, precipitation: false, driven: false },
};

/** Ten points of something that moves at a steady speed, metres a second, or gains it, metres a second squared. */
function path(acrossMps: number, downMps: number, changes: Partial<LinkedPath> = {}, gainMps2 = 0): LinkedPath {
  const points = Array.from({ length: 10 }, (_, seq): PathPoint => {
    const timeS = seq / 25;
    const place = plane.toPixels({ x: 10 + acrossMps * timeS, y: 50 - downMps * timeS - (gainMps2 * timeS ** 2) / 2 });
    return { seq, ptsMs: timeS * 1000, timeS, candidate: { ...place, w: 4, h: 5, areaPx: 14, contrast: 30, peak: 50, moving: true } };
  });
  const [first, last] = [points[0] as PathPoint, points[9] as PathPoint];
  return {
    ...{ rootId: 1, points, score: 60, frames: 10, missed: 0, length: 10 },
    ...{ firstX: first.candidate.x, firstY: first.candidate.y, lastX: last.candidate.x, lastY: last.candidate.y },
    ...{ lastSeenS: last.timeS, lastSeq: last.seq },
    ...changes,
  };
}

describe('models are fitted', () => {
  it.each([
    ['to what falls straight down', path(0, 20), clear, true],
    ['to what goes sideways as fast as a fit may still explain', path(-15, 20), clear, true],
    ['to nothing that goes sideways faster than anybody throws', path(18, 20), clear, false],
    ['to nothing that goes so the other way', path(-25, 70), clear, false],
    ['to nothing that fell less than two floors', path(0, 10), clear, false],
    ['to nothing that is hardly likelier than clutter', path(0, 20, { score: 5 }), clear, false],
    ['to nothing seen in every third picture only', path(0, 20, { frames: 30 }), clear, false],
    ['in precipitation to nothing that is at full speed from its first sight', path(0, 20), { ...clear, weather: true }, false],
    ['in precipitation to what gains speed, whatever it has at its first sight', path(0, 18, {}, 9), { ...clear, weather: true }, true],
    ['in precipitation to nothing that loses speed, as drops near the lens do', path(0, 24, {}, -9), { ...clear, weather: true }, false],
    ['without a facade to whatever falls', path(25, 60), { ...clear, plane: null, floorHeightM: null }, true],
  ] as const)('%s', (_, subject, options, expected) => {
    expect(worthJudging(subject, options)).toBe(expected);
  });
});

/** Thirty pictures of something that comes down at a steady speed, pixels a picture, in a picture 1,000 pixels high. */
function steadyFall(acrossPx: number, downPx: number, sidePx: number): Path {
  const points = Array.from({ length: 30 }, (_, seq): PathPoint => {
    const place = { x: 300 + acrossPx * seq, y: 50 + downPx * seq };
    return {
      seq,
      ptsMs: 40 * seq,
      timeS: seq / 25,
      candidate: { ...place, w: sidePx, h: sidePx, areaPx: sidePx ** 2, contrast: 30, peak: 50, moving: true },
    };
  });
  return { rootId: 1, points, score: 200, frames: 30, missed: 0 };
}

describe('without a facade what is at its terminal speed from its first sight', () => {
  const open = { ...clear, plane: null, floorHeightM: null };
  it.each([
    ['is suspected when it falls far and straight', steadyFall(1, 25, 20), open, 'suspected'],
    ['is nothing when it goes sideways', steadyFall(8, 25, 20), open, null],
    ['is nothing when it is slow, as who walks towards the camera', steadyFall(0, 10, 20), open, null],
    ['is nothing when it is large', steadyFall(1, 25, 60), open, null],
    ['is nothing in precipitation', steadyFall(1, 25, 20), { ...open, weather: true, precipitation: true }, null],
  ] as const)('%s', (_, subject, options, verdict) => {
    expect(judge(subject, options).verdict).toBe(verdict);
  });
});

/** Seven pictures of something that falls from rest, in a picture 1,000 pixels high. */
function shortFall(score: number): Path {
  const points = Array.from({ length: 7 }, (_, seq): PathPoint => {
    const place = { x: 300, y: 50 + 8 * seq ** 2 };
    return { seq, ptsMs: 40 * seq, timeS: seq / 25, candidate: { ...place, w: 6, h: 6, areaPx: 30, contrast: 30, peak: 50, moving: true } };
  });
  return { rootId: 1, points, score, frames: 7, missed: 0 };
}

describe('without a facade a path too short for its shape to speak', () => {
  const open = { ...clear, plane: null, floorHeightM: null };
  it('is suspected where it stands out of the clutter', () => {
    expect(judge(shortFall(40), open).failed).toEqual(['points']);
    expect(judge(shortFall(40), open).verdict).toBe('suspected');
  });

  it('is nothing where clutter makes such paths', () => {
    expect(judge(shortFall(20), open).failed).toEqual(['points', 'against_clutter']);
    expect(judge(shortFall(20), open).verdict).toBeNull();
  });
});

/** A fall from rest that passes before bright walls and dark windows by turns, five pictures each, in a picture 1,000 pixels high. */
function fallBeforeWindows(length: number, score: number): Path {
  const points = Array.from({ length }, (_, seq): PathPoint => {
    const place = { x: 300, y: 50 + 1.2 * seq ** 2 };
    const contrast = seq % 10 < 5 ? 30 : -30;
    return { seq, ptsMs: 40 * seq, timeS: seq / 25, candidate: { ...place, w: 8, h: 8, areaPx: 50, contrast, peak: 50, moving: true } };
  });
  return { rootId: 1, points, score, frames: length, missed: 0 };
}

describe('without a facade what is brighter than some of what it passes and darker than the rest', () => {
  const open = { ...clear, plane: null, floorHeightM: null };
  it.each([
    ['is confirmed where it is followed for long, far out of the clutter', 20, 100, 'confirmed'],
    ['is suspected where clutter might make it', 20, 99, 'suspected'],
    ['is suspected where it is short', 15, 150, 'suspected'],
  ] as const)('%s', (_, length, score, verdict) => {
    expect(judge(fallBeforeWindows(length, score), open).verdict).toBe(verdict);
  });
});
