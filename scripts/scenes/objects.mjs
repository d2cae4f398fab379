/**
 * Things that fall. Sizes in metres, terminal speeds in m/s (measured or computed from mass and cross-section; the table
 * in docs/scenes.md says which), reflectance 0..1 as a range, colour as blue and red difference around 128.
 *
 * @typedef {object} ObjectKind
 * @property {readonly [number, number]} sizeM length and breadth of its outline
 * @property {number} terminalSpeed
 * @property {number} flutter
 * @property {number} tumbleHz
 * @property {readonly [number, number]} albedo
 * @property {readonly (readonly [number, number])[]} colours [u, v] pairs
 * @property {boolean} breaks nothing is left lying where it lands
 */

const plain = [[128, 128]];
const brown = [[112, 150]];
const bright = [
  [120, 160],
  [150, 110],
  [128, 128],
];

/** @type {Record<string, ObjectKind>} */
export const objectKinds = {
  brick: kind([0.24, 0.115], 46, 0, 1.2, [0.12, 0.3], brown),
  full_bottle: kind([0.24, 0.075], 32, 0, 1.5, [0.3, 0.85], [[124, 124]]),
  large_bottle: kind([0.33, 0.11], 38, 0, 1.2, [0.3, 0.85], [[126, 126]], true),
  glass_bottle: kind([0.29, 0.08], 38, 0, 1.5, [0.05, 0.5], [[118, 120]], true),
  flower_pot: kind([0.22, 0.2], 34, 0, 0.8, [0.08, 0.35], brown, true),
  apple: kind([0.08, 0.08], 30, 0, 2, [0.15, 0.6], [[112, 160]]),
  phone: kind([0.15, 0.075], 18, 0.05, 3, [0.04, 0.7], plain),
  full_bag: kind([0.4, 0.32], 17, 0.05, 0.6, [0.03, 0.85], plain),
  shoe: kind([0.29, 0.11], 16, 0.08, 2, [0.05, 0.7], plain),
  box: kind([0.35, 0.28], 13, 0.08, 0.7, [0.2, 0.7], brown),
  cigarette_pack: kind([0.09, 0.055], 9, 0.2, 4, [0.5, 0.8], bright),
  can: kind([0.122, 0.066], 7, 0.1, 3, [0.3, 0.7], bright),
  empty_bottle: kind([0.23, 0.07], 6, 0.25, 2.5, [0.35, 0.7], plain),
  paper_ball: kind([0.09, 0.08], 6, 0.1, 2, [0.7, 0.85], plain),
  t_shirt: kind([0.55, 0.4], 5, 0.45, 0.9, [0.08, 0.8], bright),
  empty_bag: kind([0.35, 0.3], 1.6, 0.7, 0.7, [0.5, 0.85], plain),
  sheet_of_paper: kind([0.297, 0.21], 1.3, 0.9, 1.4, [0.75, 0.88], plain),
  leaf: kind([0.09, 0.06], 1.2, 0.9, 2, [0.06, 0.3], brown),
};

function kind(sizeM, terminalSpeed, flutter, tumbleHz, albedo, colours, breaks = false) {
  return { sizeM, terminalSpeed, flutter, tumbleHz, albedo, colours, breaks };
}

/** The same by how they fall; `drifting` is light too, and flutters. */
export const thingsByWeight = {
  heavy: ['brick', 'full_bottle', 'large_bottle', 'glass_bottle', 'flower_pot', 'apple'],
  medium: ['phone', 'box', 'full_bag', 'shoe'],
  light: ['can', 'empty_bottle', 'paper_ball', 't_shirt', 'cigarette_pack'],
  drifting: ['empty_bag', 'sheet_of_paper'],
};

/** Light below 10 m/s, medium to 20, heavy above: by the speed at which it settles. */
export function massClass(settledSpeedMps) {
  if (settledSpeedMps < 10) return 'light';
  return settledSpeedMps <= 20 ? 'medium' : 'heavy';
}
