import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import type { ScenePicture, StillThing } from '../../domain/street.js';
import { context, greyPicture, inShort, leftOpen, type Moment, object, play, stillThing } from '../../testing/street-script.js';
import { MAX_MEMORY_BYTES } from '../contract.js';
import { removedObjectConfigSchema } from './config.js';
import { readMemory } from './memory.js';
import { createRemovedObjectRule } from './rule.js';

const place: Box = { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.6 };
const sign = [
  { x: 0.4, y: 0.4 },
  { x: 0.6, y: 0.4 },
  { x: 0.6, y: 0.6 },
  { x: 0.4, y: 0.6 },
];
const rule = (given: object = {}) =>
  createRemovedObjectRule(
    removedObjectConfigSchema.parse({ type: 'removed_object', watch: ['sign'], ...given }),
    context({ zones: new Map([['sign', sign]]) }),
  );

/** A pavement with a pattern, and a chequered sign on it, or none. @param phase of the pavement's pattern. */
function street(thing: boolean, gain = 1, phase = 0): ScenePicture {
  const picture = greyPicture(160, 90);
  for (let y = 0; y < 90; y++)
    for (let x = 0; x < 160; x++) {
      const inside = thing && x >= 66 && x < 94 && y >= 37 && y < 53;
      const grey = inside
        ? ((x >> 2) + (y >> 2)) % 2 === 0
          ? 180
          : 40
        : 70 + 60 * ((Math.abs(Math.sin((x >> 2) * 12.9898 + (y >> 2) * 78.233 + phase)) * 43758.5453) % 1);
      picture.luma[y * 160 + x] = gain * grey;
    }
  return picture;
}
const there = street(true);
const gone = street(false);
const still = (given: Partial<StillThing> & { readonly box: Box }, s: number): StillThing => ({
  ...stillThing({ id: 1, ...given }, s * 1000),
  sincePtsMs: 20_000,
});
/** It is there until the twentieth second. */
const taken = (s: number): Moment => ({ picture: s < 20 ? there : gone });

