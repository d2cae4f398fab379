import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import type { StillThing, TrackedObject } from '../../domain/street.js';
import { paintedPicture } from '../../testing/street-picture.js';
import { context, inShort, leftOpen, type Moment, object, play, standing, stillThing } from '../../testing/street-script.js';
import { abandonedObjectConfigSchema } from './config.js';
import { createAbandonedObjectRule } from './rule.js';

const rule = (given: object = {}) =>
  createAbandonedObjectRule(abandonedObjectConfigSchema.parse({ type: 'abandoned_object', ...given }), context());

const bag = { x1: 0.5, y1: 0.74, x2: 0.54, y2: 0.8 };
const bagSince = (sincePtsMs: number, ptsMs: number, state: StillThing['state'] = 'present'): StillThing => ({
  ...stillThing({ id: 1, box: bag, state }, ptsMs),
  sincePtsMs,
});
/** Where somebody stands still in these scripts. */
const stops = (x: number): boolean => [0.49, 0.51].includes(x);
const walker = (id: number, x: number, s: number, given: Partial<TrackedObject> = {}): TrackedObject =>
  object(
    { id, box: standing(x, 0.8, 0.06, 0.3), velocity: { x: stops(x) ? 0 : 0.1, y: 0 }, path: [{ ptsMs: 0, x: 0, y: 0.8 }], ...given },
    s * 1000,
  );

/** The owner comes from the left, stands by the bag from the tenth second to the fifteenth, and goes to the right; the bag is told from the fourteenth on. */
const ownerAt = (s: number): number | null =>
  s < 2 || s > 24 ? null : s < 10 ? 0.05 + (s - 2) * 0.055 : s < 15 ? 0.49 : 0.49 + (s - 15) * 0.055;

function scene(s: number, owner = true): Moment {
  const x = ownerAt(s);
  return {
    objects: owner && x !== null && x < 1 ? [walker(7, x, s)] : [],
    still: s >= 14 ? [bagSince(10_500, s * 1000)] : [],
  };
}

