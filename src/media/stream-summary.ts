/** What ffmpeg says of its input when it opens it. */
export interface StreamSummary {
  /** For example `h264`, `hevc`. */
  readonly codec: string;
  readonly pixelFormat: string | null;
  /** As stored, before rotation; pixels. */
  readonly width: number;
  /** As stored, before rotation; pixels. */
  readonly height: number;
  /** Pictures a second as the stream claims; `null` when it does not say. */
  readonly fps: number | null;
  /** Length as the container claims, seconds; `null` for a live stream. */
  readonly durationS: number | null;
  /** UTC milliseconds since 1970, from the container's metadata. */
  readonly creationTimeMs: number | null;
}

/** Collects a summary from ffmpeg's lines. */
export interface SummaryReader {
  /** Takes one line of standard error. */
  take(line: string): void;
  /** `null` until the line that describes the video stream has come. */
  summary(): StreamSummary | null;
}

/**
 * Reads the description of the first input, such as
 *
 *     Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:a.mp4':
 *         creation_time   : 2022-11-08T13:52:38.000000Z
 *       Duration: 00:00:01.75, start: 0.000000, bitrate: 11060 kb/s
 *       Stream #0:0[0x1](eng): Video: h264 (High), yuv420p(tv, bt709), 1920x1080, 10802 kb/s, 60.01 fps, 60 tbr (default)
 */
export function createSummaryReader(): SummaryReader {
  let durationS: number | null = null;
  let creationTimeMs: number | null = null;
  let found: StreamSummary | null = null;
  return {
    take(line) {
      if (found !== null) return;
      const duration = /Duration: (\d+):(\d+):(\d+\.?\d*)/.exec(line);
      if (duration !== null) durationS = Number(duration[1]) * 3600 + Number(duration[2]) * 60 + Number(duration[3]);
      const created = Date.parse(/creation_time\s*: (\S+)/.exec(line)?.[1] ?? '');
      if (!Number.isNaN(created)) creationTimeMs = created;
      const stream = parseStreamLine(line);
      if (stream !== null) found = { ...stream, durationS, creationTimeMs };
    },
    summary: () => found,
  };
}

/** What a line such as `Stream #0:0: Video: …` says, of an input or an output; `null` for any other. */
export function parseStreamLine(line: string): Pick<StreamSummary, 'codec' | 'pixelFormat' | 'width' | 'height' | 'fps'> | null {
  const match = /^(?:\[[^\]]*\] )*\s*Stream #\d+:\d+.*?: Video: (\w+)(.*)$/.exec(line);
  const codec = match?.[1];
  if (match === null || codec === undefined || /\(attached pic\)/.test(line)) return null;
  const rest = match[2] ?? '';
  const size = /, (\d{1,5})x(\d{1,5})\b/.exec(rest);
  const fps = /, ([\d.]+)(k?) fps/.exec(rest);
  return {
    codec,
    pixelFormat: /, ([a-z]\w+)(?:\([^)]*\))?, \d+x\d+/.exec(rest)?.[1] ?? null,
    width: Number(size?.[1] ?? 0),
    height: Number(size?.[2] ?? 0),
    fps: fps === null ? null : Number(fps[1]) * (fps[2] === 'k' ? 1000 : 1),
  };
}