describe('a watched thing', () => {
  it('that is gone is told once, after ten seconds, until it is back', () => {
    const findings = play(rule(), { to: 60 }, (s) => ({ picture: s < 20 || s >= 45 ? there : gone }));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[0]).toMatchObject({ verdict: 'confirmed', labels: ['sign'], zone: 'sign' });
    expect(findings[0]?.startPtsMs).toBeCloseTo(20_000, -3);
    expect(findings[0]?.endPtsMs).toBeLessThan(31_500);
    expect(findings[1]?.endPtsMs).toBeLessThan(45_100);
  });

  it('that the background says was taken is told at once', () => {
    const show = (s: number): Moment => ({ ...taken(s), still: s >= 22 ? [still({ box: place, kind: 'removed' }, s)] : [] });
    const findings = play(rule(), { to: 60 }, show);
    expect(findings[0]?.endPtsMs).toBeLessThan(23_000);
  });

  it('that a shadow has reached, and what is beside it, is there, whatever the background says', () => {
    const shaded = street(true);
    for (let i = 0; i < shaded.luma.length; i++)
      if (i % 160 >= 60 && i % 160 < 100 && i < 56 * 160) shaded.luma[i] = 0.6 * (shaded.luma[i] as number);
    const show = (s: number): Moment => ({
      picture: s < 20 || s > 40 ? there : shaded,
      still: s >= 22 && s < 41 ? [still({ box: place, kind: 'removed' }, s)] : [],
    });
    expect(inShort(play(rule(), { to: 60 }, show))).toBe('');
  });

  it('that is put back a little aside is back, although it is followed there as an object', () => {
    const aside = greyPicture(160, 90);
    aside.luma.set(gone.luma);
    for (let y = 37; y < 53; y++) aside.luma.set(there.luma.subarray(y * 160 + 66, y * 160 + 94), y * 160 + 69);
    const show = (s: number): Moment => ({
      picture: s < 20 ? there : s < 40 ? gone : aside,
      objects: s < 40 ? [] : [object({ id: 1, box: place }, s * 1000)],
    });
    expect(play(rule(), { to: 60, fps: 1 }, show).map(({ phase, endPtsMs }) => [phase, Math.round(endPtsMs / 1000)])).toEqual([
      ['new', 30],
      ['end', 39],
    ]);
  });

  it('that is shifted and was never away is missing', () => {
    const aside = greyPicture(160, 90);
    aside.luma.set(gone.luma);
    for (let y = 37; y < 53; y++) aside.luma.set(there.luma.subarray(y * 160 + 66, y * 160 + 94), y * 160 + 69);
    expect(play(rule(), { to: 60, fps: 1 }, (s) => ({ picture: s < 20 ? there : aside }))[1]?.endPtsMs).toBe(59_000);
  });

  it('is there when it only has another brightness, and what the background once found there is not to be seen', () => {
    const lit = street(true);
    for (let y = 37; y < 53; y++)
      for (let x = 66; x < 94; x++) lit.luma[y * 160 + x] = Math.min(255, 1.35 * (lit.luma[y * 160 + x] as number));
    const show = (s: number): Moment => ({
      picture: s < 20 ? there : lit,
      still: s >= 10 ? [still({ box: place, kind: 'removed', state: 'occluded' }, s)] : [],
    });
    expect(inShort(play(rule(), { to: 60 }, show))).toBe('');
  });

  it('that only looks darker for some seconds is there, also where the background takes it for taken', () => {
    const dark = street(true);
    for (let y = 34; y < 56; y++) for (let x = 62; x < 98; x++) dark.luma[y * 160 + x] = 0.7 * (dark.luma[y * 160 + x] as number);
    const show = (s: number): Moment => ({
      picture: s >= 20 && s < 26 ? dark : there,
      still: s >= 22 && s < 27 ? [still({ box: place, kind: 'removed' }, s)] : [],
    });
    expect(inShort(play(rule(), { to: 40 }, show))).toBe('');
  });

  it('whose taker stood before it is told when he has gone', () => {
    const box = { x1: 0.35, y1: 0.2, x2: 0.65, y2: 0.9 };
    const show = (s: number): Moment => ({ ...taken(s), objects: s >= 15 && s < 30 ? [object({ id: 1, box }, s * 1000)] : [] });
    const findings = play(rule(), { to: 60 }, show);
    expect(findings).toHaveLength(2);
    expect(findings[0]?.endPtsMs).toBeGreaterThan(40_000);
    expect(findings[0]?.endPtsMs).toBeLessThan(43_000);
  });

  it('is told although the tracker still expects the taker where he was lost', () => {
    const show = (s: number): Moment => ({
      ...taken(s),
      objects: s >= 15 ? [object({ id: 1, box: place, ...(s < 22 ? {} : { state: 'lost', seenPtsMs: 22_000 }) }, s * 1000)] : [],
    });
    expect(play(rule(), { to: 60 }, show)[0]?.endPtsMs).toBeLessThan(40_000);
  });

  it.each<[string, (s: number) => Moment]>([
    ['while it stays', () => ({ picture: there })],
    ['when the light falls', (s) => ({ picture: s < 20 ? there : street(true, 0.5) })],
    [
      'when somebody stands before it',
      (s) => ({ ...taken(s), objects: s >= 19 ? [object({ id: 1, box: { ...place, y1: 0.1, y2: 0.9 } }, s * 1000)] : [] }),
    ],
    [
      'when something large is put before it',
      (s) => ({ ...taken(s), still: s >= 19 ? [still({ box: { x1: 0.2, y1: 0.2, x2: 0.8, y2: 0.8 } }, s)] : [] }),
    ],
    ['when everything around it has changed, too', (s) => ({ picture: s < 20 ? there : street(false, 1, 8) })],
    ['in fog', (s) => ({ picture: s < 20 ? there : greyPicture(160, 90, 170) })],
    ['while the light changes', (s) => ({ ...taken(s), scene: { unsettled: s >= 20 } })],
    ['that was never seen', () => ({ picture: gone })],
  ])('is not told: %s', (_, show) => {
    expect(inShort(play(rule(), { to: 60 }, show))).toBe('');
  });
});

