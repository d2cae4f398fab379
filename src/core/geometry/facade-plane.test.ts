import { describe, expect, it } from 'vitest';
import type { Facade } from '../../domain/facade.js';
import type { Point } from '../../domain/geometry.js';
import { createFacadePlane, focalFromPerspective, projectInto } from './facade-plane.js';

const size = { width: 1920, height: 1080 };

/** A pinhole camera written out on its own: at (cx, cy, cz) before the facade z = 0, turned by yaw, then tilted up by pitch. */
function camera(options: { at: [number, number, number]; pitch: number; yaw: number; focalPx: number }) {
  const { at, pitch, yaw, focalPx } = options;
  return (x: number, y: number, z: number): Point => {
    const [dx, dy, dz] = [x - at[0], y - at[1], at[2] - z];
    const right = dx * Math.cos(yaw) - dz * Math.sin(yaw);
    const ahead = dx * Math.sin(yaw) + dz * Math.cos(yaw);
    const depth = ahead * Math.cos(pitch) + dy * Math.sin(pitch);
    const up = dy * Math.cos(pitch) - ahead * Math.sin(pitch);
    return { x: size.width / 2 + (focalPx * right) / depth, y: size.height / 2 - (focalPx * up) / depth };
  };
}

function facadeSeenBy(project: ReturnType<typeof camera>, widthM: number | null): Facade {
  const corner = (x: number, y: number): Point => {
    const p = project(x, y, 0);
    return { x: p.x / size.width, y: p.y / size.height };
  };
  return {
    corners: [corner(0, 60), corner(24, 60), corner(24, 0), corner(0, 0)],
    floors: { first: 1, last: 20, heightM: 3 },
    units: ['01', '02', '03'],
    widthM,
  };
}

const cameras = [
  { name: 'from the side', at: [2, 1.6, 45], pitch: 0.55, yaw: 0.25, focalPx: 1500 },
  { name: 'from a corner', at: [-20, 4, 40], pitch: 0.5, yaw: 0.7, focalPx: 1100 },
  { name: 'with a long lens', at: [40, 3, 90], pitch: 0.25, yaw: -0.3, focalPx: 2600 },
] as const;

describe('a facade’s plane', () => {
  it.each(cameras)('maps places on the facade there and back, seen $name', (c) => {
    const project = camera({ ...c, at: [...c.at] });
    const plane = createFacadePlane(facadeSeenBy(project, 24), size.width, size.height);
    for (const [x, y] of [
      [1, 2],
      [12, 30],
      [23, 59],
      [-2, 66],
    ] as const) {
      const pixel = plane.toPixels({ x, y });
      expect(pixel.x).toBeCloseTo(project(x, y, 0).x, 4);
      expect(pixel.y).toBeCloseTo(project(x, y, 0).y, 4);
      expect(plane.toMetres(pixel).x).toBeCloseTo(x, 6);
      expect(plane.toMetres(pixel).y).toBeCloseTo(y, 6);
    }
  });

  it.each(cameras)('knows the lens, and so what lies in front of the facade, seen $name', (c) => {
    const project = camera({ ...c, at: [...c.at] });
    const facade = facadeSeenBy(project, null);
    const corners = facade.corners.map((p) => ({ x: p.x * size.width, y: p.y * size.height })) as unknown as [Point, Point, Point, Point];
    expect(focalFromPerspective(corners, { x: size.width / 2, y: size.height / 2 }, size.width)).toBeCloseTo(c.focalPx, 3);
    const plane = createFacadePlane(facade, size.width, size.height);
    expect(plane.widthM).toBeCloseTo(24, 3);
    expect(plane.toPixels({ x: 10, y: 40 }, 5).x).toBeCloseTo(project(10, 40, 5).x, 3);
    expect(plane.toPixels({ x: 10, y: 40 }, 5).y).toBeCloseTo(project(10, 40, 5).y, 3);
    const pixel = new Float64Array(2);
    projectInto(pixel, Float64Array.of(10, 40, 5), plane.projection);
    expect([...pixel]).toEqual([plane.toPixels({ x: 10, y: 40 }, 5).x, plane.toPixels({ x: 10, y: 40 }, 5).y]);
  });

  it.each(cameras)('knows where the camera stands, $name, whether the width is given or not', (c) => {
    const project = camera({ ...c, at: [...c.at] });
    for (const widthM of [24, null]) {
      const found = createFacadePlane(facadeSeenBy(project, widthM), size.width, size.height).camera;
      expect(found.x).toBeCloseTo(c.at[0], 2);
      expect(found.y).toBeCloseTo(c.at[1], 2);
      expect(found.out).toBeCloseTo(c.at[2], 2);
    }
  });

  it('has the camera nearer when the same picture is drawn with lower floors', () => {
    const facade = facadeSeenBy(camera({ ...cameras[0], at: [...cameras[0].at] }), null);
    const low = createFacadePlane({ ...facade, floors: { ...facade.floors, heightM: 1.5 } }, size.width, size.height).camera;
    expect([low.x, low.y, low.out].map((m) => Math.round(100 * m))).toEqual([100, 80, 2250]);
  });

  it('takes the lens from the given width where the edges’ directions do not tell', () => {
    const project = camera({ at: [12, 1.6, 45], pitch: 0.55, yaw: 0, focalPx: 1500 });
    const plane = createFacadePlane(facadeSeenBy(project, 24), size.width, size.height);
    expect(plane.toPixels({ x: 10, y: 40 }, 5).y).toBeCloseTo(project(10, 40, 5).y, 1);
  });

  it.each([
    [0, 1],
    [2.99, 1],
    [3, 2],
    [59.9, 20],
    [-0.5, 0],
    [61, 21],
  ])('a height of %d m is floor %i', (height, floor) => {
    expect(createFacadePlane(facadeSeenBy(camera({ ...cameras[0], at: [...cameras[0].at] }), 24), 1920, 1080).floorAt(height)).toBe(floor);
  });

  it.each([
    [0.1, '01'],
    [8.1, '02'],
    [23.9, '03'],
    [-0.1, null],
    [24.1, null],
  ])('%d m from the left is unit %s', (x, unit) => {
    expect(createFacadePlane(facadeSeenBy(camera({ ...cameras[0], at: [...cameras[0].at] }), 24), 1920, 1080).unitAt(x)).toBe(unit);
  });

  it('refuses corners that do not go round', () => {
    const facade = facadeSeenBy(camera({ ...cameras[0], at: [...cameras[0].at] }), 24);
    const [a, b, c, d] = facade.corners;
    expect(() => createFacadePlane({ ...facade, corners: [b, a, c, d] }, 1920, 1080)).toThrow(RangeError);
  });
});
