import { AgentError } from '../platform/errors.js';
import { startFfmpeg } from './ffmpeg.js';
import { type FootageInput, inputArguments, inputName } from './input.js';
import { indexPackets, type PacketIndex, type VideoPacket } from './packets.js';

/** Seconds on the stream's clock. */
export interface Span {
  readonly fromS: number;
  readonly toS: number;
}

export interface ClipRequest extends Span {
  readonly input: FootageInput;
  /** Of the MP4 file to make; one that is there is replaced. */
  readonly path: string;
}

/** Seconds before the wanted start that are searched for a keyframe at first: cameras send one every 1 to 4 s. */
const firstLookbackS = 12;
/** A picture is stored at most so many seconds after one that is shown after it (B-frames). */
const reorderS = 1;
/** Times that differ by less than this are the same: containers round to 1/90000 s or 1 µs. */
const sameTimeS = 0.0005;
/** At most how much before the keyframe ffmpeg is told to begin, seconds. */
const leadS = 0.5;
/** After so many milliseconds ffmpeg is killed: copying a minute takes less than one second; a failing disk hangs. */
const timeoutMs = 120_000;

/**
 * Copies a span of a recording into an MP4 file without re-encoding: from the keyframe at or before `fromS` to the
 * first picture at or after `toS`; less only where the recording holds less. The same recording and span give the same
 * bytes. Sound is left out.
 *
 * @returns what the clip holds.
 * @throws {AgentError} MEDIA_FAILED. The signal's reason when aborted.
 * @example await writeClip({ input: { kind: 'file', path: 'a.mp4' }, fromS: 5, toS: 9, path: 'clip.mp4' }) // { fromS: 4, toS: 9.04 }
 */
export async function writeClip(request: ClipRequest, signal?: AbortSignal): Promise<Span> {
  const { input, fromS, toS } = request;
  const { index, cut } = await findCut(request, signal);
  const { options, source } = inputArguments(input);
  // A file is entered well before the keyframe and read up to it: where exactly a seek lands depends on the container.
  const seekS = input.kind === 'file' ? Math.max(0, cut.fromS - firstLookbackS) : 0;
  const zeroS = index.originS + seekS;
  await using ffmpeg = startFfmpeg(
    {
      inputs: [{ options: [...(seekS > 0 ? ['-ss', seekS.toFixed(6)] : []), ...options], source }],
      outputs: [
        {
          options: [
            ...['-map', '0:v:0', '-c:v', 'copy', '-frames:v', String(cut.packets)],
            // Leaves out what comes before the keyframe; then the keyframe is shown at 0.
            ...(cut.enterS > zeroS ? ['-ss', (cut.enterS - zeroS).toFixed(6), '-copypriorss', '0'] : []),
            ...['-output_ts_offset', (Math.max(cut.enterS, zeroS) - cut.fromS).toFixed(6), '-avoid_negative_ts', 'disabled'],
            ...['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:v', '+bitexact'],
            // Players of Apple's know H.265 only by this tag.
            ...(index.codec === 'hevc' ? ['-tag:v', 'hvc1'] : []),
            ...['-movflags', '+faststart', '-f', 'mp4'],
          ],
          target: `file:${request.path}`,
        },
      ],
    },
    { ...(signal === undefined ? {} : { signal }), timeoutMs },
  );
  await ffmpeg.ready;
  const exit = await ffmpeg.exited;
  signal?.throwIfAborted();
  if (exit.reason !== 'finished') {
    const why = exit.timedOut ? 'it took too long' : (exit.complaints.at(-1) ?? exit.reason);
    throw new AgentError(
      'MEDIA_FAILED',
      `${inputName(input)}: no clip of ${fromS.toFixed(1)} to ${toS.toFixed(1)} s could be made: ${why}`,
    );
  }
  return { fromS: cut.fromS, toS: cut.toS };
}

interface Cut extends Span {
  /** A moment between the keyframe before and this one, as they are decoded; ffmpeg compares with those times. */
  readonly enterS: number;
  /** How many coded pictures, from the keyframe at `fromS`, in the order in which they are stored. */
  readonly packets: number;
}

/** Looks further back until a keyframe is found, then from the file's beginning. */
async function findCut(request: ClipRequest, signal: AbortSignal | undefined): Promise<{ index: PacketIndex; cut: Cut }> {
  const { input, fromS, toS } = request;
  for (let lookbackS = firstLookbackS; ; lookbackS *= 8) {
    const index = await indexPackets(input, fromS - lookbackS, toS + reorderS, signal);
    const whole = input.kind === 'segments' || fromS <= lookbackS;
    const cut = cutAt(index.packets, fromS, toS, whole);
    if (cut !== null) return { index, cut };
    if (whole) throw new AgentError('MEDIA_FAILED', `${inputName(input)} holds no picture of ${fromS.toFixed(1)} to ${toS.toFixed(1)} s`);
  }
}

/**
 * Where a span is to be cut from a list of coded pictures.
 *
 * @param whole nothing comes before the list: then its first keyframe will do, though it is after `fromS`.
 * @returns `null` when the list holds no keyframe to begin with, or nothing after it.
 */
export function cutAt(packets: readonly VideoPacket[], fromS: number, toS: number, whole: boolean): Cut | null {
  let first = packets.findLastIndex((packet) => packet.keyframe && packet.atS <= fromS + sameTimeS);
  if (first < 0 && whole) first = packets.findIndex((packet) => packet.keyframe);
  const start = packets[first];
  if (start === undefined || start.atS > toS + sameTimeS) return null;
  const previous = packets.slice(0, first).findLast((packet) => packet.keyframe);
  const gapS = previous === undefined ? Number.POSITIVE_INFINITY : start.decodedAtS - previous.decodedAtS;
  const rest = packets.slice(first);
  const times = rest.map((packet) => packet.atS).sort((a, b) => a - b);
  let endS = times.find((time) => time >= toS - sameTimeS) ?? times.at(-1) ?? start.atS;
  let count = 0;
  // Taking in a picture that is shown later takes in all that are shown before it, or the end would have holes.
  for (let before = -1; before < count; ) {
    before = count;
    count = rest.findLastIndex((packet) => packet.atS <= endS + sameTimeS) + 1;
    for (const packet of rest.slice(before, count)) endS = Math.max(endS, packet.atS);
  }
  return { fromS: start.atS, toS: endS + stepAfter(times, endS), packets: count, enterS: start.decodedAtS - Math.min(leadS, gapS / 2) };
}

/** How long the picture at `atS` is shown: to the next one, or as long as the one before it. */
function stepAfter(times: readonly number[], atS: number): number {
  const i = times.lastIndexOf(atS);
  return (times[i + 1] ?? 2 * atS - (times[i - 1] ?? atS)) - atS;
}
