/**
 * One decoded picture.
 *
 * `data` holds the planes one after the other without padding: for `gray` the luma plane alone
 * (`width × height` bytes), for `yuv420p` luma, then both quarter-size chroma planes. A consumer that needs only
 * luma reads the first `width × height` bytes of either.
 */
export interface Frame {
  readonly cameraId: string;
  /** Counts decoded pictures from 0 for each connection; a gap means dropped frames. */
  readonly seq: number;
  /** Presentation time on the stream's own clock, milliseconds with fractions; strictly increasing within a connection. */
  readonly ptsMs: number;
  /** Wall clock of capture, UTC milliseconds since 1970, as mapped from `ptsMs`. */
  readonly capturedAtMs: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly format: PixelFormat;
  /** Valid until the next frame is asked for: the reader reuses its buffers. */
  readonly data: Uint8Array;
}

export type PixelFormat = 'gray' | 'yuv420p';

/**
 * Bytes of one picture.
 *
 * @example frameBytes('yuv420p', 1920, 1080) // 3_110_400
 */
export function frameBytes(format: PixelFormat, width: number, height: number): number {
  const luma = width * height;
  return format === 'gray' ? luma : luma + 2 * (Math.ceil(width / 2) * Math.ceil(height / 2));
}
