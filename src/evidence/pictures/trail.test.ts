import { describe, expect, it } from 'vitest';
import type { ThrowDetails } from '../../domain/incident.js';
import type { MediaTools } from '../../media/footage-tools.js';
import { createFallScene, fallIncident, squareGrey } from '../../testing/fall-scene.js';
import { createSceneTools } from '../../testing/scene-tools.js';
import type { FootageSpan } from '../ring/footage.js';
import { makeTrail } from './trail.js';

const scene = createFallScene({ width: 160, height: 120, fps: 20, durationS: 5, startS: 1, sizePx: 6 });
const never = new AbortController().signal;
const wholeFile: FootageSpan = { input: { kind: 'file', path: 'scene.mp4' }, fromS: 0, toS: scene.durationS };

/** Pixels of a trail of the scene, and the drawing over it. */
async function trailSheet(footage = wholeFile, stampOf?: (index: number) => number): Promise<{ data: Uint8Array; drawing: string }> {
  const incident = fallIncident(scene);
  let drawing = '';
  const tools: MediaTools = {
    ...createSceneTools(scene, stampOf),
    async renderSvg(svg, width, height) {
      drawing = svg;
      return new Uint8Array(4 * width * height);
    },
  };
  return { data: await makeTrail(tools, footage, incident, incident.throw as ThrowDetails, { black: [], coarse: null }, never), drawing };
}

/** Positions at which the sheet shows the object's whole middle. */
function visiblePositions(sheet: { data: Uint8Array }): number {
  return scene.trajectory.filter((at) => {
    const middle = Math.round(at.y * 120) * 160 + Math.round(at.x * 160);
    return [-161, -160, -1, 0].every((step) => sheet.data[3 * (middle + step)] === squareGrey);
  }).length;
}

describe('makeTrail', () => {
  it('shows the object at every position', async () => {
    const sheet = await trailSheet();
    expect(visiblePositions(sheet)).toBe(scene.trajectory.length);
    expect(sheet.drawing).toContain(`${scene.trajectory.length} pictures laid into one`);
  });

  it('takes the scene from after the fall where the footage begins with the object in the air', async () => {
    const first = scene.trajectory[4]?.t ?? 0;
    const sheet = await trailSheet({ ...wholeFile, fromS: first });
    expect(visiblePositions(sheet)).toBeGreaterThanOrEqual(scene.trajectory.length - 4);
    const clean = scene.picture(0);
    const left = 3 * (10 * 160 + 30);
    expect(sheet.data.subarray(left, left + 60)).toEqual(clean.subarray(left, left + 60));
  });

  it('finds the right picture where the stream’s stamps are up to 25 ms off', async () => {
    const crooked = (i: number) => i / scene.fps + ([0.02, -0.02, 0.012, -0.024][i % 4] ?? 0);
    expect(visiblePositions(await trailSheet(wholeFile, crooked))).toBe(scene.trajectory.length);
  });

  it('leaves out what the footage does not reach', async () => {
    const last = scene.trajectory[15]?.t ?? 0;
    const sheet = await trailSheet({ ...wholeFile, toS: last });
    expect(visiblePositions(sheet)).toBe(16);
  });

  it('says so when there is no picture at all', async () => {
    await expect(trailSheet({ ...wholeFile, fromS: 90, toS: 91 })).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });
});
