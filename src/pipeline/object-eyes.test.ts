import { describe, expect, it } from 'vitest';
import type { ColourPicture } from '../core/detection/fill-input.js';
import { answerLooks, createRecordedEyes, createThreadEyes, type LookMessage, type Sighting } from './object-eyes.js';

const picture: ColourPicture = { width: 2, height: 2, format: 'yuv420p', data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
const car = { label: 'car', score: 0.9, box: { x1: 0, y1: 0, x2: 0.5, y2: 0.5 } };

describe('boxes that were found elsewhere', () => {
  const record = [
    { ptsMs: 0, detections: [car] },
    { ptsMs: 1_000, detections: [] },
    { ptsMs: 1_200, detections: [car, car] },
  ];
  it.each([
    [0, 1],
    [90, 1],
    [150, 0],
    [1_090, 0],
    [1_150, 2],
    [5_000, 0],
  ])('at %i ms there are %i', (ptsMs, count) => {
    const heard: Sighting[] = [];
    createRecordedEyes(record, 100).look(picture, ptsMs, (sighting) => heard.push(sighting));
    expect(heard).toHaveLength(1);
    expect(heard[0]?.detections).toHaveLength(count);
  });
});

describe('a thread’s eyes', () => {
  const data = (every: boolean) => ({ every, answered: new SharedArrayBuffer(4) });

  it('send a copy, and hear of it later', () => {
    const sent: LookMessage[] = [];
    const inbox: Sighting[] = [];
    const eyes = createThreadEyes(
      data(false),
      (message) => sent.push(message),
      () => inbox.splice(0),
    );
    eyes.look(picture, 40);
    picture.data[0] = 99;
    expect(sent).toMatchObject([{ ptsMs: 40, picture: { width: 2, data: Uint8Array.of(1, 2, 3, 4, 5, 6) } }]);
    picture.data[0] = 1;
    expect(eyes.sightings()).toEqual([]);
    inbox.push({ ptsMs: 40, detections: [car] });
    expect(eyes.sightings()).toEqual([{ ptsMs: 40, detections: [car] }]);
    expect(eyes.sightings()).toEqual([]);
  });

  it('have the answer at once where every picture counts', () => {
    const shared = data(true);
    const inbox: Sighting[] = [];
    const main = answerLooks(createRecordedEyes([{ ptsMs: 40, detections: [car] }], 10), shared, (sighting) => inbox.push(sighting));
    const eyes = createThreadEyes(shared, main, () => inbox.splice(0));
    eyes.look(picture, 40);
    expect(eyes.sightings()).toEqual([{ ptsMs: 40, detections: [car] }]);
    expect(new Int32Array(shared.answered)[0]).toBe(1);
  });
});
