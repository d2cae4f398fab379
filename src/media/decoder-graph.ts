import type { PixelFormat } from '../domain/frame.js';
import { ROI_STEP_PX, type Roi } from '../domain/roi.js';
import type { CommandOutput } from './ffmpeg.js';
import type { PipeWidth } from './frame-pipe.js';

/** Which pictures of a stream are wanted, and how. */
export interface PictureRequest {
  /** `gray` costs least: luma alone passes, its halves through pipes of their own. */
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
  /** What of the picture it is, in the words of ffmpeg's `crop`; `null`: all of it. */
  readonly area: { readonly w: string; readonly h: string; readonly y: string } | null;
  /** `nut` carries every picture's time, and copies it once more than `yuv4mpegpipe`, which carries none. */
  readonly container: 'nut' | 'yuv4mpegpipe';
}

const upperRows = 'floor(ih/2)';
const upperHalf: Part = { name: 'upper', area: { w: 'iw', h: upperRows, y: '0' }, container: 'yuv4mpegpipe' };
const lowerHalf: Part = { name: 'lower', area: { w: 'iw', h: `ih-${upperRows}`, y: upperRows }, container: 'yuv4mpegpipe' };
/** A corner of each picture: it brings the time of both halves, and another size where the picture's changes by 16 pixels. */
const times: Part = { name: 'times', area: { w: 'ceil(iw/16)', h: 'ceil(ih/16)', y: '0' }, container: 'nut' };
const whole: Part = { name: 'whole', area: null, container: 'nut' };

/**
 * Luma goes through two pipes, since a pipe holds no more than half a picture of 1080p: ffmpeg is rid of a picture at once, and neither waits for the other. Its times
 * go through a third. Colours lie in planes of their own, and go through one pipe with their times.
 */
function partsOf(pixelFormat: PixelFormat): readonly Part[] {
  return pixelFormat === 'gray' ? [upperHalf, lowerHalf, times] : [whole];
}

/** The pipes that pictures come through. */
export function pipesOf(pixelFormat: PixelFormat): readonly PipeWidth[] {
  return partsOf(pixelFormat).map((part) => (part === times ? 'narrow' : 'wide'));
}

/** How ffmpeg announces the first of its outputs of pictures, before it tells their size; of luma that of the upper half. */
export function announcementOf(pixelFormat: PixelFormat): string {
  return `Output #0, ${partsOf(pixelFormat)[0]?.container},`;
}

/**
 * ffmpeg's outputs of pictures into descriptors from 3 on: of luma the upper half, the lower one and the times. They come before any other output.
 *
 * @param live whether times are a camera's, or counted from a file's start.
 */
export function pictureOutputs(request: PictureRequest, live: boolean): CommandOutput[] {
  return partsOf(request.pixelFormat).map((part, i) => ({
    options: [...(i === 0 ? graphOptions(request, live) : []), '-map', `[${part.name}]`, ...containerOptions(part)],
    target: `pipe:${3 + i}`,
  }));
}

/** What goes before the first of them: all come out of one graph of filters. */
function graphOptions(request: PictureRequest, live: boolean): string[] {
  const parts = partsOf(request.pixelFormat);
  const cuts = parts.flatMap(({ name, area }) =>
    // Each part's luma is copied when the part is written: it is still in the processor's cache then.
    area === null ? [] : [`[for-${name}]crop=w=${area.w}:h=${area.h}:x=0:y=${area.y}:exact=1,extractplanes=y[${name}]`],
  );
  const picture = `[0:v:0]${pictureFilters(request)}`;
  const split = `,split=${parts.length}${parts.map(({ name }) => `[for-${name}]`).join('')}`;
  const graph = cuts.length === 0 ? [`${picture}[${whole.name}]`] : [picture + split, ...cuts];
  return [
    // Times as they are in the stream; a file's are counted from its start.
    ...(live ? ['-copyts'] : ['-copyts', '-start_at_zero']),
    // By itself ffmpeg gives filters, and even the mere copying of a picture into a packet, a thread for each core: they hand every picture from core to
    // core, and on two cores hold back two of them, 80 ms.
    ...['-filter_complex_threads', '1', '-filter_complex', graph.join(';')],
  ];
}

function containerOptions({ container }: Part): string[] {
  return [
    // Every picture once, at its own time in the stream's own time base.
    ...['-fps_mode', 'passthrough', '-enc_time_base', '-1', '-avoid_negative_ts', 'disabled', '-threads:v', '1'],
    ...(container === 'nut'
      ? // A picture of another size stays one, and is told by it.
        // The input's own words would come along in the header.
        ['-autoscale', '0', '-map_metadata', '-1', '-map_chapters', '-1', '-c:v', 'rawvideo', '-f', 'nut', '-write_index', '0']
      : // Scaled back to the first size instead: this container writes as many bytes as the first picture had, come what may.
        ['-autoscale', '1', '-c:v', 'wrapped_avframe', '-f', 'yuv4mpegpipe']),
  ];
}

/** The columns of `pixelRoi`, of pictures of whatever size come. */
function cropTo({ from, to }: Roi): string {
  const left = `floor(iw*${from}/${ROI_STEP_PX})*${ROI_STEP_PX}`;
  const right = `min(iw\\,ceil(iw*${to}/${ROI_STEP_PX})*${ROI_STEP_PX})`;
  return `crop=w=${right}-${left}:h=ih:x=${left}:y=0:exact=1`;
}

/** Layouts whose luma is a plane of 8 bits; ffmpeg converts others (10 bits, RGB) to the nearest of them. */
const lumaFormats = 'yuv420p|yuvj420p|yuv422p|yuvj422p|yuv444p|yuvj444p|yuv440p|yuvj440p|gray';

function pictureFilters({ pixelFormat, maxFps, maxWidth, roi }: PictureRequest): string {
  // NUT has no times before zero, and a camera's clock may begin a moment before it: the pipe of the times would end, the others not.
  const filters: string[] = ['select=gte(t\\,0)'];
  if (maxFps) {
    // Half a picture's worth of grace, so that 5 of 25 pictures a second are every fifth one in spite of jitter.
    const leastS = (1 / maxFps) * 0.9;
    filters.push(`select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${leastS.toFixed(4)})`);
  }
  if (maxWidth) filters.push(`scale=min(iw\\,${Math.floor(maxWidth)}):-2`);
  if (roi) filters.push(cropTo(roi));
  filters.push(`format=${pixelFormat === 'gray' ? lumaFormats : 'yuv420p|yuvj420p'}`);
  return filters.join(',');
}
