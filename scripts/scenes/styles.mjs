/**
 * Looks of facades. Horizontal positions are fractions of a unit's width (mirrored in every second unit), heights metres
 * above the floor's lower edge.
 *
 * @typedef {object} Style
 * @property {{rgb: readonly [number, number, number], kind: 'concrete' | 'render' | 'brick' | 'panel'}} wall
 * @property {{rgb: readonly [number, number, number], heightM: number} | null} band painted strip at each floor's edge
 * @property {readonly {x0: number, x1: number, y0: number, y1: number, cols: number, rows: number}[]} windows
 * @property {readonly {x0: number, x1: number, depthM: number, parapetM: number, kind: 'solid' | 'rail' | 'glass',
 *   rgb: readonly [number, number, number]}[]} balconies
 * @property {readonly {x0: number, x1: number, y0: number, y1: number}[]} coolers air-conditioning boxes
 * @property {number} frame reflectance of window frames
 */

/** @type {Record<string, Style>} */
export const styles = {
  'concrete-bands': {
    wall: { rgb: [0.3, 0.3, 0.28], kind: 'concrete' },
    band: { rgb: [0.46, 0.46, 0.43], heightM: 0.3 },
    windows: [
      { x0: 0.06, x1: 0.3, y0: 0.9, y1: 2.4, cols: 3, rows: 2 },
      { x0: 0.38, x1: 0.47, y0: 1.2, y1: 2.2, cols: 1, rows: 1 },
      { x0: 0.56, x1: 0.94, y0: 0.15, y1: 2.4, cols: 4, rows: 1 },
    ],
    balconies: [{ x0: 0.53, x1: 0.97, depthM: 1.3, parapetM: 1.0, kind: 'solid', rgb: [0.48, 0.47, 0.44] }],
    coolers: [{ x0: 0.33, x1: 0.37, y0: 0.3, y1: 1.0 }],
    frame: 0.12,
  },
  'white-render': {
    wall: { rgb: [0.62, 0.61, 0.58], kind: 'render' },
    band: null,
    windows: [
      { x0: 0.08, x1: 0.26, y0: 0.95, y1: 2.35, cols: 2, rows: 1 },
      { x0: 0.34, x1: 0.5, y0: 0.95, y1: 2.35, cols: 2, rows: 1 },
      { x0: 0.62, x1: 0.92, y0: 0.1, y1: 2.35, cols: 3, rows: 1 },
    ],
    balconies: [{ x0: 0.58, x1: 0.96, depthM: 1.1, parapetM: 1.05, kind: 'rail', rgb: [0.2, 0.2, 0.2] }],
    coolers: [{ x0: 0.52, x1: 0.57, y0: 0.25, y1: 0.95 }],
    frame: 0.7,
  },
  'brick-punched': {
    wall: { rgb: [0.3, 0.16, 0.11], kind: 'brick' },
    band: { rgb: [0.5, 0.48, 0.43], heightM: 0.18 },
    windows: [
      { x0: 0.08, x1: 0.28, y0: 0.8, y1: 2.3, cols: 2, rows: 2 },
      { x0: 0.4, x1: 0.6, y0: 0.8, y1: 2.3, cols: 2, rows: 2 },
      { x0: 0.72, x1: 0.92, y0: 0.8, y1: 2.3, cols: 2, rows: 2 },
    ],
    balconies: [],
    coolers: [{ x0: 0.3, x1: 0.36, y0: 0.5, y1: 1.2 }],
    frame: 0.65,
  },
  'glass-loggias': {
    wall: { rgb: [0.4, 0.42, 0.43], kind: 'panel' },
    band: { rgb: [0.55, 0.56, 0.57], heightM: 0.25 },
    windows: [
      { x0: 0.04, x1: 0.48, y0: 0.35, y1: 2.6, cols: 3, rows: 1 },
      { x0: 0.54, x1: 0.96, y0: 0.1, y1: 2.6, cols: 3, rows: 1 },
    ],
    balconies: [{ x0: 0.52, x1: 0.98, depthM: 1.5, parapetM: 1.1, kind: 'glass', rgb: [0.5, 0.55, 0.55] }],
    coolers: [],
    frame: 0.25,
  },
  /** Nothing but a wall, for measurements of one thing at a time. */
  'plain-wall': {
    wall: { rgb: [0.28, 0.28, 0.27], kind: 'render' },
    band: null,
    windows: [],
    balconies: [],
    coolers: [],
    frame: 0.5,
  },
  'prefab-panels': {
    wall: { rgb: [0.5, 0.46, 0.38], kind: 'panel' },
    band: null,
    windows: [
      { x0: 0.06, x1: 0.3, y0: 0.9, y1: 2.3, cols: 3, rows: 1 },
      { x0: 0.66, x1: 0.76, y0: 0.9, y1: 2.3, cols: 1, rows: 1 },
      { x0: 0.78, x1: 0.9, y0: 0.05, y1: 2.3, cols: 1, rows: 1 },
    ],
    balconies: [{ x0: 0.63, x1: 0.95, depthM: 1.0, parapetM: 1.0, kind: 'solid', rgb: [0.3, 0.36, 0.42] }],
    coolers: [{ x0: 0.36, x1: 0.41, y0: 0.4, y1: 1.1 }],
    frame: 0.6,
  },
  'curtain-wall': {
    wall: { rgb: [0.22, 0.24, 0.26], kind: 'panel' },
    band: { rgb: [0.14, 0.16, 0.18], heightM: 0.6 },
    windows: [{ x0: 0.01, x1: 0.99, y0: 0.6, y1: 3.0, cols: 6, rows: 1 }],
    balconies: [],
    coolers: [],
    frame: 0.3,
  },
  'dark-galleries': {
    wall: { rgb: [0.2, 0.18, 0.17], kind: 'render' },
    band: { rgb: [0.34, 0.3, 0.27], heightM: 0.22 },
    windows: [
      { x0: 0.1, x1: 0.3, y0: 0.1, y1: 2.3, cols: 1, rows: 1 },
      { x0: 0.45, x1: 0.85, y0: 0.9, y1: 2.3, cols: 3, rows: 1 },
    ],
    balconies: [{ x0: 0, x1: 1, depthM: 1.2, parapetM: 1.05, kind: 'rail', rgb: [0.42, 0.4, 0.36] }],
    coolers: [],
    frame: 0.5,
  },
  'tiled-court': {
    wall: { rgb: [0.55, 0.42, 0.36], kind: 'brick' },
    band: { rgb: [0.62, 0.6, 0.56], heightM: 0.12 },
    windows: [
      { x0: 0.05, x1: 0.2, y0: 0.9, y1: 2.3, cols: 2, rows: 1 },
      { x0: 0.25, x1: 0.33, y0: 1.1, y1: 2.0, cols: 1, rows: 1 },
      { x0: 0.42, x1: 0.72, y0: 0.5, y1: 2.4, cols: 3, rows: 2 },
      { x0: 0.8, x1: 0.95, y0: 0.9, y1: 2.3, cols: 2, rows: 1 },
    ],
    balconies: [{ x0: 0.4, x1: 0.74, depthM: 0.7, parapetM: 0.5, kind: 'solid', rgb: [0.6, 0.5, 0.44] }],
    coolers: [
      { x0: 0.21, x1: 0.24, y0: 0.3, y1: 0.9 },
      { x0: 0.75, x1: 0.78, y0: 0.3, y1: 0.9 },
    ],
    frame: 0.75,
  },
};
