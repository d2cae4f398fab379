import { describe, expect, it } from 'vitest';
import type { Incident } from '../../domain/incident.js';
import type { RgbPicture } from '../../media/image.js';
import { makeIncident } from '../../testing/delivery-fixtures.js';
import type { FallScene } from '../../testing/fall-scene.js';
import { createSceneTools } from '../../testing/scene-tools.js';
import { middleOf, shrink, toScenePicture } from '../drawing/small-picture.js';
import { durationWords, streetCaption } from '../drawing/street-caption.js';
import type { FootageSpan } from '../ring/footage.js';
import { makeStreetSnapshot, streetSpans } from './street-snapshot.js';

const size = { width: 160, height: 90 };
const never = new AbortController().signal;
const box = { x1: 0.5, y1: 0.5, x2: 0.625, y2: 0.75 };

/** A grey yard; a passer at one moment before, and from second 20 on a car of 40 grey. */
const yard: FallScene = {
  ...size,
  fps: 5,
  durationS: 30,
  trajectory: [],
  picture(index) {
    const data = new Uint8Array(3 * size.width * size.height).fill(120);
    const paint = (grey: number, from: number, to: number): void => {
      for (let y = 45; y < 67; y++) data.fill(grey, 3 * (y * size.width + from), 3 * (y * size.width + to));
    };
    if (index === 80) paint(250, 85, 95);
    if (index >= 100) paint(40, 80, 100);
    return data;
  },
};
const incident: Incident = makeIncident({
  type: 'illegal_parking',
  rule: 'fire-lane',
  zone: 'lane',
  labels: ['car'],
  box,
  streamTime: { start: 20, end: 26 },
  reasons: [{ criterion: 'seconds_still', value: 61.25, threshold: 60, unit: 's' }],
});
const all: FootageSpan = { input: { kind: 'file', path: 'yard.mp4' }, fromS: 0, toS: 30 };

/** What is drawn and what is set in, beside the pixels. */
function recordingTools() {
  const drawings: string[] = [];
  const insets: RgbPicture[] = [];
  const jpegs: RgbPicture[] = [];
  const tools = {
    ...createSceneTools(yard),
    renderSvg: async (svg: string, width: number, height: number) => {
      drawings.push(svg);
      return new Uint8Array(4 * width * height);
    },
    resizePicture: async (picture: RgbPicture, width: number, height: number) => {
      insets.push(picture);
      return { width, height, data: new Uint8Array(3 * width * height) };
    },
    encodeJpeg: async (picture: RgbPicture) => {
      jpegs.push(picture);
      return picture.data;
    },
  };
  return { tools, drawings, insets, jpegs };
}
const place = {
  closed: true,
  points: [
    { x: 0.4, y: 0.4 },
    { x: 0.9, y: 0.4 },
    { x: 0.9, y: 0.9 },
  ],
};
const redaction = { black: [], coarse: null };
const middle = ({ width, height, data }: RgbPicture): number =>
  data[3 * (Math.floor(height / 2) * width + Math.floor(width / 2))] as number;

