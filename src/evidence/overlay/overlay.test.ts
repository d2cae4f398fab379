import { describe, expect, it } from 'vitest';
import type { Facade } from '../../domain/facade.js';
import type { Incident, ThrowDetails } from '../../domain/incident.js';
import { renderSvg } from '../../media/image.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { createOverlay, type OverlayOptions } from './overlay.js';
import { overlayEndS } from './overlay-fall.js';
import type { FacadeRuler } from './overlay-timeline.js';

const size = { width: 640, height: 360 };
const scene = createFallScene({ ...size, fps: 25, durationS: 8, startS: 2, sizePx: 4 });
const incident = fallIncident(scene);
const details = incident.throw as ThrowDetails;
const corners = [0.3, 0.7].flatMap((x) => [0, 1].map((y) => ({ x, y })));
const facade: Facade = {
  corners: [corners[0], corners[2], corners[3], corners[1]] as unknown as Facade['corners'],
  floors: { first: 1, last: 18, heightM: 3 },
  units: [],
  widthM: null,
};
const ruler: FacadeRuler = {
  widthM: 24,
  heightM: 54,
  toMetres: ({ x, y }) => ({ x: (x - 192) * 0.09, y: 54 - 0.15 * y }),
  toPixels: ({ x, y }) => ({ x: 192 + x / 0.09, y: (54 - y) / 0.15 }),
  floorAt: (heightM) => 1 + Math.floor(heightM / 3),
};
const wall = 90;

function grey(): Uint8Array {
  const data = new Uint8Array((size.width * size.height * 3) / 2).fill(128);
  data.fill(wall, 0, size.width * size.height);
  return data;
}

async function pictures(times: readonly number[], over: Partial<OverlayOptions> = {}): Promise<Uint8Array[]> {
  const overlay = await createOverlay({
    ...{ cameraId: 'tower', incidents: [incident], reports: [], placeOf: () => null, facade, ruler },
    ...{ redaction: { black: [], coarse: null }, size, tools: { renderSvg } },
    ...{ colours: { matrix: 'bt709', fullRange: false } as const },
    ...over,
  });
  const drawn: Uint8Array[] = [];
  for (const atS of times) {
    const data = grey();
    await overlay.draw({ atS, data });
    drawn.push(data);
  }
  return drawn;
}

/** Share of the pixels at `radius` around a point that were drawn on. */
function drawnAround(data: Uint8Array, x: number, y: number, radius: number): number {
  let drawn = 0;
  for (let i = 0; i < 64; i++) {
    const px = Math.round(x + radius * Math.cos((i * Math.PI) / 32));
    const py = Math.round(y + radius * Math.sin((i * Math.PI) / 32));
    if (data[py * size.width + px] !== wall) drawn++;
  }
  return drawn / 64;
}

/** Count of pixels that differ from the wall in a part of the picture. */
function drawnIn(data: Uint8Array, x1: number, y1: number, x2: number, y2: number): number {
  let drawn = 0;
  for (let y = y1; y < y2; y++) for (let x = x1; x < x2; x++) if (data[y * size.width + x] !== wall) drawn++;
  return drawn;
}

/** The card lies on the right: the fall is left of the middle. Its magnified picture is as grey as the wall. */
const onCard = [467, 10, 630, 160] as const;
/** So many pixels of that a card covers at least, and nothing else does. */
const cardPx = 7000;

