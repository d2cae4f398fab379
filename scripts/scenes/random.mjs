/**
 * Seeded random numbers: the same seed gives the same scene, byte for byte, on every machine.
 *
 * @typedef {object} Random
 * @property {() => number} next uniform in 0..1 (1 excluded)
 * @property {(lo: number, hi: number) => number} range uniform in lo..hi
 * @property {(lo: number, hi: number) => number} int integer in lo..hi, both included
 * @property {() => number} gauss mean 0, standard deviation 1
 * @property {<T>(items: readonly T[]) => T} pick
 * @property {(p: number) => boolean} chance true with probability p
 * @property {(name: string) => Random} fork an independent stream; it does not depend on how far this one was read
 */

/**
 * @param {string | number} seed
 * @returns {Random}
 */
export function createRandom(seed) {
  const text = String(seed);
  let [a, b, c, d] = hash128(text);
  const next = () => {
    // sfc32, by Chris Doty-Humphrey (public domain): passes PractRand, four 32-bit words of state.
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) next();
  const range = (lo, hi) => lo + (hi - lo) * next();
  return {
    next,
    range,
    int: (lo, hi) => lo + Math.floor(next() * (hi - lo + 1)),
    gauss: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (items) => items[Math.floor(next() * items.length)],
    chance: (p) => next() < p,
    fork: (name) => createRandom(`${text}/${name}`),
  };
}

/** Four 32-bit words from a text (FNV-1a with four offsets, then an avalanche). */
function hash128(text) {
  return [0x811c9dc5, 0x1b873593, 0xcc9e2d51, 0x85ebca6b].map((offset) => {
    let h = offset;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    return (h ^ (h >>> 15)) | 0;
  });
}
