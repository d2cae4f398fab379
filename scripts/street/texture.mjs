/** Side of the noise tile, texels; a power of two. */
const SIDE = 256;

/**
 * Smooth noise that repeats every 256 texels, mean 0, within −1..1: three octaves.
 *
 * @param {import('../scenes/random.mjs').Random} rng
 * @returns {{at: (x: number, y: number) => number, tile: Float32Array, side: number}}
 */
export function createNoise(rng) {
  // Made when it is first looked at: who only stages a scene needs none.
  let made = null;
  const tile = () => {
    made ??= makeTile(rng);
    return made;
  };
  return {
    side: SIDE,
    get tile() {
      return tile();
    },
    at: (x, y) => tile()[(Math.floor(y) & (SIDE - 1)) * SIDE + (Math.floor(x) & (SIDE - 1))],
  };
}

function makeTile(rng) {
  const tile = new Float32Array(SIDE * SIDE);
  for (const [cells, weight] of [
    [16, 0.5],
    [64, 0.3],
    [256, 0.2],
  ]) {
    const grid = Float32Array.from({ length: cells * cells }, () => rng.range(-1, 1));
    const scale = cells / SIDE;
    for (let y = 0; y < SIDE; y++) {
      const gy = y * scale;
      const y0 = Math.floor(gy);
      const fy = gy - y0;
      for (let x = 0; x < SIDE; x++) {
        const gx = x * scale;
        const x0 = Math.floor(gx);
        const fx = gx - x0;
        const cell = (i, j) => grid[(j % cells) * cells + (i % cells)];
        const upper = cell(x0, y0) * (1 - fx) + cell(x0 + 1, y0) * fx;
        const lower = cell(x0, y0 + 1) * (1 - fx) + cell(x0 + 1, y0 + 1) * fx;
        tile[y * SIDE + x] += weight * (upper * (1 - fy) + lower * fy);
      }
    }
  }
  return tile;
}
