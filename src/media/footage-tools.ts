import { AgentError } from '../platform/errors.js';
import { type ClipRequest, type Span, writeClip } from './clip.js';
import { encodeJpeg, type RgbPicture, renderSvg, resizePicture } from './image.js';
import type { FootageInput } from './input.js';
import { indexPackets } from './packets.js';
import { type PictureSpan, readPictures, type TimedPicture } from './pictures.js';
import { probe } from './probe.js';

/** Everything that evidence needs of ffmpeg and the picture library, as one object to hand over. */
export interface MediaTools {
  writeClip(clip: ClipRequest, signal: AbortSignal): Promise<Span>;
  readPictures(span: PictureSpan, onPicture: (picture: TimedPicture) => void, signal: AbortSignal): Promise<void>;
  /** As they are to be seen, pixels. @throws {AgentError} MEDIA_FAILED. */
  pictureSize(input: FootageInput, signal: AbortSignal): Promise<{ readonly width: number; readonly height: number }>;
  /** Start on the file's own clock and length of a segment that is on no list, seconds; `null` when it cannot be read. */
  measureSegment(path: string): Promise<{ readonly startS: number; readonly durationS: number } | null>;
  renderSvg(svg: string, width: number, height: number): Promise<Uint8Array>;
  resizePicture(picture: RgbPicture, width: number, height: number): Promise<RgbPicture>;
  encodeJpeg(picture: RgbPicture, quality: number): Promise<Uint8Array>;
}

export function createMediaTools(): MediaTools {
  return { writeClip, readPictures, pictureSize, measureSegment, renderSvg, resizePicture, encodeJpeg };
}

async function pictureSize(input: FootageInput, signal: AbortSignal): Promise<{ readonly width: number; readonly height: number }> {
  try {
    const { width, height } = await probe(input, { signal });
    return { width, height };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    throw new AgentError('MEDIA_FAILED', error.message, { cause: error });
  }
}

async function measureSegment(path: string): Promise<{ readonly startS: number; readonly durationS: number } | null> {
  const input: FootageInput = { kind: 'segments', paths: [path], startS: 0 };
  try {
    const { packets } = await indexPackets(input, 0, 0);
    const times = packets.map((packet) => packet.atS).sort((a, b) => a - b);
    const [first, last] = [times[0], times.at(-1)];
    if (first === undefined || last === undefined || packets[0]?.keyframe !== true) return null;
    const stepS = times.length > 1 ? (last - first) / (times.length - 1) : 0;
    return { startS: packets[0].atS, durationS: last - first + stepS };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return null;
  }
}
