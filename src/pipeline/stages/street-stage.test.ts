import { beforeEach, describe, expect, it } from 'vitest';
import { cameraConfigSchema } from '../../config/index.js';
import type { Frame } from '../../domain/frame.js';
import type { StreetFrame } from '../../domain/street.js';
import { ScenePainter } from '../../testing/scene-pictures.js';
import type { ObjectEyes, Sighting } from '../eyes/object-eyes.js';
import { createStreetStage, type StreetStage } from './street-stage.js';

const size = { width: 320, height: 180 };
const camera = (detector: object = {}) => cameraConfigSchema.parse({ id: 'gate', source: { url: 'rtsp://127.0.0.1:9/gate' }, detector });

/** A street through which something goes from left to right, five times a second. */
function walk(painter: ScenePainter, i: number): Frame {
  const patches = i < 20 ? [] : [{ x: 10 + (i - 20) * 4, y: 100, w: 14, h: 40, luma: 230 }];
  const { luma, cb, cr } = painter.paint({ patches });
  const data = new Uint8Array([...luma, ...cb, ...cr]);
  return { cameraId: 'gate', seq: i, ptsMs: i * 200, capturedAtMs: i * 200, ...size, format: 'yuv420p', data };
}

/** Where a model would see it. */
const person = (i: number) => {
  const x = 10 + (i - 20) * 4;
  return { label: 'person', score: 0.9, box: { x1: x / 320, y1: 100 / 180, x2: (x + 14) / 320, y2: 140 / 180 } };
};

describe('a street stage', () => {
  let painter: ScenePainter;
  let asked: number[];
  /** What the eyes say when they are asked next. */
  let said: Sighting[];
  let eyes: ObjectEyes;
  beforeEach(() => {
    painter = new ScenePainter(size.width, size.height);
    asked = [];
    said = [];
    eyes = { look: (_picture, ptsMs) => asked.push(ptsMs / 200), sightings: () => said.splice(0) };
  });

  /** Takes pictures through the stage; `answer` says what the model finds in each that it is asked for, at once or later. */
  function play(stage: StreetStage, from: number, to: number, answer: (i: number) => void = () => undefined): StreetFrame[] {
    const shown: StreetFrame[] = [];
    for (let i = from; i < to; i++) {
      const before = asked.length;
      const frame = walk(painter, i);
      stage.process(frame, (seen) => shown.push({ ...seen, objects: [...seen.objects] }));
      for (const picture of asked.slice(before)) answer(picture);
    }
    return shown;
  }
  const tell = (i: number, detections: Sighting['detections']) => said.push({ ptsMs: i * 200, detections });

  it('shows pictures in their order, whatever the order of the answers', () => {
    const stage = createStreetStage({ camera: camera({ only_on_motion: false }), ...size, eyes });
    const late: number[] = [];
    const shown = play(stage, 0, 40, (i) => {
      if (i % 3 === 0) late.push(i);
      else tell(i, i < 20 ? [] : [person(i)]);
      if (i % 3 === 2) for (const one of late.splice(0)) tell(one, null);
    });
    expect(shown.map(({ seq }) => seq)).toEqual(shown.map((_, i) => i));
    expect(shown.length).toBeGreaterThan(35);
    expect(shown.at(-1)).toMatchObject({ named: true, objects: [{ label: 'person', state: 'confirmed' }] });
  });

  it('waits ten seconds for an answer, and not longer', () => {
    const stage = createStreetStage({ camera: camera({ only_on_motion: false }), ...size, eyes });
    const shown = play(stage, 0, 80, (i) => i !== 5 && tell(i, []));
    expect(shown.findIndex(({ seq }) => seq === 5)).toBe(5);
    expect(shown.length).toBeGreaterThan(70);
    const begun = createStreetStage({ camera: camera({ only_on_motion: false }), ...size, eyes });
    expect(play(begun, 0, 55, (i) => i !== 5 && tell(i, []))).toHaveLength(5);
  });

  it('goes by what moves while there is no model to be asked, and by its names again when there is', () => {
    const stage = createStreetStage({ camera: camera(), ...size, eyes });
    const shown = play(stage, 0, 76, (i) => tell(i, i < 34 || i >= 56 ? (i < 20 ? [] : [person(i)]) : 'no-model'));
    const at = (i: number) => shown.find(({ seq }) => seq === i) as StreetFrame;
    expect(at(32)).toMatchObject({ named: true, objects: [{ label: 'person' }] });
    expect(at(50)).toMatchObject({ named: false, objects: [{ label: 'object' }] });
    expect(at(72)).toMatchObject({ named: true, objects: [{ label: 'person' }] });
    const ids = [32, 50, 72].map((i) => at(i).objects[0]?.id ?? 0);
    expect(ids[0]).toBeLessThan(ids[1] ?? 0);
    expect(ids[1]).toBeLessThan(ids[2] ?? 0);
  });

  it('lets the model rest while nothing moves, but for a look in two seconds', () => {
    const still = createStreetStage({ camera: camera(), ...size, eyes });
    play(still, 0, 20, (i) => tell(i, []));
    const rested = asked.filter((i) => i >= 5 && i < 20).length;
    expect(rested).toBeGreaterThanOrEqual(1);
    expect(rested).toBeLessThanOrEqual(5);
    asked = [];
    play(still, 20, 40, (i) => tell(i, [person(i)]));
    expect(asked.length).toBeGreaterThan(14);
  });
});
