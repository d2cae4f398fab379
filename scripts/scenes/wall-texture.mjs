import { fractalNoise, hash2, valueNoise } from './noise-field.mjs';

/**
 * Brightness of a wall around 1 by its material: stains, joints, single bricks.
 *
 * @param {'concrete' | 'render' | 'brick' | 'panel'} kind
 * @param {number} x metres @param {number} y metres
 * @param {number} floorHeightM
 * @param {number} seed
 */
export function fractionalWall(kind, x, y, floorHeightM, seed) {
  const patches = 0.9 + 0.2 * fractalNoise(x * 0.35, y * 0.35, seed + 51, 3);
  const runs = 0.92 + 0.16 * valueNoise(x * 3.5, y * 0.18, seed + 53); // water runs downwards
  switch (kind) {
    case 'concrete': {
      const grain = 0.94 + 0.12 * valueNoise(x * 9, y * 9, seed + 55);
      return patches * runs * grain;
    }
    case 'render':
      return patches * (0.96 + 0.08 * valueNoise(x * 6, y * 6, seed + 57)) * (0.97 + 0.06 * runs);
    case 'brick': {
      const row = Math.floor(y / 0.075);
      const shifted = x + (row % 2) * 0.12;
      const brick = 0.8 + 0.4 * hash2(Math.floor(shifted / 0.25), row, seed + 59);
      const mortar = (y / 0.075) % 1 < 0.14 || (((shifted / 0.25) % 1) + 1) % 1 < 0.05 ? 1.35 : 1;
      return patches * brick * mortar;
    }
    default: {
      const joint = y % floorHeightM < 0.03 || (((x / 1.5) % 1) + 1) % 1 < 0.02 ? 0.6 : 1;
      const panel = 0.93 + 0.14 * hash2(Math.floor(x / 1.5), Math.floor(y / floorHeightM), seed + 61);
      return patches * panel * joint;
    }
  }
}