describe('the snapshot of a street incident', () => {
  it('shows the last moment seen, the box, the zone, and the place before and now', async () => {
    const { tools, drawings, insets } = recordingTools();
    const { atS, jpeg, references } = await makeStreetSnapshot(tools, { incident, footage: all, earlier: all, place, redaction }, never);
    expect(atS).toBe(26);
    expect(jpeg.subarray(0, yard.picture(130).length)).toEqual(yard.picture(130));
    const [before, now] = insets as [RgbPicture, RgbPicture];
    // The passer of second 16 was in one picture of five.
    expect([middle(before), middle(now)]).toEqual([120, 40]);
    const drawing = drawings[0] ?? '';
    for (const word of [
      'Illegal parking · car',
      'CONFIRMED',
      'zone lane',
      'seconds still 61.25 s (at least 60 s)',
      'Before',
      'After',
      'stroke-dasharray',
    ])
      expect(drawing).toContain(word);
    expect(references.incident).toEqual(yard.picture(130));
    expect(references.scene).toEqual(yard.picture(0));
    // Six seconds are not long enough to tell who only passes.
    expect(references.steady).toBeNull();
  });

  it('keeps of what has lasted the place without those who pass', async () => {
    const passing = { ...yard, picture: (index: number) => yard.picture(index === 143 ? 80 : index) };
    const long = { ...incident, streamTime: { start: 20, end: 28.6 } };
    const job = { incident: long, footage: all, earlier: null, place: null, redaction };
    const { references } = await makeStreetSnapshot(createSceneTools(passing), job, never);
    expect(references.incident).toEqual(yard.picture(80));
    expect(references.steady).toEqual(yard.picture(130));
  });

  it('does without the scene before', async () => {
    const { tools, drawings, insets } = recordingTools();
    const late = { ...all, fromS: 20 };
    const { references } = await makeStreetSnapshot(tools, { incident, footage: all, earlier: late, place: null, redaction }, never);
    expect(references.scene).toBeNull();
    expect(insets).toHaveLength(1);
    expect(drawings[0]).not.toContain('Before');
    expect(drawings[0]).not.toContain('stroke-dasharray');
    expect(
      (await makeStreetSnapshot(tools, { incident, footage: all, earlier: null, place: null, redaction }, never)).references.scene,
    ).toBeNull();
  });

  it('keeps nothing of what a privacy mask hides, in no picture', async () => {
    const { tools, jpegs, insets } = recordingTools();
    const black = [
      [
        { x: 0.45, y: 0.4 },
        { x: 0.7, y: 0.4 },
        { x: 0.7, y: 0.9 },
        { x: 0.45, y: 0.9 },
      ],
    ];
    await makeStreetSnapshot(tools, { incident, footage: all, earlier: all, place: null, redaction: { black, coarse: null } }, never);
    for (const { width, data } of jpegs) expect(data[3 * (50 * width + 90)]).toBe(0);
    expect(insets.map(middle)).toEqual([0, 0]);
  });

  it('fails where nothing of the moment is left', async () => {
    const { tools } = recordingTools();
    const gone = makeStreetSnapshot(tools, { incident, footage: { ...all, fromS: 28 }, earlier: null, place: null, redaction }, never);
    await expect(gone).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });
});

it('looks before the incident began and at its last moment', () => {
  expect(streetSpans(incident)).toEqual({ moment: { fromS: 25, toS: 26.06 }, scene: { fromS: 16, toS: 18 } });
});

it.each([
  [0.4, '0.4 s'],
  [61.2, '1 min 1 s'],
  [119.8, '2 min'],
  [7_300, '2 h 1 min'],
])('tells %d seconds as %s', (seconds, words) => {
  expect(durationWords(seconds)).toBe(words);
});

it('has words for a type that nobody has heard of', () => {
  const { title, notes } = streetCaption({ ...incident, type: 'sleeping_dragon', labels: [], zone: null, reasons: [], startedAtMs: 0 });
  expect(title).toBe('Sleeping dragon');
  expect(notes).toEqual(['Since 20.0 s, seen for 6.0 s', 'tower, rule fire-lane']);
});

it.each([
  [['object', 'by truck'], 'Illegal parking · by truck'],
  [['object', 'by object'], 'Illegal parking'],
  [['car'], 'Illegal parking · car'],
])('says nothing where nobody named it: %j', (labels, title) => {
  expect(streetCaption({ ...incident, labels }).title).toBe(title);
});

it.each([
  [1, 'brought: seen'],
  [0, 'brought: not seen'],
])('tells what was seen or not in words: %d', (value, words) => {
  const reasons = [{ criterion: 'brought', value, threshold: 1, unit: 'seen' }];
  expect(streetCaption({ ...incident, reasons }).notes.at(-1)).toBe(words);
});

describe('small pictures', () => {
  it('are means of what they cover', () => {
    const data = Uint8Array.from({ length: 3 * 4 * 2 }, (_, i) => (Math.floor(i / 3) % 4 < 2 ? 10 : 30));
    expect(shrink({ width: 4, height: 2, data }, 2)).toEqual({ width: 2, height: 1, data: Uint8Array.from([10, 10, 10, 30, 30, 30]) });
  });

  it('have the middle of each pixel', () => {
    const one = (grey: number): RgbPicture => ({ width: 1, height: 1, data: new Uint8Array(3).fill(grey) });
    expect(middleOf([one(10), one(200), one(12)]).data[0]).toBe(12);
    expect(() => middleOf([])).toThrow(RangeError);
  });

  it('are grey where they have no colour, of odd sizes too', () => {
    const { luma, cb, cr } = toScenePicture({ width: 3, height: 1, data: new Uint8Array(9).fill(77) });
    expect([...luma]).toEqual([77, 77, 77]);
    expect([...cb, ...cr]).toEqual([128, 128, 128, 128]);
  });
});
