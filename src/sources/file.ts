import { access } from 'node:fs/promises';
import type { Decoder } from '../media/decoder.js';
import type { FfmpegExit } from '../media/ffmpeg.js';
import { lastComplaint, openConnection } from './connection.js';
import type { Source, SourceEnd, SourceOptions } from './contract.js';

/**
 * What ffmpeg says when a file ends before its own index does, or in the middle of a picture. (A corrupt packet of
 * MPEG-TS is one that was lost on the way.)
 */
const cutOffPattern =
  /partial file|File ended prematurely|Truncat|stream ends prematurely|^\[(?!mpegts)\w[^\]]* @ [^\]]*\] \[warning\] Packet corrupt/i;
/** What may be missing at a file's end before it counts as truncated: seconds and a fraction of its length. Indexes err. */
const missingAllowed = { seconds: 1, fraction: 0.05 };

/** A file of any kind that ffmpeg reads. Its clock starts at 0. */
export function createFileSource(path: string, options: SourceOptions): Source {
  return {
    name: path,
    live: false,
    connect: (_segmentsFolder, signal) =>
      openConnection(
        {
          input: { kind: 'file', path },
          segments: null, // The file itself is the recording.
          firstPictureTimeoutMs: null,
          wallClock: (stream) => ({ kind: 'file', epochMs: options.epochMs ?? stream.creationTimeMs ?? 0 }),
          judge: (exit, decoder) => judge(exit, decoder, options.maxFps ?? null),
        },
        options,
        signal,
      ),
    reachable: async () =>
      await access(path).then(
        () => true,
        () => false,
      ),
  };
}

function judge(exit: FfmpegExit, decoder: Decoder, maxFps: number | null): SourceEnd {
  if (exit.reason === 'killed') return { reason: 'killed', detail: `ffmpeg was killed by ${exit.signal}` };
  if (exit.complaints.some((line) => cutOffPattern.test(line)) || endsEarly(decoder, maxFps)) {
    return { reason: 'truncated', detail: 'the file ends before its own index says: it was cut off while it was recorded or copied' };
  }
  if (exit.reason === 'failed') return { reason: 'failed', detail: lastComplaint(exit) };
  const last = lastComplaint(exit);
  const lastWords = last === null ? '' : `; the last: ${last}`;
  const damaged = exit.errorLines > 0 ? `parts of the file are damaged (${exit.errorLines} errors${lastWords})` : null;
  return { reason: 'end-of-file', detail: damaged };
}

/** Some containers say nothing when they break off; then the count of pictures tells. */
function endsEarly(decoder: Decoder, maxFps: number | null): boolean {
  const { durationS, fps } = decoder.stream;
  const pictures = decoder.pictures();
  if (durationS === null || fps === null || pictures === null || maxFps !== null) return false;
  return pictures / fps < durationS - Math.max(missingAllowed.seconds, durationS * missingAllowed.fraction);
}