describe('a thing', () => {
  it('that somebody put down and left is told once, ten seconds after he has gone', () => {
    const findings = play(rule(), { to: 60 }, scene);
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[0]).toMatchObject({ verdict: 'confirmed', labels: ['object'], box: bag, startPtsMs: 10_500 });
    // He is one and a half of his heights away when 0.253 of the picture's width lie between them.
    expect(findings[0]?.endPtsMs).toBeGreaterThan(28_000);
    expect(findings[0]?.endPtsMs).toBeLessThan(32_000);
  });

  it('without a name is no more than suspected under infrared: a lamp in a wet floor is as white', () => {
    const show = (s: number): Moment => ({ ...scene(s), scene: { night: true } });
    expect(play(rule(), { to: 120 }, show).map(({ verdict }) => verdict)).toEqual(['suspected', 'suspected']);
    // What was brought in daylight stays what it was when the camera switches at dusk.
    const dusk = (s: number): Moment => ({ ...scene(s), scene: { night: s >= 40 } });
    expect(play(rule(), { to: 60 }, dusk).map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual(['new confirmed', 'end confirmed']);
    const suitcase = { id: 3, box: bag, label: 'suitcase', stillSincePtsMs: 10_500, stillBox: bag };
    const named = (s: number): Moment => ({
      ...show(s),
      objects: [...(show(s).objects ?? []), ...(s >= 14 ? [object(suitcase, s * 1000)] : [])],
    });
    expect(play(rule(), { to: 60 }, named)[0]).toMatchObject({ verdict: 'confirmed', labels: ['suitcase'] });
    // A name that comes late is told of.
    const namedLate = (s: number): Moment => (s >= 100 ? named(s) : show(s));
    const told = play(rule(), { to: 120 }, namedLate).map(({ phase, verdict }) => `${phase} ${verdict}`);
    expect(told).toEqual(['new suspected', 'update confirmed', 'end confirmed']);
  });

  it('is the same whoever walks past', () => {
    const show = (s: number): Moment => {
      const { objects = [], still = [] } = scene(s);
      const passer = s >= 34 && s < 44 ? [walker(9, 0.1 + (s - 34) * 0.08, s)] : [];
      return { objects: [...objects, ...passer], still };
    };
    expect(play(rule(), { to: 60 }, show).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('that is taken away is over', () => {
    const show = (s: number): Moment => (s < 45 ? scene(s) : { still: s < 45.3 ? [bagSince(10_500, s * 1000, 'gone')] : [] });
    expect(inShort(play(rule(), { to: 60 }, show))).toMatch(/1 end 10\.5-4[45]/);
  });

  it('that the scene has taken in is there until it goes', () => {
    const show = (s: number): Moment => {
      if (s < 40) return scene(s);
      return { still: s < 80.3 ? [bagSince(10_500, s * 1000, s < 80 ? 'absorbed' : 'gone')] : [] };
    };
    expect(inShort(play(rule(), { to: 90 }, show))).toMatch(/1 end 10\.5-(79|80)/);
  });

  it('is alone although somebody passes far away, slowly in the picture, and not for himself', () => {
    // A fifteenth of the picture high; he takes four seconds to pass within one and a half of his heights.
    const show = (s: number): Moment => {
      const { objects = [], still = [] } = scene(s);
      const x = 0.5 + (s - 29) * 0.018;
      const path = [{ ptsMs: 0, x: 0.2, y: 0.8 }];
      const passer = object({ id: 9, box: standing(x, 0.8, 0.02, 0.066), velocity: { x: 0.018, y: 0 }, path }, s * 1000);
      return { objects: [...objects, ...(s >= 24 && s < 40 ? [passer] : [])], still };
    };
    expect(play(rule(), { to: 60 }, show)[0]?.endPtsMs).toBeLessThan(32_000);
  });

  it('is as far from its owner as the picture’s shape says', () => {
    // In an upright picture half of the way across is a third of it down: he is with it when he stands there.
    const upright = createAbandonedObjectRule(
      abandonedObjectConfigSchema.parse({ type: 'abandoned_object' }),
      context({ width: 360, height: 640 }),
    );
    const show = (s: number): Moment => ({
      ...scene(s),
      objects: s < 2 ? [] : [walker(7, s < 20 ? 0.49 : 0.85, s, { velocity: { x: 0, y: 0 } })],
    });
    expect(play(upright, { to: 60 }, show)).toEqual([]);
    expect(play(rule(), { to: 60 }, show).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('that nobody was seen to bring is suspected, and later', () => {
    const findings = play(rule(), { to: 80 }, (s) => scene(s, false));
    expect(findings[0]).toMatchObject({ phase: 'new', verdict: 'suspected', severity: 'info' });
    expect(findings[0]?.endPtsMs).toBeGreaterThan(38_000);
  });

  it.each<[string, (s: number) => Moment]>([
    ['whose owner stays', (s) => ({ ...scene(s), objects: s < 2 ? [] : [walker(7, Math.min(0.49, 0.05 + (s - 2) * 0.055), s)] })],
    [
      'that is somebody who stands',
      (s) => ({ objects: s >= 10 ? [walker(7, 0.52, s)] : [], still: s >= 14 ? [bagSince(10_500, s * 1000)] : [] }),
    ],
    ['that was taken, not put', (s) => ({ still: s >= 14 ? [{ ...bagSince(10_500, s * 1000), kind: 'removed' as const }] : [] })],
    [
      'as large as a car',
      (s) => ({ ...scene(s), still: s >= 14 ? [{ ...bagSince(10_500, s * 1000), box: { x1: 0.3, y1: 0.4, x2: 0.7, y2: 0.8 } }] : [] }),
    ],
    ['while light changes', (s) => ({ ...scene(s), scene: { unsettled: s > 13 } })],
  ])('is not told: %s', (_, show) => {
    expect(inShort(play(rule(), { to: 60 }, show))).toBe('');
  });

  it('without names, as large as whoever came, may be himself', () => {
    const body = { x1: 0.48, y1: 0.52, x2: 0.54, y2: 0.8 };
    const show = (s: number): Moment => ({
      named: false,
      objects: s >= 2 && s < 12 ? [walker(7, Math.min(0.51, 0.05 + (s - 2) * 0.06), s, { label: 'object' })] : [],
      still: s >= 14 ? [{ ...bagSince(10_500, s * 1000), box: body }] : [],
    });
    expect(play(rule(), { to: 80 }, show)[0]).toMatchObject({ verdict: 'suspected' });
  });

  describe('without names, that was one with whoever stood by it', () => {
    const both = { x1: 0.46, y1: 0.52, x2: 0.54, y2: 0.8 };
    /** He comes, stands from the tenth second on, and goes with the 25th; what is left of the still thing then is `rest`. */
    const parts =
      (rest: Box) =>
      (s: number): Moment => {
        const goes = walker(8, 0.49 + (s - 25) * 0.08, s, { label: 'object', path: [{ ptsMs: 25_000, x: 0.49, y: 0.8 }] });
        const comes = walker(7, Math.min(0.49, 0.05 + (s - 2) * 0.06), s, { label: 'object' });
        return {
          named: false,
          objects: s >= 2 && s < 12 ? [comes] : s >= 25 && s < 31 ? [goes] : [],
          still: s >= 14 ? [{ ...bagSince(10_500, s * 1000), box: s < 25.5 ? both : rest }] : [],
        };
      };

    it('is told as soon as what somebody was seen to leave, when it is lower than he', () => {
      const [told] = play(rule(), { to: 60 }, parts(bag));
      expect(told).toMatchObject({ phase: 'new', box: bag });
      expect(told?.endPtsMs).toBeGreaterThan(35_000);
      expect(told?.endPtsMs).toBeLessThan(39_500);
    });

    it('may be the other one of two, as tall as he: it is told late', () => {
      const [told] = play(rule(), { to: 80 }, parts({ x1: 0.5, y1: 0.53, x2: 0.54, y2: 0.8 }));
      expect(told).toMatchObject({ verdict: 'suspected' });
      expect(told?.endPtsMs).toBeGreaterThan(50_000);
    });

    it('or beside whoever stood by it, is told likewise', () => {
      const him = { x1: 0.44, y1: 0.5, x2: 0.49, y2: 0.8 };
      const show = (s: number): Moment => {
        const { still = [], ...moment } = parts(bag)(s);
        const stands = stillThing({ id: 2, box: him, state: s < 25.5 ? 'present' : 'gone' }, s * 1000);
        return { ...moment, still: [...still.map((one) => ({ ...one, box: bag })), ...(s >= 14 && s < 25.7 ? [stands] : [])] };
      };
      const [told] = play(rule({ after: '11 s' }), { to: 60 }, show);
      expect(told).toMatchObject({ phase: 'new', box: bag });
      expect(told?.endPtsMs).toBeGreaterThan(36_000);
      expect(told?.endPtsMs).toBeLessThan(40_500);
    });
  });

  it('is known by its label, and is one with what the background shows', () => {
    const show = (s: number): Moment => {
      const { objects = [], still = [] } = scene(s);
      const box = { x1: 0.502, y1: 0.745, x2: 0.538, y2: 0.798 };
      const suitcase = s >= 11 ? [object({ id: 8, box, label: 'suitcase', stillSincePtsMs: 11_000, stillBox: box }, s * 1000)] : [];
      return { objects: [...objects, ...suitcase], still };
    };
    const findings = play(rule(), { to: 60 }, show);
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[0]).toMatchObject({ labels: ['suitcase'] });
  });

  describe('whose case was open when the stream broke off', () => {
    const DAY_MS = 86_400_000;
    const look = (there: boolean, s: number) => paintedPicture(there ? [{ box: bag, seed: 5 }] : [], { seed: 1 + Math.round(s * 10) });
    function again(show: (s: number) => Moment, remembered = true): string {
      const first = rule();
      const [begun] = play(first, { to: 60, startMs: DAY_MS }, (s) => ({ ...scene(s), picture: look(s >= 10.5, s) }));
      const second = rule();
      if (remembered) second.recall?.(JSON.parse(JSON.stringify(first.memory?.())));
      second.resume?.([leftOpen(begun, DAY_MS)]);
      const findings = play(second, { to: 60, fps: 2, startMs: DAY_MS + 100_000 }, show);
      return findings
        .map(({ number, phase, startPtsMs, endPtsMs }) => `${number} ${phase} ${startPtsMs / 1000} to ${endPtsMs / 1000}`)
        .join();
    }

    it('goes on, as a part of the scene by then, until it is taken', () => {
      expect(again((s) => ({ picture: look(true, s) }))).toBe('1 end -89.5 to 59.5');
      expect(again((s) => ({ picture: look(s < 30, s) }))).toBe('1 end -89.5 to 29.5');
    });

    it('goes on as one, although a model finds it anew', () => {
      const suitcase = (s: number) => object({ id: 8, box: bag, label: 'suitcase', stillSincePtsMs: 0, stillBox: bag }, s * 1000);
      expect(again((s) => ({ picture: look(true, s), objects: [suitcase(s)] }))).toBe('1 end -89.5 to 59.5');
    });

    it('goes on while somebody stands before it', () => {
      const passer = (s: number): TrackedObject[] => (s > 10 && s < 40 ? [walker(3, 0.51, s)] : []);
      expect(again((s) => ({ picture: look(s <= 10 || s >= 40, s), objects: passer(s) }))).toBe('1 end -89.5 to 59.5');
    });

    it('ends when it was taken meanwhile', () => {
      expect(again((s) => ({ picture: look(false, s) }))).toBe('1 end -89.5 to -69.8');
    });

    it('goes on where no look is remembered, until the background shows that it is taken', () => {
      const taken = (s: number) => ({ ...stillThing({ id: 4, box: bag, kind: 'removed' as const }, s * 1000), sincePtsMs: 20_000 });
      expect(again((s) => ({ picture: look(true, s) }), false)).toMatch(/^1 end /);
      expect(again((s) => ({ picture: look(s < 20, s), still: s > 24 ? [taken(s)] : [] }), false)).toMatch(/^1 end /);
    });
  });
});
