/** Largest width of the pictures that street rules see, pixels: a person at 50 m is 10 pixels wide in it; work grows with its square. */
export const STREET_WIDTH_PX = 640;
/**
 * Time between two sampled pictures, milliseconds. A car at 50 km/h goes 2.8 m in it, less than its length: its boxes overlap. Longer, and fast
 * ones are not recognised; shorter costs in proportion.
 */
export const STREET_EVERY_MS = 200;
/** The same as pictures a second: a camera that is looked at for streets alone is asked for no more, and a model never looks at more. */
export const STREET_FPS = 1000 / STREET_EVERY_MS;
