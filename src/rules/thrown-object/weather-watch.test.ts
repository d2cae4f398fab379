import { describe, expect, it } from 'vitest';
import type { LinkedPath } from '../../core/tracking/linker.js';
import { WeatherWatch } from './weather-watch.js';

const picture = { width: 1000, height: 1000 };

/** A path that ends at a place, having come down by so much and gone sideways by so much, pixels. */
function path(
  rootId: number,
  x: number,
  over: Partial<LinkedPath> & { readonly downPx?: number; readonly acrossPx?: number } = {},
): LinkedPath {
  const { downPx = 100, acrossPx = 0, ...others } = over;
  const place = { firstX: x - acrossPx, lastX: x, firstY: 300, lastY: 300 + downPx };
  return { ...{ rootId, length: 10, score: 40, frames: 10, missed: 0, points: [], lastSeenS: 0, lastSeq: 0 }, ...place, ...others };
}

interface Shower {
  readonly perS?: number;
  readonly seconds?: number;
  readonly fromX?: number;
  readonly toX?: number;
  readonly like?: Parameters<typeof path>[2];
}

/** Lets things fall from the tenth second on, at even times and places, and gives what is known then. */
function watched({ perS = 3, seconds = 9, fromX = 0, toX = 1000, like = {} }: Shower): WeatherWatch {
  const watch = new WeatherWatch(picture);
  watch.step([], 0);
  for (let i = 0; i < perS * seconds; i++) watch.step([path(i, fromX + (((i * 37) % 101) / 100) * (toX - fromX), like)], 10 + i / perS);
  return watch;
}

describe('precipitation', () => {
  it.each([
    ['three long falls a second everywhere', {}, true],
    ['as many in more than two fifths of the width', { fromX: 200, toX: 800 }, true],
    ['one and a half a second, as birds and people make', { perS: 1.5 }, false],
    ['a handful of gravel', { perS: 8, seconds: 2 }, false],
    ['as many before a tree alone', { fromX: 300, toX: 600 }, false],
    ['as many paths of seven points', { like: { length: 7 } }, false],
    ['as many paths of eight points', { like: { length: 8 } }, true],
    ['as many that clutter may have made', { like: { score: 14 } }, false],
    ['as many that clutter hardly makes', { like: { score: 15 } }, true],
    ['as many leaves that hardly come down', { like: { downPx: 55 } }, false],
    ['the same path, again and again', { like: { rootId: 1 } }, false],
  ])('%s: %j → %s', (_, shower, falls) => {
    const watch = watched(shower);
    expect([watch.falling, watch.active]).toEqual([falls, falls]);
  });

  it('goes on for half a minute after the last', () => {
    const watch = watched({ seconds: 8 });
    watch.step([], 18 + 28);
    expect(watch.falling).toBe(true);
    watch.step([], 18 + 31);
    expect([watch.falling, watch.active]).toEqual([false, false]);
  });

  it('may be falling during the first seconds, for all that is known', () => {
    const watch = new WeatherWatch(picture);
    const known = [0, 2.9, 3.1].map((nowS) => {
      watch.step([], 100 + nowS);
      return [watch.active, watch.falling];
    });
    expect(known).toEqual([
      [true, false],
      [true, false],
      [false, false],
    ]);
  });

  it.each([
    ['straight down', 0, false],
    ['a little aslant', 30, false],
    ['aslant', 40, true],
    ['aslant to the left', -40, true],
  ])('that comes %s, %d px on 100, is driven: %s', (_, acrossPx, driven) => {
    expect(watched({ like: { acrossPx } }).driven).toBe(driven);
  });
});
