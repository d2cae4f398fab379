import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ffmpeg } from './clips.js';

/** A real RTSP server (GStreamer's), to be killed, frozen and started again on the same port. */
export interface RtspServer extends AsyncDisposable {
  readonly port: number;
  /** `rtsp://127.0.0.1:<port>/stream`, without credentials. */
  readonly url: string;
  start(): Promise<void>;
  /** Another MP4 file, for whoever connects after the next start. */
  show(path: string): Promise<void>;
  /** SIGKILL: connections break. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing comes. */
  freeze(): void;
  /** SIGCONT */
  thaw(): void;
}

export interface RtspServerOptions {
  /** MP4 file. It is repeated up to `lengthS`, by copying: its clock goes on and a keyframe begins each turn. */
  readonly path: string;
  readonly codec?: 'h264' | 'h265';
  /** How much stream there is for each viewer, seconds; 60 unless told otherwise. */
  readonly lengthS?: number;
  readonly credentials?: { readonly username: string; readonly password: string; readonly method?: 'basic' | 'digest' };
}

/** Debian's Python has GStreamer's bindings; another one that comes first in PATH has not. */
const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('./rtsp-server.py', import.meta.url));
const packages = 'python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad';

/** Whether the server can run here. Without it, tests say loudly what to install, and fail in CI. */
export function rtspServerInstalled(): boolean {
  const probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
  if (spawnSync(python, ['-c', probe]).status === 0) return true;
  const message = `GStreamer's RTSP server is not installed: apt-get install ${packages}`;
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}\n\n`);
  return false;
}

/** Starts the server on a free port of this machine. */
export async function startRtspServer(options: RtspServerOptions): Promise<RtspServer> {
  const folder = await mkdtemp(join(tmpdir(), 'parapet-rtsp-'));
  const path = join(folder, 'stream.mp4');
  const show = (from: string): Promise<void> =>
    ffmpeg('-stream_loop', '-1', '-t', String(options.lengthS ?? 60), '-i', from, '-an', '-c', 'copy', path);
  await show(options.path);
  const { username, password, method } = options.credentials ?? {};
  const auth = username === undefined || password === undefined ? [] : [username, password, method ?? 'digest'];
  let child: ChildProcess | null = null;
  let port = 0;

  async function start(): Promise<void> {
    child = spawn(python, [script, path, options.codec ?? 'h264', String(port), ...auth], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout === null) throw new TypeError('the server has no standard output');
    for await (const line of createInterface({ input: child.stdout })) {
      port = Number(/^port (\d+)$/.exec(line)?.[1]);
      if (port > 0) return;
    }
    throw new Error('the RTSP server did not start');
  }
  async function kill(): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  await start();
  return {
    port,
    url: `rtsp://127.0.0.1:${port}/stream`,
    start,
    show,
    kill,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
