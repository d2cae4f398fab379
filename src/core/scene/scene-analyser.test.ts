import { describe, expect, it } from 'vitest';
import { type Patch, type SceneMoment, ScenePainter } from '../../testing/scene-pictures.js';
import { createSceneAnalyser, type SceneView } from './scene-analyser.js';

/** Shows a scene to an analyser, five pictures a second, and gives what it said of each. */
function watch(
  seconds: number,
  momentAt: (timeS: number) => SceneMoment,
  stepS = 0.2,
): { readonly timeS: number; readonly view: SceneView }[] {
  const painter = new ScenePainter();
  const analyser = createSceneAnalyser({ width: painter.width, height: painter.height, mask: [] });
  const views: { timeS: number; view: SceneView }[] = [];
  for (let k = 0; k * stepS < seconds; k++) {
    const timeS = k * stepS;
    views.push({ timeS, view: analyser.step(painter.paint(momentAt(timeS)), timeS * 1000, { keep: [] }) });
  }
  return views;
}

const bag: Patch = { x: 200, y: 120, w: 24, h: 20, luma: 40 };
const person = (x: number): Patch[] => [
  { x: x + 4, y: 70, w: 10, h: 12, luma: 190, cr: 145 },
  { x, y: 82, w: 18, h: 32, luma: 60, cb: 150 },
  { x: x + 3, y: 114, w: 12, h: 30, luma: 35 },
];

const ids = (views: readonly { readonly view: SceneView }[]): Set<number> =>
  new Set(views.flatMap(({ view }) => view.still.map((thing) => thing.id)));

