import { spawn } from 'node:child_process';

/** Pictures handed to the encoder and not yet taken: enough that both keep busy. */
const PICTURES_UNDER_WAY = 3;

/**
 * Encodes frames as a surveillance camera would: no B-frames, a keyframe every `gop` frames, a bitrate with little room.
 *
 * @param {{width: number, height: number, fps: number, codec: string, bitrate: string, gop: number, preset: string,
 *   dropped: readonly number[], rotated: boolean, path: string}} p `dropped`: numbers of frames that are taken out, leaving a gap
 *   in time; `rotated`: the picture is turned by 90°, which exchanges width and height
 * @returns {{write: (frame: Uint8Array) => Promise<void>, finish: () => Promise<void>}}
 */
export function createEncoder(p) {
  const libraries = { h264: 'libx264', h265: 'libx265' };
  const library = libraries[p.codec];
  if (library === undefined) throw new RangeError(`unknown codec '${p.codec}'; known: ${Object.keys(libraries).join(', ')}`);
  const bufferKbit = Math.round(parseBits(p.bitrate) / 1000);
  const tuning =
    library === 'libx264'
      ? ['-x264-params', `threads=1:bframes=0:rc-lookahead=0:scenecut=0:keyint=${p.gop}:min-keyint=${p.gop}`]
      : [
          '-x265-params',
          `log-level=error:pools=1:frame-threads=1:bframes=0:rc-lookahead=2:scenecut=0:keyint=${p.gop}:min-keyint=${p.gop}`,
          '-tag:v',
          'hvc1',
        ];
  const filters = [...(p.dropped.length === 0 ? [] : [`select='${selectAllBut(p.dropped)}'`]), ...(p.rotated ? ['transpose=clock'] : [])];
  const select = filters.length === 0 ? [] : ['-vf', filters.join(',')];
  const args = [
    '-hide_banner -nostdin -loglevel error -y -f rawvideo -pix_fmt yuv420p -color_range tv'.split(' '),
    ['-s', `${p.width}x${p.height}`, '-r', String(p.fps), '-i', 'pipe:0', ...select, '-fps_mode', 'passthrough'],
    ['-c:v', library, '-preset', p.preset, ...tuning, '-g', String(p.gop), '-b:v', p.bitrate, '-maxrate', p.bitrate],
    ['-bufsize', `${bufferKbit}k`, '-color_range', 'tv', '-colorspace', 'bt709', '-movflags', '+faststart', p.path],
  ].flat();
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(-2000);
  });
  let failure = null;
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      failure = new Error(`ffmpeg cannot be started (${error.message}); install it: apt-get install ffmpeg`);
      resolve(undefined);
    });
    child.on('close', (code) => {
      if (code !== 0 && failure === null) failure = new Error(`ffmpeg ended with ${code}: ${complaint.trim()}`);
      resolve(undefined);
    });
  });
  child.stdin.on('error', () => child.stdin.destroy()); // the reason arrives with `close`

  const free = Array.from({ length: PICTURES_UNDER_WAY }, () => Buffer.alloc((p.width * p.height * 3) / 2));
  const waiting = [];

  return {
    async write(frame) {
      // The caller reuses its buffer: the pipe gets a copy, in a buffer that an earlier picture has left.
      while (free.length === 0 && failure === null) await Promise.race([new Promise((resolve) => waiting.push(resolve)), ended]);
      if (failure !== null) throw failure;
      const copy = free.pop();
      copy.set(frame);
      child.stdin.write(copy, () => {
        free.push(copy);
        waiting.shift()?.();
      });
    },
    async finish() {
      child.stdin.end();
      await ended;
      if (failure !== null) throw failure;
    },
  };
}

/** An ffmpeg expression that is 0 for these frames; runs of neighbours share a term. */
function selectAllBut(frames) {
  const runs = [];
  for (const n of frames) {
    const run = runs[runs.length - 1];
    if (run !== undefined && run[1] === n - 1) run[1] = n;
    else runs.push([n, n]);
  }
  return `not(${runs.map(([a, b]) => `between(n\\,${a}\\,${b})`).join('+')})`;
}

function parseBits(text) {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text);
  if (match === null) throw new RangeError(`bitrate '${text}' is not a number with k or M, such as 4M`);
  return Number(match[1]) * { '': 1, k: 1e3, M: 1e6 }[match[2]];
}
