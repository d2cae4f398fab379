import { expect, it } from 'vitest';
import type { MediaTools } from '../../media/footage-tools.js';
import { createFallScene } from '../../testing/fall-scene.js';
import { createSceneTools } from '../../testing/scene-tools.js';
import { makeStill } from './still.js';

const scene = createFallScene({ width: 200, height: 160, fps: 20, durationS: 4, startS: 1, sizePx: 8 });
const never = new AbortController().signal;
const footage = { input: { kind: 'file', path: 'scene.mp4' }, fromS: 0, toS: 2.52 } as const;
const full = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
];

async function still(differ: Partial<Parameters<typeof makeStill>[1]> = {}) {
  const drawn: string[] = [];
  let pixels = new Uint8Array();
  const scenes = createSceneTools(scene);
  const tools: MediaTools = {
    ...scenes,
    renderSvg: async (svg, width, height) => {
      drawn.push(svg);
      return new Uint8Array(4 * width * height);
    },
    encodeJpeg: async ({ data }) => {
      pixels = new Uint8Array(data);
      return data;
    },
  };
  const job = {
    cameraId: 'gate',
    footage,
    zeroMs: Date.UTC(2026, 2, 1, 7, 41),
    place: null,
    redaction: { black: [], coarse: null },
    ...differ,
  };
  const { atS } = await makeStill(tools, job, never);
  return { atS, pixels, drawn: drawn.join('') };
}

it('shows the last picture of the span, says when it was taken, and marks nothing by itself', async () => {
  const { atS, drawn } = await still();
  expect(atS).toBeCloseTo(2.5, 3);
  expect(drawn).toContain('gate · 2026-03-01 07:41:02.500 UTC');
  expect(drawn).not.toContain('stroke-width');
});

it('marks the place to look at, and writes nothing over it', async () => {
  const low = await still({ place: { x1: 0.4, y1: 0.85, x2: 0.5, y2: 0.95 } });
  expect(low.drawn).toContain('stroke-width');
  expect(low.drawn).toContain('y="0.0" width');
  const high = await still({ place: { x1: 0.4, y1: 0.1, x2: 0.5, y2: 0.2 } });
  expect(high.drawn).not.toContain('y="0.0" width');
});

it('keeps what is private black', async () => {
  expect((await still()).pixels.some((value) => value > 0)).toBe(true);
  expect((await still({ redaction: { black: [full], coarse: null } })).pixels.every((value) => value === 0)).toBe(true);
});

it('fails where nothing is to be seen', async () => {
  await expect(still({ footage: { ...footage, fromS: 90, toS: 91 } })).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
});