describe('the overlay', () => {
  it('has a ring around the object, where the path says, and nothing on it', async () => {
    const points = details.trajectory.filter((_, i) => i > 12 && i % 6 === 0 && i < details.trajectory.length - 4);
    const drawn = await pictures(points.map(({ t }) => t));
    for (const [i, point] of points.entries()) {
      const [x, y] = [point.x * size.width, point.y * size.height];
      const data = drawn[i] as Uint8Array;
      const radius = Math.max(0.9 * 0.017 * size.width, Math.hypot(4, 4));
      expect(drawnAround(data, x, y, radius), `${point.t} s`).toBe(1);
      expect(drawnAround(data, x, y, 3), `${point.t} s`).toBe(0);
    }
  });

  it('grows a path behind the object, and leaves alone what lies before it', async () => {
    const [early, late] = await pictures([2.6, 3.2], { facade: null, ruler: null });
    const middle = details.trajectory.find(({ t }) => t >= 2.9)?.y ?? 0;
    const rows = [Math.round(middle * size.height) - 8, Math.round(middle * size.height) + 8] as const;
    expect(drawnIn(early as Uint8Array, 240, rows[0], 300, rows[1])).toBe(0);
    expect(drawnIn(late as Uint8Array, 240, rows[0], 300, rows[1])).toBeGreaterThan(16);
  });

  it('points to the origin a second before, shows a card while it falls and for four seconds, then nothing', async () => {
    const [first, last] = [details.trajectory[0]?.t ?? 0, details.trajectory.at(-1)?.t ?? 0];
    const times = [first - 1.1, first - 0.5, first + 0.5, last + 3.9, last + 4.1];
    const drawn = await pictures(times, { facade: null, ruler: null });
    const origin = { x: details.origin.point.x * size.width, y: details.origin.point.y * size.height };
    const atOrigin = drawn.map((data) => drawnAround(data, origin.x, origin.y, 1.6 * 0.017 * size.width) > 0.4);
    expect(atOrigin[0]).toBe(false);
    expect(atOrigin[1]).toBe(true);
    const card = drawn.map((data) => drawnIn(data, ...onCard) > cardPx);
    expect(card).toEqual([false, false, true, true, false]);
    expect(overlayEndS([incident])).toBeCloseTo(last + 4, 9);
  });

  it('gives two that fall together a card each', async () => {
    const other: Incident = { ...incident, id: '01KJKEY5A00000000000000001', verdict: 'suspected' };
    const [one] = await pictures([3], { facade: null, ruler: null });
    const [two] = await pictures([3], { facade: null, ruler: null, incidents: [incident, other] });
    const left = [10, 10, 160, 160] as const;
    // The label of the origin reaches into it.
    expect(drawnIn(one as Uint8Array, ...left)).toBeLessThan(cardPx / 2);
    expect(drawnIn(two as Uint8Array, ...left)).toBeGreaterThan(cardPx);
    expect(drawnIn(two as Uint8Array, ...onCard)).toBeGreaterThan(cardPx);
  });

  it('magnifies the object, unmarked, into the card', async () => {
    const overlay = await createOverlay({
      ...{
        cameraId: 'tower',
        incidents: [incident],
        reports: [],
        placeOf: () => null,
        facade: null,
        ruler: null,
        redaction: { black: [], coarse: null },
        size,
        tools: { renderSvg },
      },
      colours: { matrix: 'bt709', fullRange: false },
    });
    const data = grey();
    const point = details.trajectory.find(({ t }) => t >= 3) ?? { t: 0, x: 0, y: 0 };
    const [x, y] = [Math.round(point.x * size.width - 2), Math.round(point.y * size.height - 2)];
    for (let row = y; row < y + 4; row++) data.fill(235, row * size.width + x, row * size.width + x + 4);
    await overlay.draw({ atS: point.t, data });
    // Nothing else on the card is as bright as the object but the words below it.
    let bright = 0;
    for (let py = 14; py < 108; py++) for (let px = 470; px < 625; px++) if ((data[py * size.width + px] ?? 0) > 215) bright++;
    expect(bright).toBeGreaterThan(80);
  });

  it('blackens privacy masks before it looks: neither picture nor card shows what is under them', async () => {
    const masks = [
      [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
        { x: 0, y: 1 },
      ],
    ];
    const [data] = await pictures([3], { redaction: { black: masks, coarse: null }, facade: null, ruler: null });
    expect((data as Uint8Array).subarray(0, size.width * size.height).filter((luma) => luma === wall).length).toBeLessThan(500);
    // In the middle of the magnified picture, between the marks.
    expect((data as Uint8Array)[60 * size.width + 548]).toBe(16);
  });

  it('draws the same twice', async () => {
    const times = [1.5, 2, 2.4, 3.1, 4, 6];
    expect(Buffer.compare(Buffer.concat(await pictures(times)), Buffer.concat(await pictures(times)))).toBe(0);
  });

  it('shows camera and time, and names no date that nobody knows', async () => {
    const words: string[] = [];
    const tools: OverlayOptions['tools'] = {
      async renderSvg(svg, width, height) {
        words.push(...[...svg.matchAll(/>([^<>]+)<\/text>/g)].map((match) => match[1] ?? ''));
        return new Uint8Array(4 * width * height);
      },
    };
    await pictures([3], { tools });
    expect(words).toContain('tower · 2026-03-01 07:41:13 UTC');
    expect(words).toContain('FALLING');
    expect(words).toContain('Floor 17 · Unit 02');
    words.length = 0;
    await pictures([65.2], { tools, incidents: [] });
    expect(words.filter((word) => word.includes('tower'))).toEqual(['tower · 1:05']);
  });
});

