import type { RgbPicture } from './picture.js';

/** Where pictures and clips are taken from. Segments follow one another without a gap in their clock. */
export type FootageInput =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'segments';
      readonly paths: readonly string[] /** Stream clock at the first one's start, seconds. */;
      readonly startS: number;
    };

export interface TimedPicture extends RgbPicture {
  /** Seconds on the stream's own clock. */
  readonly atS: number;
}

/** A small picture set into a larger one, scaled to a square. */
export interface InsetPicture {
  readonly picture: RgbPicture;
  readonly left: number;
  readonly top: number;
  /** Pixels after scaling. */
  readonly side: number;
}

/** A picture to be written: the scene, a band of one colour below it, insets, and a drawing over all. */
export interface PictureSheet {
  readonly scene: RgbPicture;
  readonly band?: { readonly heightPx: number; readonly colour: string };
  readonly insets?: readonly InsetPicture[];
  /** SVG of the size of scene and band together. */
  readonly svg: string;
}

/** What evidence needs of ffmpeg and the picture library. All are deterministic: the same input gives the same bytes. */
export interface EvidenceTools {
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
  /** JPEG with full colour resolution. */
  encodeSheet(sheet: PictureSheet): Promise<Uint8Array>;
}
