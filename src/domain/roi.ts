/** A camera's region of interest: columns of the picture, as shares of its width. Those outside are not even read. */
export interface Roi {
  /** The first column, 0..1. */
  readonly from: number;
  /** Where it ends, above `from`, at most 1. */
  readonly to: number;
}

/** Columns of a picture, pixels. */
export interface Columns {
  readonly left: number;
  readonly width: number;
}

/** Where a region of interest lies in a picture of some size, pixels. */
export interface PixelRoi extends Columns {
  /** Of the whole picture. */
  readonly pictureWidth: number;
}

/** Its edges lie at a multiple of this, pixels: rows are worked on in steps of 16, and colours have half as many columns. */
export const ROI_STEP_PX = 32;

/**
 * A region of interest in a picture, widened to whole steps.
 *
 * @param pictureWidth pixels.
 * @example pixelRoi({ from: 0.25, to: 0.75 }, 1920) // { left: 480, width: 960, pictureWidth: 1920 }
 */
export function pixelRoi({ from, to }: Roi, pictureWidth: number): PixelRoi {
  const left = Math.floor((from * pictureWidth) / ROI_STEP_PX) * ROI_STEP_PX;
  const right = Math.min(pictureWidth, Math.ceil((to * pictureWidth) / ROI_STEP_PX) * ROI_STEP_PX);
  return { left, width: right - left, pictureWidth };
}
