/** Sizes and colours that trail, snapshot and overlay have in common. */

/**
 * Sizes as fractions of the picture's width, because a phone shows the whole width: at 390 px the text of the band is
 * then 9 px high (27 device pixels on a usual phone), which is about the least that can be read.
 */
export const scale = {
  bodyFont: 0.0235,
  placeFont: 0.044,
  figureFont: 0.036,
  labelFont: 0.0265,
  line: 0.0024,
  padding: 0.018,
  insetSide: 0.215,
  /** Least distance of the path's two lines from its centre. */
  sleeve: 0.0105,
  /** Radius of the rings at origin and landing. */
  ring: 0.017,
} as const;

/** Red where the agent is sure, amber where a person should look first. */
export const verdictColours = { confirmed: '#ff4438', suspected: '#ffb000' } as const;
/** Background of the band below the picture. */
export const bandColour = '#14171c';
/** The same as bytes. */
export const bandRgb = [0x14, 0x17, 0x1c] as const;
export const textColour = '#ffffff';
export const softTextColour = '#c3cad4';
