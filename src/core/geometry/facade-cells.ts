import type { Facade } from '../../domain/facade.js';
import type { Point, Polygon } from '../../domain/geometry.js';
import { type Homography, homographyFrom, mapPoint } from './homography.js';

/** Windows of a facade: the floors from `low` to `high`, inclusive, of one unit; `null`: of all of them. */
export interface FacadeWindows {
  readonly low: number;
  readonly high: number;
  readonly unit: string | null;
}

/**
 * The facade without some of its windows, as quadrilaterals in the picture, normalised like the facade's corners. They meet without gaps.
 *
 * @param except a unit that the facade does not have leaves nothing out.
 * @returns one or more for each floor, at most one more than there are units.
 * @throws {RangeError} when three corners of the facade lie on one line.
 * @example facadeWithout({ …, floors: { first: 1, last: 3, heightM: 3 }, units: [] }, [{ low: 2, high: 2, unit: null }]) // floors 1 and 3
 */
export function facadeWithout(facade: Facade, except: readonly FacadeWindows[]): readonly Polygon[] {
  const { first, last } = facade.floors;
  const units = facade.units.length === 0 ? [null] : facade.units;
  const toPicture = unitSquareTo(facade);
  const floors = last - first + 1;
  return Array.from({ length: floors }, (_, index) => {
    const floor = last - index;
    const isLeftOut = (unit: string | null): boolean =>
      except.some((e) => floor >= e.low && floor <= e.high && (e.unit === null || e.unit === unit));
    return runsOf(units.map((unit) => !isLeftOut(unit))).map(([from, to]) =>
      quad(toPicture, { x: from / units.length, y: index / floors }, { x: to / units.length, y: (index + 1) / floors }),
    );
  }).flat();
}

/**
 * Height of the facade's tallest floor in the picture, as a fraction of the picture's height: that nearest to the camera.
 *
 * @throws {RangeError} when three corners of the facade lie on one line.
 */
export function tallestFloor(facade: Facade): number {
  const toPicture = unitSquareTo(facade);
  const floors = facade.floors.last - facade.floors.first + 1;
  const heightAt = (x: number, floor: number): number =>
    Math.abs(mapPoint(toPicture, { x, y: (floor + 1) / floors }).y - mapPoint(toPicture, { x, y: floor / floors }).y);
  return Math.max(...[0, 1].flatMap((x) => [heightAt(x, 0), heightAt(x, floors - 1)]));
}

/** From the facade, 0..1 to the right and down, to the picture. */
function unitSquareTo({ corners }: Facade): Homography {
  const square: readonly [Point, Point, Point, Point] = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ];
  return homographyFrom(square, corners);
}

/** Straight lines stay straight: four corners are enough. */
function quad(toPicture: Homography, from: Point, to: Point): Polygon {
  return [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }].map((p) => mapPoint(toPicture, p));
}

/** Stretches of `true`, half-open. @example runsOf([true, true, false, true]) // [[0, 2], [3, 4]] */
function runsOf(flags: readonly boolean[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const [i, flag] of flags.entries()) {
    const last = runs.at(-1);
    if (!flag) continue;
    if (last?.[1] === i) last[1] = i + 1;
    else runs.push([i, i + 1]);
  }
  return runs;
}
