/** What ffmpeg says of a video stream when it opens it. */
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
}

/**
 * Reads a line such as `[info]   Stream #0:0: Video: h264 (High), yuv420p(progressive), 1920x1080 [SAR 1:1], 25 fps, …`;
 * `null` for any other line.
 */
export function parseStreamLine(line: string): StreamSummary | null {
  const match = /^(?:\[[^\]]*\] )*\s*Stream #\d+:\d+.*?: Video: (\w+)(.*)$/.exec(line);
  const codec = match?.[1];
  if (match === null || codec === undefined) return null;
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
