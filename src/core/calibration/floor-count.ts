import type { FoundFacade } from './find-facade.js';

/** Which storeys are proposed, and how they are numbered. */
export interface PlacedFloors {
  /** Upper edge of the highest and lower edge of the lowest, storeys of the comb, counted downward. */
  readonly top: number;
  readonly bottom: number;
  readonly first: number;
  readonly last: number;
  /** Factor on the confidence. */
  readonly trust: number;
  readonly reasons: readonly string[];
  readonly checks: readonly string[];
}

/** The ends are found to a storey or so where trees or a street stand before them. */
const UNSURE_END = 0.85;
/** Floors more or less than seen that a given number may mend without a word: what a parapet or a hedge hides. */
const HIDDEN_FLOORS = 3;
/** What is left of the confidence where the given number and what is seen do not go together: it may be another building. */
const OTHER_BUILDING = 0.6;

/** Numbers the storeys, and reaches beyond those that are seen where the number of floors is given. */
export function placeFloors(
  { extent }: Pick<FoundFacade, 'extent'>,
  hints: { readonly first: number | null; readonly floors: number | null },
): PlacedFloors {
  const { top, bottom } = extent;
  const seen = bottom.at - top.at;
  const first = hints.first ?? 1;
  const where =
    top.by === 'cut' && bottom.by === 'cut'
      ? 'roof and foot are out of the picture'
      : top.by === 'cut'
        ? 'the roof is out of the picture'
        : bottom.by === 'cut'
          ? 'the foot is out of the picture'
          : 'roof and foot are in the picture';
  const reasons = [`${seen} floors seen; ${where}`];
  if (hints.floors === null || (top.by === 'cut' && bottom.by === 'cut')) {
    const checks = [...numberCheck(bottom.by, hints.first, seen)];
    if (hints.floors !== null) {
      checks.push(
        `--floors ${hints.floors} cannot be placed, for neither roof nor foot is seen; give --first, the number of the lowest floor seen`,
      );
    }
    const isSure = bottom.by !== 'texture' && top.by !== 'texture' && (bottom.by !== 'cut' || hints.first !== null);
    return { top: top.at, bottom: bottom.at, first, last: first + seen - 1, trust: isSure ? 1 : UNSURE_END, reasons, checks };
  }
  const isFromTop = top.by !== 'cut';
  const missing = hints.floors - seen;
  const isPlausible = Math.abs(missing) <= HIDDEN_FLOORS || (missing > 0 && (top.by === 'cut' || bottom.by === 'cut'));
  if (missing !== 0) reasons.push(`${hints.floors} floors given: counted from the ${isFromTop ? 'roof' : 'foot'}`);
  return {
    top: isFromTop ? top.at : bottom.at - hints.floors,
    bottom: isFromTop ? top.at + hints.floors : bottom.at,
    first,
    last: first + hints.floors - 1,
    trust: isPlausible ? 1 : OTHER_BUILDING,
    reasons,
    checks: isPlausible ? [] : [`${hints.floors} floors are given and ${seen} are seen: is it this building? --around x,y names another`],
  };
}

function numberCheck(bottom: 'edge' | 'texture' | 'cut', first: number | null, seen: number): string[] {
  if (first !== null) return [];
  return bottom === 'cut'
    ? ['the lowest floor seen is called 1: give its real number with --first']
    : [`the foot may be hidden: if the building has not ${seen} floors, give its number with --floors`];
}
