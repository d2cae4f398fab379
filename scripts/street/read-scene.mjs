// Reads a video as a street camera's stages do: a few small pictures a second, in colour.
import { execFileSync, spawn } from 'node:child_process';

/**
 * Pictures of a video, scaled to at most `width` pixels across; the decoder's rotation is applied.
 *
 * @returns {AsyncGenerator<{picture: {width: number, height: number, luma: Uint8Array, cb: Uint8Array, cr: Uint8Array}, ptsMs: number}>}
 */
export async function* readScene(video, { fps = 5, width = 640 } = {}) {
  const [w, h] = sizeOf(video, width);
  const args = [
    '-nostdin',
    '-v',
    'error',
    '-threads',
    '1',
    '-i',
    video,
    '-an',
    '-vf',
    `fps=${fps},scale=${w}:${h}:flags=area,format=yuv420p`,
  ];
  const ffmpeg = spawn('ffmpeg', [...args, '-f', 'rawvideo', '-'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chroma = ((w + 1) >> 1) * ((h + 1) >> 1);
  const size = w * h + 2 * chroma;
  let pending = Buffer.alloc(0);
  let n = 0;
  for await (const chunk of ffmpeg.stdout) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= size) {
      const bytes = new Uint8Array(pending.subarray(0, size));
      pending = pending.subarray(size);
      const picture = {
        width: w,
        height: h,
        luma: bytes.subarray(0, w * h),
        cb: bytes.subarray(w * h, w * h + chroma),
        cr: bytes.subarray(w * h + chroma),
      };
      yield { picture, ptsMs: (1000 * n++) / fps };
    }
  }
}

/** Size of the small pictures: as the video is displayed, no wider than `width`, even. */
function sizeOf(video, width) {
  const entries = 'stream=width,height:stream_side_data=rotation';
  const out = execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', video], {
    encoding: 'utf8',
  });
  const [stream] = JSON.parse(out).streams;
  const turned = (stream.side_data_list ?? []).some((side) => Math.abs(side.rotation ?? 0) % 180 === 90);
  const [w, h] = turned ? [stream.height, stream.width] : [stream.width, stream.height];
  const scale = Math.min(1, width / w);
  return [2 * Math.round((w * scale) / 2), 2 * Math.round((h * scale) / 2)];
}
