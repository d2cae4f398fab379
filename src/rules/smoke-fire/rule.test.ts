import { describe, expect, it } from 'vitest';
import type { ScenePicture } from '../../domain/street.js';
import { createRandom } from '../../testing/random.js';
import { context, greyPicture, type Moment, object, play, standing } from '../../testing/street-script.js';
import { smokeFireConfigSchema } from './config.js';
import { createSmokeFireRule } from './rule.js';

const [WIDTH, HEIGHT] = [320, 180];
const rule = (given: object = {}) => createSmokeFireRule(smokeFireConfigSchema.parse({ type: 'smoke_fire', ...given }), context());

interface Patch {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A wall with a pattern of its own and a little noise, at a moment. */
function wall(s: number): ScenePicture {
  const picture = greyPicture(WIDTH, HEIGHT, 110);
  const noise = createRandom(Math.round(s * 5) + 1);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const brick = (Math.floor(x / 6) + Math.floor(y / 4)) % 2 === 0 ? 30 : -30;
      picture.luma[y * WIDTH + x] = 110 + brick + 4 * noise() - 2;
    }
  }
  return picture;
}

function paint(picture: ScenePicture, { x, y, w, h }: Patch, grey: (x: number, y: number) => number, cb = 128, cr = 128): ScenePicture {
  for (let row = y; row < y + h; row++) {
    for (let column = x; column < x + w; column++) {
      if (column < 0 || column >= WIDTH) continue;
      picture.luma[row * WIDTH + column] = grey(column, row);
      const chroma = (row >> 1) * (WIDTH / 2) + (column >> 1);
      picture.cb[chroma] = cb;
      picture.cr[chroma] = cr;
    }
  }
  return picture;
}

const show =
  (picture: (s: number) => ScenePicture) =>
  (s: number): Moment => ({ picture: picture(s), named: false });
const flames = (s: number, patch: Patch): ScenePicture => {
  const random = createRandom(Math.round(s * 5) + 99);
  return paint(wall(s), patch, () => 120 + 110 * random(), 90, 180);
};
/** The wall through something of a grey that lets `left` of it through. */
const veiled = (s: number, patch: Patch, left: number, grey: number): ScenePicture => {
  const picture = wall(s);
  return paint(picture, patch, (x, y) => left * (picture.luma[y * WIDTH + x] as number) + (1 - left) * grey);
};

const basket: Patch = { x: 120, y: 100, w: 24, h: 24 };
const house: Patch = { x: 80, y: 40, w: 120, h: 80 };
const plume: Patch = { x: 80, y: 20, w: 96, h: 96 };

describe('fire', () => {
  it('is suspected after four seconds, and over ten seconds after the last sign', () => {
    const findings = play(
      rule(),
      { to: 60 },
      show((s) => (s >= 20 && s < 40 ? flames(s, basket) : wall(s))),
    );
    expect(findings).toMatchObject([{ phase: 'new', verdict: 'suspected', labels: ['fire'], severity: 'warning' }, { phase: 'end' }]);
    expect(findings[0]?.endPtsMs).toBeGreaterThan(23_500);
    expect(findings[0]?.endPtsMs).toBeLessThan(26_000);
    expect(findings[0]?.startPtsMs).toBeLessThan(21_500);
    expect(findings[0]?.box.x1).toBeCloseTo(120 / WIDTH, 1);
  });

  it('in the last row of an odd number is no smoke: blocks of the veil end above it', () => {
    const [width, height] = [320, 23 * 8];
    const findings = play(rule({ sensitivity: 'high' }), { to: 30 }, (s) => {
      const picture = greyPicture(width, height);
      const random = createRandom(Math.round(s * 5) + 7);
      for (let y = height - 8; y < height; y++) {
        for (let x = 0; x < width; x++) {
          picture.luma[y * width + x] = 120 + 110 * random();
          picture.cb[(y >> 1) * (width / 2) + (x >> 1)] = 90;
          picture.cr[(y >> 1) * (width / 2) + (x >> 1)] = 180;
        }
      }
      return { picture, named: false };
    });
    expect(findings.map(({ phase, labels }) => `${phase} ${labels}`)).toEqual(['new fire', 'end fire']);
  });

  it('that is large, and burns as the camera begins, is told within three seconds', () => {
    const [first] = play(
      rule(),
      { to: 10 },
      show((s) => flames(s, house)),
    );
    expect(first?.endPtsMs).toBeLessThan(3_000);
  });

  it('is confirmed by a model that knows it', () => {
    const fire = (s: number): Moment => ({
      picture: wall(s),
      objects: [object({ id: 1, box: standing(0.5, 0.6), label: 'fire' }, s * 1000)],
    });
    const findings = play(rule(), { to: 20 }, fire);
    expect(findings[0]).toMatchObject({ phase: 'new', verdict: 'confirmed', severity: 'critical', labels: ['fire'] });
  });

  it.each<[string, (s: number) => ScenePicture]>([
    ['a sign as warm as flames that hangs still', (s) => paint(wall(s), basket, () => 200, 90, 180)],
    ['a red car that passes', (s) => paint(wall(s), { ...basket, x: Math.round((s - 20) * 60), w: 60 }, () => 130, 100, 190)],
    ['a white lamp that flickers', (s) => paint(wall(s), basket, () => (Math.round(s * 5) % 2 === 0 ? 230 : 120))],
    ['an orange lamp that blinks', (s) => paint(wall(s), { ...basket, w: 8, h: 8 }, () => (Math.floor(s) % 2 === 0 ? 220 : 60), 90, 180)],
  ])('is not: %s', (_, picture) => {
    expect(play(rule(), { to: 60 }, show(picture))).toEqual([]);
  });
});

describe('smoke', () => {
  it.each([
    ['dark', 60],
    ['white', 210],
  ])('that is %s is suspected by what is seen through it', (_, grey) => {
    const findings = play(
      rule(),
      { to: 60 },
      show((s) => (s >= 20 ? veiled(s, plume, 0.5, grey) : wall(s))),
    );
    expect(findings[0]).toMatchObject({ phase: 'new', verdict: 'suspected', labels: ['smoke'] });
    expect(findings[0]?.startPtsMs).toBeLessThan(22_000);
  });

  it.each<[string, (s: number) => ScenePicture]>([
    ['a shadow', (s) => veiled(s, plume, 0.5, 0)],
    ['something that hides the wall', (s) => paint(wall(s), plume, (x, y) => 90 + ((x * 7 + y * 13) % 11))],
    ['fog over all', (s) => veiled(s, { x: 0, y: 0, w: WIDTH, h: HEIGHT }, 0.6, 150)],
  ])('is not: %s', (_, picture) => {
    expect(
      play(
        rule(),
        { to: 60 },
        show((s) => (s >= 20 ? picture(s) : wall(s))),
      ),
    ).toEqual([]);
  });
});
