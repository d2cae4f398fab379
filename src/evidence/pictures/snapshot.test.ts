import { describe, expect, it } from 'vitest';
import type { ThrowDetails, TrajectoryPoint } from '../../domain/incident.js';
import type { MediaTools } from '../../media/footage-tools.js';
import { type FallScene, fallIncident } from '../../testing/fall-scene.js';
import { createSceneTools } from '../../testing/scene-tools.js';
import type { FootageSpan } from '../ring/footage.js';
import { makeSnapshot } from './snapshot.js';

const size = { width: 200, height: 160 };
const FPS = 20;
const never = new AbortController().signal;

/** One position of a square, pixels and grey, over a wall of 90 grey. */
interface Shown {
  readonly y: number;
  readonly sidePx: number;
  readonly grey: number;
  /** Width that the engine's box has, in those of the square; one that has merged with something else is wider. */
  readonly boxed?: number;
}

/** A square at x 100 that is at `shown[i]` in picture 20 + i: from second 1 on. The wall's lower rows, from `busyFrom` on, are striped. */
function sceneOf(shown: readonly Shown[], busyFrom = size.height): FallScene {
  const trajectory: TrajectoryPoint[] = shown.map(({ y, sidePx, boxed = 1 }, i) => ({
    t: (FPS + i) / FPS,
    x: 100 / size.width,
    y: y / size.height,
    w: (boxed * sidePx) / size.width,
    h: (boxed * sidePx) / size.height,
  }));
  return {
    ...size,
    fps: FPS,
    durationS: 4,
    trajectory,
    picture(index) {
      const data = new Uint8Array(3 * size.width * size.height).fill(90);
      for (let y = busyFrom; y < size.height; y++) {
        for (let x = 0; x < size.width; x++) if (x % 6 < 3) data.fill(20, 3 * (y * size.width + x), 3 * (y * size.width + x + 1));
      }
      const one = shown[index - FPS];
      if (one === undefined) return data;
      const [left, top] = [100 - one.sidePx / 2, one.y - one.sidePx / 2];
      for (let y = top; y < top + one.sidePx; y++) {
        data.fill(one.grey, 3 * (y * size.width + left), 3 * (y * size.width + left + one.sidePx));
      }
      return data;
    },
  };
}

function fallDetails(scene: FallScene): ThrowDetails {
  const details = fallIncident(scene).throw;
  if (details === null) throw new TypeError('a fall has its details');
  return details;
}

/** Which position the snapshot shows. */
async function chosen(scene: FallScene, footage: Partial<FootageSpan> = {}, tools: Partial<MediaTools> = {}): Promise<number> {
  const span: FootageSpan = { input: { kind: 'file', path: 'scene.mp4' }, fromS: 0, toS: 4, ...footage };
  const { atS } = await makeSnapshot(
    { ...createSceneTools(scene), ...tools },
    span,
    fallIncident(scene),
    fallDetails(scene),
    { black: [], coarse: null },
    never,
  );
  return Math.round(FPS * atS) - FPS;
}

const path = (of: (i: number) => Partial<Shown>, count = 11): Shown[] =>
  Array.from({ length: count }, (_, i) => ({ y: 20 + 12 * i, sidePx: 8, grey: 200, ...of(i) }));

describe('the snapshot of a fall', () => {
  it.each([
    ['the middle of its path where all is alike', path(() => ({})), 5],
    ['where the object is largest, as it comes nearer', path((i) => ({ sidePx: 4 + 2 * i })), 8],
    ['where it stands out most', path((i) => ({ grey: i === 3 ? 250 : 130 })), 3],
    ['not a far-off speck whose box has merged with something else', path((i) => (i < 3 ? { sidePx: 4, boxed: 5 } : {})), 5],
    ['not where the object is large and can hardly be told from the wall', path((i) => (i === 5 ? { sidePx: 16, grey: 94 } : {})), 4],
    // Its box leaves the picture.
    ['not where the edge cuts it', path((i) => (i === 10 ? { y: 158, sidePx: 12, grey: 250 } : {})), 5],
  ])('shows %s', async (_what, shown, best) => {
    const found = await chosen(sceneOf(shown));
    // Neighbours of the middle weigh nearly the same.
    expect(Math.abs(found - best)).toBeLessThanOrEqual(best === 3 ? 0 : 1);
  });

  it('passes over restless surroundings', async () => {
    expect(
      await chosen(
        sceneOf(
          path(() => ({})),
          70,
        ),
      ),
    ).toBeLessThanOrEqual(3);
  });

  it('knows the scene from after the fall where the footage begins with the object in the air', async () => {
    const shown = path((i) => ({ grey: i === 7 ? 250 : 130 }));
    expect(await chosen(sceneOf(shown), { fromS: 1.1 })).toBe(7);
  });

  it('takes any picture of the fall before none, and says when there is none', async () => {
    const invisible = sceneOf(path(() => ({ grey: 90 })));
    expect(await chosen(invisible)).toBeGreaterThanOrEqual(-5);
    const late = sceneOf(path(() => ({})));
    expect(
      await chosen(
        late,
        {},
        createSceneTools(late, (i) => i / FPS + 0.12),
      ),
    ).toBeLessThanOrEqual(10);
    await expect(chosen(late, { fromS: 90, toS: 91 })).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });

  it('is that very picture', async () => {
    const scene = sceneOf(path((i) => ({ grey: i === 6 ? 250 : 130 })));
    const span: FootageSpan = { input: { kind: 'file', path: 'scene.mp4' }, fromS: 0, toS: 4 };
    const { atS, jpeg } = await makeSnapshot(
      createSceneTools(scene),
      span,
      fallIncident(scene),
      fallDetails(scene),
      { black: [], coarse: null },
      never,
    );
    expect(atS).toBe(1.3);
    expect(jpeg.subarray(0, scene.picture(26).length)).toEqual(scene.picture(26));
  });
});
