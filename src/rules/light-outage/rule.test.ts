import { describe, expect, it } from 'vitest';
import type { ScenePicture } from '../../domain/street.js';
import { context, greyPicture, inShort, type Moment, play } from '../../testing/street-script.js';
import { lightOutageConfigSchema } from './config.js';
import { createLightOutageRule } from './rule.js';

const lamp = [
  { x: 0.4, y: 0.1 },
  { x: 0.6, y: 0.1 },
  { x: 0.6, y: 0.4 },
  { x: 0.4, y: 0.4 },
];
const rule = (given: object = {}) =>
  createLightOutageRule(
    lightOutageConfigSchema.parse({ type: 'light_outage', zone: 'lamp', after: '10 s', ...given }),
    context({ zones: new Map([['lamp', lamp]]) }),
  );

/** A street of some grey, with the lamp in the zone and another one beside it. */
function street(grey: number, own: boolean, other: boolean, glow = 230): ScenePicture {
  const picture = greyPicture(64, 36, grey);
  const paint = (x1: number): void => {
    for (let y = 7; y < 11; y++) picture.luma.fill(glow, y * 64 + x1, y * 64 + x1 + 5);
  };
  if (own) paint(30);
  if (other) paint(6);
  return picture;
}

const show =
  (picture: (s: number) => ScenePicture) =>
  (s: number): Moment => ({ picture: picture(s) });

describe('a lamp', () => {
  it('that goes out by night is told of, until it is lit again', () => {
    const findings = play(
      rule(),
      { to: 90 },
      show((s) => street(40, s < 30 || s >= 60, true)),
    );
    expect(inShort(findings)).toMatch(/^1 new 30(\.\d)?-40(\.\d)?, 1 end 30(\.\d)?-(59|60)(\.\d)?$/);
    expect(findings[0]).toMatchObject({ zone: 'lamp', verdict: 'confirmed' });
  });

  it('that goes out is told of although the camera lifts the night to a grey of 100', () => {
    const night = show((s) => street(s < 30 ? 100 : 90, s < 30, true));
    expect(inShort(play(rule(), { to: 60 }, night))).toMatch(/^1 new 30/);
  });

  it('that lit the road so that it shone is told of', () => {
    const lit = (s: number): ScenePicture => {
      const picture = street(40, s < 30, true);
      if (s < 30) picture.luma.fill(200, 30 * 64, 32 * 64);
      return picture;
    };
    expect(inShort(play(rule(), { to: 60 }, show(lit)))).toMatch(/^1 new 30/);
  });

  it('that flickers is told of', () => {
    const findings = play(
      rule(),
      { to: 90 },
      show((s) => street(40, s < 30 || Math.floor(s / 1.2) % 2 === 0, true)),
    );
    expect(findings[0]).toMatchObject({ phase: 'new' });
    expect(findings.filter(({ phase }) => phase === 'new')).toHaveLength(1);
  });

  it.each<[string, (s: number) => ScenePicture]>([
    ['as it dawns', (s) => street(Math.min(150, 40 + Math.max(0, s - 20) * 2.5), s < 70, s < 70)],
    ['with all others', (s) => street(40, s < 30, s < 30)],
    ['by day', () => street(120, false, false)],
    [
      'on a grey day before a white wall',
      (s) => {
        const picture = street(95, s < 30, true);
        picture.luma.fill(200, 30 * 64);
        return picture;
      },
    ],
    ['behind a bus for five seconds', (s) => street(40, s < 30 || s >= 35, true)],
    ['in fog that takes a third of its light', (s) => street(40, true, true, s < 30 ? 230 : 165)],
  ])('is not told of: off %s', (_, picture) => {
    expect(inShort(play(rule(), { to: 90 }, show(picture)))).toBe('');
  });

  it('that was never seen lit is not told of: nobody knows whether it is a lamp', () => {
    expect(
      inShort(
        play(
          rule(),
          { to: 90 },
          show(() => street(40, false, true)),
        ),
      ),
    ).toBe('');
  });
});