describe('the scene analyser', () => {
  it('is silent while nothing happens', () => {
    const views = watch(20, () => ({}));
    expect(views.flatMap(({ view }) => [...view.moving, ...view.still])).toEqual([]);
    expect(views.at(-1)?.view.scene).toMatchObject({ unsettled: false, frozenMs: 0, night: false });
  });

  it('follows what walks through, and leaves nothing behind', () => {
    const views = watch(14, (t) => ({ patches: t > 4 && t < 12 ? person(Math.round(20 + (t - 4) * 34)) : [] }));
    const walking = views.filter(({ timeS }) => timeS > 5 && timeS < 11);
    for (const { timeS, view } of walking) {
      const x = Math.round(20 + (timeS - 4) * 34);
      expect(view.moving, `at ${timeS.toFixed(1)} s`).toHaveLength(1);
      const box = view.moving[0]?.box;
      expect(Math.abs((box?.x1 ?? 0) * 320 - x)).toBeLessThanOrEqual(4);
      expect(Math.abs((box?.y2 ?? 0) * 180 - 144)).toBeLessThanOrEqual(4);
    }
    expect(ids(views).size).toBe(0);
  });

  /** A day in which nothing is looked at, between two pictures. */
  const DAY_S = 25 * 3600;

  it.each<[string, (shown: boolean) => Patch[]]>([
    ['was put there', (shown) => (shown ? [bag] : [])],
    ['was taken', (shown) => (shown ? [] : [bag])],
  ])('keeps what %s a day ago until it is over', (_, patches) => {
    const painter = new ScenePainter();
    const analyser = createSceneAnalyser({ width: painter.width, height: painter.height, mask: [] });
    const states: string[] = [];
    for (let k = 0; k < 60 * 5; k++) {
      const timeS = k / 5;
      const view = analyser.step(
        painter.paint({ patches: patches(timeS >= 8 && timeS < 40) }),
        (timeS + (timeS >= 25 ? DAY_S : 0)) * 1000,
        { keep: [] },
      );
      const [thing, ...others] = view.still;
      expect(others).toEqual([]);
      const state = thing === undefined ? 'none' : `${thing.id} ${thing.state}`;
      if (states.at(-1) !== state) states.push(state);
    }
    expect(states).toEqual(['none', '1 present', '1 absorbed', '1 gone', 'none']);
  });

  it('forgets none of more things than it follows', () => {
    const many = Array.from(
      { length: 55 },
      (_, k): Patch => ({ x: 8 + (k % 11) * 28, y: 66 + Math.floor(k / 11) * 22, w: 14, h: 12, luma: 20 }),
    );
    const views = watch(26, (t) => ({ patches: t >= 6 ? many : [] }));
    const last = views.at(-1)?.view.still ?? [];
    expect(last).toHaveLength(55);
    expect(last.filter(({ state }) => state === 'absorbed').length).toBe(55 - 48);
    expect(views.flatMap(({ view }) => view.still).some(({ state }) => state === 'gone')).toBe(false);
  });

  it('tells what was put down once, since when, keeps it while someone passes, and tells when it is gone', () => {
    const views = watch(40, (t) => ({
      patches: [...(t >= 6 && t < 32 ? [bag] : []), ...(t >= 15 && t < 24 ? person(Math.round(40 + (t - 15) * 32)) : [])],
    }));
    expect(ids(views).size).toBe(1);
    const [first] = views.flatMap(({ view }) => view.still);
    expect(first).toMatchObject({ kind: 'added', state: 'present' });
    expect(first?.sincePtsMs).toBeCloseTo(6000, -3);
    const box = first?.box ?? { x1: 0, y1: 0, x2: 0, y2: 0 };
    expect(Math.abs(box.x1 * 320 - 200)).toBeLessThanOrEqual(3);
    expect(Math.abs(box.y2 * 180 - 140)).toBeLessThanOrEqual(3);
    const gone = views.filter(({ view }) => view.still.some((thing) => thing.state === 'gone'));
    expect(gone).toHaveLength(1);
    expect(gone[0]?.timeS).toBeGreaterThan(32);
    expect(gone[0]?.timeS).toBeLessThan(34.5);
    expect(views.at(-1)?.view.still).toEqual([]);
  });

  it('knows since when what a van leaves behind has lain there, although it was taken for a part of the van', () => {
    const van: Patch = { x: 120, y: 70, w: 90, h: 60, luma: 210, cb: 120 };
    const heap: Patch = { x: 200, y: 112, w: 26, h: 24, luma: 45 };
    const views = watch(40, (t) => ({ patches: [...(t >= 5 && t < 24 ? [van] : []), ...(t >= 11 ? [heap] : [])] }));
    const beside = views.filter(({ timeS }) => timeS > 20 && timeS < 23).flatMap(({ view }) => view.still);
    expect(new Set(beside.map(({ id }) => id)).size).toBe(1);
    const left = views.at(-1)?.view.still;
    expect(left).toMatchObject([{ kind: 'added', state: 'present' }]);
    expect(left?.[0]?.sincePtsMs).toBeCloseTo(11_000, -3);
    // What comes to where it was later came later.
    const after = watch(40, (t) => ({ patches: [...(t >= 5 && t < 24 ? [van] : []), ...(t >= 27 ? [heap] : [])] }));
    expect(after.at(-1)?.view.still[0]?.sincePtsMs).toBeCloseTo(27_000, -3);
  });

  it('tells what was in the scene from the start and leaves as removed', () => {
    const views = watch(30, (t) => ({ patches: t < 10 ? [bag] : [] }));
    expect(ids(views).size).toBe(1);
    expect(views.at(-1)?.view.still[0]).toMatchObject({ kind: 'removed', state: 'present' });
  });

  it('does not take a step of exposure for a thing', () => {
    const exposure = watch(20, (t) => ({ gain: t > 6 ? 0.7 : 1 }));
    expect(ids(exposure).size).toBe(0);
    expect(exposure.flatMap(({ view }) => view.moving)).toEqual([]);
  });

  it('takes light that lies otherwise after the whole scene changed for no thing, as lamps after infrared', () => {
    // The lamps grow brighter for a while.
    const lamplight = (t: number): Patch[] => [
      { x: 220, y: 20, w: 80, h: 60, luma: t > 16 ? 225 : 195 },
      { x: 20, y: 110, w: 90, h: 50, luma: t > 16 ? 60 : 35 },
    ];
    const dazzled = (t: number): boolean => t > 7 && t < 8;
    const views = watch(40, (t) => ({ gain: dazzled(t) ? 9 : 1, patches: t < 7 || dazzled(t) ? [] : lamplight(t) }));
    expect(ids(views).size).toBe(0);
    expect(views.filter(({ timeS, view }) => timeS > 12 && view.scene.unsettled)).toEqual([]);
  });

  it('goes on after the whole scene changed, although a tenth of it keeps moving', () => {
    const crowd = (t: number): Patch[] => [0, 1, 2, 3].flatMap((i) => person(Math.round(20 + ((i * 70 + t * 34) % 280))));
    const views = watch(60, (t) => ({ gain: t > 7 && t < 8 ? 9 : 1, patches: crowd(t) }));
    expect(views.filter(({ timeS, view }) => timeS > 25 && view.scene.unsettled)).toEqual([]);
  });

  it('keeps the number of what stands behind something that stops before it', () => {
    const car: Patch = { x: 180, y: 80, w: 50, h: 26, luma: 200, cb: 118 };
    const bus = (x: number): Patch => ({ x, y: 62, w: 110, h: 60, luma: 60, cr: 160 });
    const busAt = (t: number): Patch[] =>
      t < 16 || t > 34 ? [] : [bus(Math.round(t < 18 ? -110 + (t - 16) * 130 : t < 30 ? 150 : 150 + (t - 30) * 60))];
    const views = watch(42, (t) => ({ patches: [...(t > 6 ? [car] : []), ...busAt(t)] }));
    const cars = views.filter(({ timeS }) => timeS > 12 && timeS < 15).flatMap(({ view }) => view.still);
    const [id] = new Set(cars.map((thing) => thing.id));
    const hidden = views
      .filter(({ timeS }) => timeS > 24 && timeS < 29)
      .flatMap(({ view }) => view.still.filter((thing) => thing.id === id));
    expect(hidden.length).toBeGreaterThan(0);
    expect(hidden.every((thing) => thing.state === 'occluded')).toBe(true);
    expect(views.at(-1)?.view.still.map((thing) => [thing.id, thing.state])).toEqual([[id, 'present']]);
  });

  it('says how the camera fares: covered, gone to infrared, and turned by a little', () => {
    const covered = watch(14, (t) => (t > 8 ? { patches: [{ x: 0, y: 0, w: 400, h: 300, luma: 30 }] } : {})).at(-1)?.view.scene;
    expect(covered?.edgesKept).toBeLessThan(0.2);
    expect(covered?.sharpness).toBeLessThan(0.5);
    const infrared = watch(14, (t) => ({ colour: t < 6 }));
    expect(infrared.map(({ view }) => view.scene.night).lastIndexOf(false) / 5).toBeCloseTo(9, 0);
    expect(ids(infrared).size).toBe(0);
    const shaken = watch(16, (t) => (t > 6 && Math.round(t * 5) % 2 === 0 ? { shift: { x: 3, y: 2 } } : {}));
    expect(ids(shaken).size).toBe(0);
    const turned = shaken.filter(({ view }) => view.scene.shift.x !== 0).at(-2)?.view.scene.shift;
    expect(Math.abs(turned?.x ?? 0) * 320).toBeLessThan(4);
    expect(shaken.filter(({ timeS, view }) => timeS > 8 && view.moving.length > 0).length).toBeLessThan(4);
  });

  it('does not take faint colours, as lamps leave them, for infrared', () => {
    const painter = new ScenePainter();
    const analyser = createSceneAnalyser({ width: painter.width, height: painter.height, mask: [] });
    const faint = (plane: Uint8Array, share: number): Uint8Array => plane.map((grey) => 128 + Math.trunc((grey - 128) * share));
    const scenes = Array.from({ length: 60 }, (_, k) => {
      const { cb, cr, ...picture } = painter.paint();
      return analyser.step({ ...picture, cb: faint(cb, 0.34), cr: faint(cr, 0.25) }, k * 200, { keep: [] }).scene;
    });
    expect(scenes.at(-1)?.saturation).toBeGreaterThan(0.7);
    expect(scenes.at(-1)?.saturation).toBeLessThan(1.2);
    expect(scenes.some(({ night }) => night)).toBe(false);
  });

  it('refuses a picture of another size, and one too small to hold anything', () => {
    const analyser = createSceneAnalyser({ width: 320, height: 180, mask: [] });
    expect(() => analyser.step(new ScenePainter(160, 90).paint(), 0, { keep: [] })).toThrow(RangeError);
    expect(() => createSceneAnalyser({ width: 8, height: 8, mask: [] })).toThrow(RangeError);
  });
});
