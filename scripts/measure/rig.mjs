import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The real parts that measurements are made with: the built program, ffmpeg, GStreamer's RTSP server. */

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const program = join(root, 'dist/main.js');

/** Where scenes and runs are kept unless `--work` says otherwise. */
export const defaultWork = join(tmpdir(), 'parapet-measure');

/**
 * Five clear throws, one every half minute, each from a place of its own: three falls from one place within ten minutes are taken
 * for a drip (src/rules/thrown-object/origin-memory.ts).
 */
const towerThrows = [
  { atS: 8, object: 'large_bottle', floor: 12, unit: 1, across: 0.35, riseM: 1.3, velocity: [1.2, 1.2, 2.5] },
  { atS: 38, object: 'large_bottle', floor: 9, unit: 3, across: 0.4, riseM: 1.2, velocity: [-0.8, 1, 2.2] },
  { atS: 68, object: 'full_bottle', floor: 13, unit: 0, across: 0.5, riseM: 1.1, velocity: [0.6, 0.5, 2.8] },
  { atS: 98, object: 'large_bottle', floor: 10, unit: 2, across: 0.6, riseM: 1.4, velocity: [-1.5, 1.5, 3] },
  { atS: 128, object: 'full_bottle', floor: 11, unit: 1, across: 0.8, riseM: 1.2, velocity: [0.3, 0.8, 2] },
].map((one) => ({ ...one, reflects: false, albedo: 0.85 }));

/**
 * The demo's tower as a 1080p25 camera shows it at 4 Mbit/s, two and a half minutes. Rendered once, which takes about as long.
 *
 * @param {string} work
 */
export function renderTower(work) {
  const folder = join(work, 'tower-1080p25');
  if (!existsSync(join(folder, 'truth.json'))) {
    const render = join(root, 'scripts/scenes/render.mjs');
    const look = ['--scene', 'demo', '--seed', '1', '--size', '1920x1080', '--bitrate', '4M', '--duration', '150'];
    run(process.execPath, [render, ...look, '--set', `throws=${JSON.stringify(towerThrows)}`, '--out', folder, '--quiet']);
  }
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
  return { video: join(folder, 'video.mp4'), config: join(folder, 'parapet.yaml'), truth };
}

/**
 * The same pictures again and again up to a length, copied, with a clock that goes on.
 *
 * @param {string} video
 * @param {number} lengthS
 * @param {string} path of the MP4 to write
 */
export function repeatVideo(video, lengthS, path) {
  run('ffmpeg', `-v error -y -stream_loop -1 -t ${lengthS} -i`.split(' ').concat(video, '-an', '-c', 'copy', path));
}

/**
 * GStreamer's RTSP server, on a free port that it keeps when it is started again.
 *
 * @param {string} path MP4 file, H.264
 */
export async function startCamera(path) {
  let port = 0;
  let child = null;
  const camera = {
    url: () => `rtsp://127.0.0.1:${port}/stream`,
    async start() {
      child = spawn('/usr/bin/python3', [join(root, 'src/testing/rtsp-server.py'), path, 'h264', String(port)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const line of createInterface({ input: child.stdout })) {
        port = Number(/^port (\d+)$/.exec(line)?.[1]);
        if (port > 0) return;
      }
      throw new Error('the RTSP server did not start; src/testing/README.md says what to install');
    },
    /** Of the running server: what it costs is no cost of the agent's. */
    pid: () => child.pid,
    /** SIGKILL: connections break. */
    kill: () => end(child, 'SIGKILL'),
  };
  await camera.start();
  return camera;
}

/**
 * Starts `parapet` as a process of its own.
 *
 * @param {readonly string[]} args
 * @param {string} logPath what it says on standard error and output is added there
 * @param {NodeJS.ProcessEnv} env beside this process's own
 */
export function startProgram(args, logPath, env = {}) {
  mkdirSync(dirname(logPath), { recursive: true });
  const log = openSync(logPath, 'a');
  // As it is installed: by its own first line, which also bounds the C library's heaps.
  const child = spawn(program, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  closeSync(log);
  return child;
}

/** Ends a child and waits for it. @param {import('node:child_process').ChildProcess | null} child @param {NodeJS.Signals} signal */
export async function end(child, signal) {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return code;
}

/** The agent's own word about itself; `null` while it does not answer. @param {number} port */
export async function askHealth(port) {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
  return response === null ? null : await response.json();
}

/** Asks four times a second until the answer is true. @throws when it never is. */
export async function until(what, ask, timeoutMs = 60_000) {
  const endMs = performance.now() + timeoutMs;
  while (!(await ask())) {
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}`);
    await delay(250);
  }
}

/** Runs a program to its end and returns what it printed. @throws when it fails. */
export function run(command, args, options = {}) {
  return runToEnd(command, args, options).stdout;
}

/** The same, with what it said on standard error. */
export function runToEnd(command, args, options = {}) {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 29, ...options });
  if (error) throw new Error(`${command} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.trim().split('\n').at(-1)}`);
  return { stdout, stderr };
}

/** @param {string} video @returns {{width: number, height: number, fps: number, durationS: number}} */
export function describeVideo(video) {
  const fields = 'stream=width,height,avg_frame_rate:format=duration';
  const asked = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', fields, '-of', 'json', video];
  const { streams, format } = JSON.parse(run('ffprobe', asked));
  const [above, below] = streams[0].avg_frame_rate.split('/').map(Number);
  return { width: streams[0].width, height: streams[0].height, fps: above / below, durationS: Number(format.duration) };
}
