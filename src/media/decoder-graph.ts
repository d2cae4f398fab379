import type { PixelFormat } from '../domain/frame.js';
import { ROI_STEP_PX, type Roi } from '../domain/roi.js';
import type { CommandOutput } from './ffmpeg.js';

/** Which pictures of a stream are wanted, and how. */
export interface PictureRequest {
  /** `gray` costs least: luma alone passes, through two pipes. */
  readonly pixelFormat: PixelFormat;
  /** At most so many pictures a second. `null`: every picture. */
  readonly maxFps?: number | null;
  /** Scale wider pictures down to this width, pixels. `null`: never. */
  readonly maxWidth?: number | null;
  /** Only these columns of the picture, which costs the less the fewer they are. Grey pictures only. `null`: all. */
  readonly roi?: Roi | null;
}

interface Part {
  readonly name: string;
  /** Its first row and how many they are, in the words of ffmpeg's `crop`; `null`: all of them. */
  readonly rows: { readonly y: string; readonly h: string } | null;
}

const upperRows = 'floor(ih/2)';
const upperHalf: Part = { name: 'upper', rows: { y: '0', h: upperRows } };
const lowerHalf: Part = { name: 'lower', rows: { y: upperRows, h: `ih-${upperRows}` } };

/**
 * Luma goes through two pipes, since a pipe holds no more than half a picture of 1080p: ffmpeg is rid of a picture at once, and neither waits for the other. Colours
 * lie in planes of their own, and go through one.
 */
function partsOf(pixelFormat: PixelFormat): readonly Part[] {
  return pixelFormat === 'gray' ? [upperHalf, lowerHalf] : [{ name: 'whole', rows: null }];
}

/** Through how many pipes pictures come. */
export function pipesOf(pixelFormat: PixelFormat): number {
  return partsOf(pixelFormat).length;
}

/**
 * ffmpeg's outputs of pictures, the upper half first, into descriptors from 3 on. They come before any other output.
 *
 * @param live whether times are a camera's, or counted from a file's start.
 */
export function pictureOutputs(request: PictureRequest, live: boolean): CommandOutput[] {
  return partsOf(request.pixelFormat).map(({ name }, i) => ({
    options: [...(i === 0 ? graphOptions(request, live) : []), '-map', `[${name}]`, ...pictureOptions],
    target: `pipe:${3 + i}`,
  }));
}

/** What goes before the first of them: all come out of one graph of filters. */
function graphOptions(request: PictureRequest, live: boolean): string[] {
  const parts = partsOf(request.pixelFormat);
  const cuts = parts.flatMap(({ name, rows }) =>
    rows === null ? [] : [`[for-${name}]crop=w=iw:h=${rows.h}:x=0:y=${rows.y}:exact=1[${name}]`],
  );
  const whole = `[0:v:0]${pictureFilters(request, live)}`;
  const split = `,split=${parts.length}${parts.map(({ name }) => `[for-${name}]`).join('')}`;
  const graph = cuts.length === 0 ? [`${whole}[${parts[0]?.name}]`] : [whole + split, ...cuts];
  return [
    // Times as they are in the stream; a file's are counted from its start.
    ...(live ? ['-copyts'] : ['-copyts', '-start_at_zero']),
    // By itself ffmpeg gives filters, and even the mere copying of a picture into a packet, a thread for each core: they hand every picture from core to
    // core, and on two cores hold back two of them, 80 ms.
    ...['-filter_complex_threads', '1', '-filter_complex', graph.join(';')],
  ];
}

const pictureOptions = [
  // Every picture once, at its own time in the stream's own time base; no scaling back to the first size.
  ...['-fps_mode', 'passthrough', '-enc_time_base', '-1', '-autoscale', '0'],
  ...['-c:v', 'rawvideo', '-f', 'nut', '-write_index', '0', '-avoid_negative_ts', 'disabled', '-threads:v', '1'],
];

/** The columns of `pixelRoi`, of pictures of whatever size come. */
function cropTo({ from, to }: Roi): string {
  const left = `floor(iw*${from}/${ROI_STEP_PX})*${ROI_STEP_PX}`;
  const right = `min(iw\\,ceil(iw*${to}/${ROI_STEP_PX})*${ROI_STEP_PX})`;
  return `crop=w=${right}-${left}:h=ih:x=${left}:y=0:exact=1`;
}

/** Layouts whose luma is a plane of 8 bits; ffmpeg converts others (10 bits, RGB) to the nearest of them. */
const lumaFormats = 'yuv420p|yuvj420p|yuv422p|yuvj422p|yuv444p|yuvj444p|yuv440p|yuvj440p|gray';

function pictureFilters({ pixelFormat, maxFps, maxWidth, roi }: PictureRequest, live: boolean): string {
  const filters: string[] = [];
  // NUT has no times before zero; a camera's clock may begin a moment before it.
  if (live) filters.push('select=gte(t\\,0)');
  if (maxFps) {
    // Half a picture's worth of grace, so that 5 of 25 pictures a second are every fifth one in spite of jitter.
    const leastS = (1 / maxFps) * 0.9;
    filters.push(`select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${leastS.toFixed(4)})`);
  }
  if (maxWidth) filters.push(`scale=min(iw\\,${Math.floor(maxWidth)}):-2`);
  if (roi) filters.push(cropTo(roi));
  filters.push(pixelFormat === 'gray' ? `format=${lumaFormats},extractplanes=y` : 'format=yuv420p|yuvj420p');
  return filters.join(',');
}