describe('over a restart', () => {
  /** What a rule remembers after half a minute of it, as the disk gives it back. */
  function memoryOf(show: (s: number) => Moment): unknown {
    const first = rule();
    play(first, { to: 30, fps: 1 }, show);
    return JSON.parse(JSON.stringify(first.memory?.()));
  }
  const anew = (memory: unknown, show: (s: number) => Moment, to = 20, fps = 1) => {
    const second = rule();
    second.recall?.(memory);
    return play(second, { to, fps }, show);
  };

  it('a thing that was taken meanwhile is told', () => {
    const findings = anew(
      memoryOf(() => ({ picture: there })),
      () => ({ picture: gone }),
    );
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[0]).toMatchObject({ verdict: 'confirmed', labels: ['sign'] });
    expect(findings[0]?.endPtsMs).toBeLessThan(13_000);
  });

  it('a hole that is as round as its cover was, only darker, is told, too', () => {
    const hole = street(true);
    for (let y = 37; y < 53; y++) for (let x = 66; x < 94; x++) hole.luma[y * 160 + x] = 0.3 * (hole.luma[y * 160 + x] as number);
    expect(
      anew(
        memoryOf(() => ({ picture: there })),
        () => ({ picture: hole }),
      ).map(({ phase }) => phase),
    ).toEqual(['new', 'end']);
  });

  it('what was missing is missing still', () => {
    expect(anew(memoryOf(taken), () => ({ picture: gone }))[0]).toMatchObject({ phase: 'new', labels: ['sign'] });
  });

  it.each<[string, (s: number) => Moment]>([
    ['it is there', () => ({ picture: there })],
    ['it is there in another light', () => ({ picture: street(true, 0.6) })],
    ['the camera looks elsewhere', () => ({ picture: street(false, 1, 8) })],
  ])('nothing is told where %s', (_, show) => {
    expect(
      inShort(
        anew(
          memoryOf(() => ({ picture: there })),
          show,
        ),
      ),
    ).toBe('');
  });

  it('how it looks is learnt anew where the camera has looked elsewhere for ten minutes', () => {
    const elsewhere = (thing: boolean): Moment => ({ picture: street(thing, 1, 8) });
    const findings = anew(
      memoryOf(() => ({ picture: there })),
      (s) => elsewhere(s >= 300 && s < 700),
      1_000,
      0.05,
    );
    expect(findings[0]?.startPtsMs).toBeGreaterThan(690_000);
  });

  describe('with its incident open when the stream broke off', () => {
    const broken = (show: (s: number) => Moment, given: object = {}): string => {
      const first = rule();
      const [begun] = play(first, { to: 40, fps: 1 }, taken);
      const second = rule(given);
      second.recall?.(JSON.parse(JSON.stringify(first.memory?.())));
      second.resume?.([leftOpen(begun, 0, 3)]);
      return inShort(play(second, { to: 20, fps: 1, startMs: 100_000 }, show));
    };

    it('goes on with it until the thing is back', () => {
      expect(broken(() => ({ picture: gone }))).toBe('3 end -80-19');
      expect(broken((s) => ({ picture: s < 10 ? gone : there }))).toBe('3 end -80-9');
    });

    it('ends it when the thing was put back meanwhile, or is not watched any more', () => {
      expect(broken(() => ({ picture: there }))).toMatch(/^3 end -80--\d+$/);
      expect(broken(() => ({ picture: gone }), { watch: [] })).toMatch(/^3 end -80--\d+$/);
    });
  });

  it('a zone that was drawn anew is another thing', () => {
    const moved = createRemovedObjectRule(
      removedObjectConfigSchema.parse({ type: 'removed_object', watch: ['sign'] }),
      context({ zones: new Map([['sign', sign.map(({ x, y }) => ({ x: x + 0.01, y }))]]) }),
    );
    moved.recall?.(memoryOf(() => ({ picture: there })));
    expect(play(moved, { to: 20, fps: 1 }, () => ({ picture: gone }))).toEqual([]);
  });

  it('what it remembers changes every five minutes at most, and fifty things fit', () => {
    const one = rule();
    const texts = new Set<string>();
    play(one, { to: 400, fps: 0.1 }, (s) => {
      texts.add(JSON.stringify(one.memory?.()));
      return { picture: street(true, 1 + 0.0005 * s) };
    });
    expect(texts.size).toBe(3);
    const names = Array.from({ length: 50 }, (_, i) => `sign-${i}`);
    const many = createRemovedObjectRule(
      removedObjectConfigSchema.parse({ type: 'removed_object', watch: names }),
      context({ zones: new Map(names.map((name) => [name, sign])) }),
    );
    play(many, { to: 20, fps: 1 }, (s) => ({ picture: there, scene: { night: s > 10 } }));
    expect(JSON.stringify(many.memory?.()).length).toBeLessThan(MAX_MEMORY_BYTES);
  });

  it.each([null, 'nothing', 7, [], { version: 2 }, { version: 1, things: [{ name: 'sign', box: [0, 0, 1, 1], day: 'x', night: null }] }])(
    'takes nothing from %j',
    (memory) => expect(readMemory(memory)).toEqual([]),
  );
});

describe('where nothing is watched by name', () => {
  it('what the background says was taken is suspected, until it is back', () => {
    const show = (s: number): Moment => ({ still: s >= 22 && s < 40 ? [still({ box: place, kind: 'removed' }, s)] : [] });
    const findings = play(rule({ watch: [] }), { to: 60 }, show);
    expect(findings.map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual(['new suspected', 'end suspected']);
  });

  it('what was put there is not told', () => {
    expect(play(rule({ watch: [] }), { to: 60 }, (s) => ({ still: s >= 22 ? [still({ box: place }, s)] : [] }))).toEqual([]);
  });
});