describe('what goes on in a street', () => {
  const box = (x1: number, x2: number): Incident['box'] => ({ x1, y1: 0.4, x2, y2: 0.6 });
  const bag: Incident = {
    ...incident,
    ...{
      id: '01KJKEY5A00000000000000002',
      type: 'abandoned_object',
      rule: 'abandoned_object',
      zone: 'path',
      labels: ['object'],
      throw: null,
    },
    ...{ streamTime: { start: 1, end: 6 }, box: box(0.6, 0.7), reasons: [] },
  };
  /** Walks from left to right: told of at 2 s, ended at 4 s. */
  const walker: Incident = { ...bag, id: '01KJKEY5A00000000000000003', type: 'intrusion', rule: 'intrusion', labels: ['person'] };
  const ended: Incident = { ...walker, verdict: 'suspected', zone: null, streamTime: { start: 1, end: 4 }, box: box(0.9, 0.95) };
  const reports: readonly Incident[] = [
    { ...ended, phase: 'new', streamTime: { start: 1, end: 2 }, box: box(0.2, 0.25) },
    { ...bag, phase: 'new', streamTime: { start: 1, end: 3 } },
    ended,
    bag,
  ];
  const path = { closed: true, points: [0.1, 0.3].flatMap((y) => [0.1, 0.9].map((x) => ({ x, y }))) };
  const bare = { facade: null, ruler: null, reports, placeOf: (name: string | null) => (name === 'path' ? path : null) };
  /** Whether a frame is drawn around a box: along its left edge. */
  const framed = (data: Uint8Array | undefined, { x1 }: Incident['box']): boolean =>
    drawnIn(data as Uint8Array, Math.round(x1 * size.width) - 6, 160, Math.round(x1 * size.width) + 2, 200) > 40;

  it('has a box around what stays, as long as it is there', async () => {
    const drawn = await pictures([0.9, 1, 3.5, 5.9, 6], { ...bare, incidents: [bag] });
    expect(drawn.map((data) => framed(data, bag.box))).toEqual([false, true, true, true, false]);
    // Its zone is outlined at the same times.
    expect(drawn.map((data) => drawnIn(data, 64, 104, 576, 112) > 100)).toEqual([false, true, true, true, false]);
  });

  it('has a box around what moves on only when it was told of, and none where it was when it ended', async () => {
    const drawn = await pictures([1.3, 1.5, 2.5, 2.7, 3.9], { ...bare, incidents: [ended] });
    expect(drawn.map((data) => framed(data, box(0.2, 0.25)))).toEqual([false, true, true, false, false]);
    expect(drawn.map((data) => framed(data, ended.box))).toEqual([false, false, false, false, false]);
  });

  it('names each as long as it is open, two seconds at least, and says what is only suspected', async () => {
    const words: string[] = [];
    const tools: OverlayOptions['tools'] = {
      async renderSvg(svg, width, height) {
        words.push(...[...svg.matchAll(/>([^<>]+)<\/text>/g)].map((match) => match[1] ?? ''));
        return new Uint8Array(4 * width * height);
      },
    };
    const namesAt = async (atS: number, incidents: readonly Incident[]): Promise<readonly string[]> => {
      words.length = 0;
      await pictures([atS], { ...bare, tools, incidents });
      return [...new Set(words.filter((word) => !word.startsWith('tower')))];
    };
    expect(await namesAt(2, [bag, ended])).toEqual(['Abandoned object · path', 'Intrusion · person, suspected']);
    expect(await namesAt(5, [bag, ended])).toEqual(['Abandoned object · path']);
    const crossing: Incident = { ...ended, type: 'line_crossing', streamTime: { start: 3, end: 3 } };
    expect(await namesAt(4.9, [crossing])).toEqual(['Line crossing · person, suspected']);
    expect(await namesAt(5.1, [crossing])).toEqual([]);
  });

  it('gives each a line of its own, and of many together the first six', async () => {
    const many = Array.from({ length: 8 }, (_, i): Incident => ({ ...bag, id: `01KJKEY5A0000000000000001${i}`, zone: null }));
    const [data] = await pictures([3], { ...bare, incidents: many });
    // Plates on the left; from row to row there is a gap.
    const rows = Array.from({ length: size.height }, (_, y) => drawnIn(data as Uint8Array, 2, y, 60, y + 1) > 50);
    expect(rows.filter((on, y) => on && rows[y - 1] !== true)).toHaveLength(7);
  });
});
