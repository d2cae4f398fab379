/** Hypotheses kept for one root: fewer, and a hand that puts something down is followed astray, and suspected. */
const PER_ROOT = 4;
/** The same where there are more than can be kept: with four, half of the room of heavy snow goes to doubts about the same flakes. */
const PER_ROOT_CROWDED = 2;

/**
 * Which of many hypotheses, taken from the best to the worst, are kept: a few of each root, and of those that share their last two
 * points only the first. Two hash tables with open addressing, emptied by counting rounds.
 */
export class PathLimits {
  private readonly mask: number;
  private round = 0;
  private perRoot = PER_ROOT;
  private readonly rootRounds: Int32Array;
  private readonly roots: Int32Array;
  private readonly rootCounts: Int32Array;
  private readonly tailRounds: Int32Array;
  private readonly tails: Int32Array;
  private readonly tailsBefore: Int32Array;

  /** @param most hypotheses that are ever kept at once. */
  constructor(most: number) {
    // A power of two, at most half full, so that a place is found in a step or two.
    const size = 2 ** Math.ceil(Math.log2(2 * most));
    this.mask = size - 1;
    this.rootRounds = new Int32Array(size);
    this.roots = new Int32Array(size);
    this.rootCounts = new Int32Array(size);
    this.tailRounds = new Int32Array(size);
    this.tails = new Int32Array(size);
    this.tailsBefore = new Int32Array(size);
  }

  /** Forgets all that were kept. @param crowded more are to come than can be kept. */
  begin(crowded: boolean): void {
    this.round++;
    this.perRoot = crowded ? PER_ROOT_CROWDED : PER_ROOT;
  }

  /** Whether the next hypothesis is kept. @param last,before the numbers of the candidates seen last and before. */
  takes(root: number, last: number, before: number): boolean {
    const rootPlace = this.placeOfRoot(root);
    const known = this.rootRounds[rootPlace] === this.round;
    const count = known ? (this.rootCounts[rootPlace] as number) : 0;
    if (count >= this.perRoot || !this.isNewTail(last, before)) return false;
    this.rootRounds[rootPlace] = this.round;
    this.roots[rootPlace] = root;
    this.rootCounts[rootPlace] = count + 1;
    return true;
  }

  private placeOfRoot(root: number): number {
    let place = hash(root) & this.mask;
    while (this.rootRounds[place] === this.round && this.roots[place] !== root) place = (place + 1) & this.mask;
    return place;
  }

  private isNewTail(last: number, before: number): boolean {
    let place = hash(last ^ hash(before)) & this.mask;
    for (; this.tailRounds[place] === this.round; place = (place + 1) & this.mask) {
      if (this.tails[place] === last && this.tailsBefore[place] === before) return false;
    }
    this.tailRounds[place] = this.round;
    this.tails[place] = last;
    this.tailsBefore[place] = before;
    return true;
  }
}

/** Spreads small whole numbers over 32 bits. @source the finaliser of MurmurHash3 (A. Appleby, public domain), one round. */
function hash(value: number): number {
  const mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
