import type { FootageInput } from '../media/input.js';
import type { RgbPicture } from './picture.js';

/** One decoded picture of a stream. */
export interface TimedPicture extends RgbPicture {
  /** Seconds on the stream's own clock. */
  readonly atS: number;
}

/** What evidence needs of the picture library. The same input gives the same output. */
export interface PictureTools {
  /** Pixels of an SVG: RGBA, not premultiplied, `4 × width × height` bytes. */
  renderSvg(svg: string, width: number, height: number): Promise<Uint8Array>;
  resizePicture(picture: RgbPicture, width: number, height: number): Promise<RgbPicture>;
  /** JPEG with full colour resolution. @param quality 1..100. */
  encodeJpeg(picture: RgbPicture, quality: number): Promise<Uint8Array>;
}

/** What evidence needs of ffmpeg. The same input gives the same output. */
export interface FootageTools {
  /**
   * Copies a span without re-encoding into an MP4 file: from the keyframe at or before `fromS` to `toS` or later.
   *
   * @returns what the clip holds, seconds on the stream's clock.
   * @throws {AgentError} MEDIA_FAILED.
   */
  writeClip(
    clip: { input: FootageInput; fromS: number; toS: number; path: string },
    signal: AbortSignal,
  ): Promise<{ readonly fromS: number; readonly toS: number }>;
  /**
   * Decodes every picture between two moments, in the order of time.
   *
   * @param onPicture `data` is valid only until it returns.
   * @throws {AgentError} MEDIA_FAILED.
   */
  readPictures(
    span: { input: FootageInput; fromS: number; toS: number },
    onPicture: (picture: TimedPicture) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Size of the footage's pictures as they are to be seen, pixels. @throws {AgentError} MEDIA_FAILED. */
  pictureSize(input: FootageInput, signal: AbortSignal): Promise<{ readonly width: number; readonly height: number }>;
}

export type EvidenceTools = PictureTools & FootageTools;
