import { describe, expect, it } from 'vitest';
import type { ColourPicture } from '../../core/detection/fill-input.js';
import {
  answerLooks,
  createAwaitedPictures,
  createRecordedEyes,
  createThreadEyes,
  type LookMessage,
  type Sighting,
} from './object-eyes.js';

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

describe('pictures that wait for a model', () => {
  function book() {
    const pictures = createAwaitedPictures();
    const told: string[] = [];
    const add = (name: string, ptsMs: number): void =>
      pictures.add(ptsMs, ({ ptsMs: at, detections }) => told.push(`${name} at ${at}: ${detections?.length ?? 'nobody looked'}`));
    return { pictures, told, add };
  }

  it('are answered in their order, those that a later one took the place of with nothing', () => {
    const { pictures, told, add } = book();
    for (const ptsMs of [0, 200, 400]) add('a', ptsMs);
    pictures.hear({ ptsMs: 0, detections: [] });
    pictures.hear({ ptsMs: 400, detections: [car] });
    expect(told).toEqual(['a at 0: 0', 'a at 200: nobody looked', 'a at 400: 1']);
  });

  it('hear at once that a later one took their place', () => {
    const { pictures, told, add } = book();
    for (const ptsMs of [0, 200, 400]) add('a', ptsMs);
    pictures.replace();
    expect(told).toEqual(['a at 200: nobody looked']);
    pictures.hear({ ptsMs: 0, detections: [] });
    pictures.hear({ ptsMs: 400, detections: [car] });
    expect(told.slice(1)).toEqual(['a at 0: 0', 'a at 400: 1']);
  });

  it('are answered after the camera was connected anew, too, and its clock began anew', () => {
    const { pictures, told, add } = book();
    add('before', 3_600_000);
    add('after', 0);
    add('after', 200);
    pictures.hear({ ptsMs: 0, detections: [car] });
    pictures.hear({ ptsMs: 200, detections: [] });
    expect(told).toEqual(['before at 3600000: nobody looked', 'after at 0: 1', 'after at 200: 0']);
  });

  it('are answered once, however often they are spoken of, and strangers not at all', () => {
    const { pictures, told, add } = book();
    add('a', 0);
    pictures.hear({ ptsMs: 40, detections: [] });
    expect(told).toEqual([]);
    pictures.hear({ ptsMs: 0, detections: null });
    pictures.hear({ ptsMs: 0, detections: [car] });
    expect(told).toEqual(['a at 0: nobody looked']);
  });

  it('are all dismissed when their model goes', () => {
    const { pictures, told, add } = book();
    add('a', 200);
    add('b', 0);
    pictures.giveUp();
    pictures.hear({ ptsMs: 0, detections: [car] });
    expect(told).toEqual(['a at 200: nobody looked', 'b at 0: nobody looked']);
  });
});
