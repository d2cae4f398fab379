import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Clock ticks a second of /proc: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/** CPU of all children of this process that have ended, with their descendants that they waited for, milliseconds. Linux only. */
export function childrenCpuMs() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The name before the last bracket may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_PER_S;
}

/**
 * Runs a command to its end.
 *
 * @param {readonly string[]} command
 * @returns {{cpuMs: number, tookMs: number, stdout: string, stderr: string}} `cpuMs`: user and system of its whole process tree
 * @throws when it fails.
 */
export function runTimed(command, options = {}) {
  const before = childrenCpuMs();
  const startedMs = performance.now();
  const result = spawnSync(command[0], command.slice(1), { encoding: 'utf8', maxBuffer: 1 << 29, ...options });
  if (result.error) throw new Error(`${command[0]} cannot be started: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`${command[0]} ended with ${result.status}: ${result.stderr.trim().split('\n').at(-1)}`);
  return { cpuMs: childrenCpuMs() - before, tookMs: performance.now() - startedMs, stdout: result.stdout, stderr: result.stderr };
}

/** Debian's interpreter: the one that python3-opencv belongs to. */
export const python = '/usr/bin/python3';

/** @throws when OpenCV is not there, saying what to install. */
export function needOpencv() {
  const { status } = spawnSync(python, ['-c', 'import cv2, numpy']);
  if (status !== 0) throw new Error('OpenCV for Python is not installed: apt-get install --no-install-recommends python3-opencv');
}

/** @param {string} video @returns {{width: number, height: number, fps: number, durationS: number}} */
export function describeVideo(video) {
  const fields = 'stream=width,height,avg_frame_rate:format=duration';
  const { stdout } = runTimed(['ffprobe', '-v', 'error', '-select_streams', 'v:0', '-show_entries', fields, '-of', 'json', video]);
  const { streams, format } = JSON.parse(stdout);
  const [above, below] = streams[0].avg_frame_rate.split('/').map(Number);
  return { width: streams[0].width, height: streams[0].height, fps: above / below, durationS: Number(format.duration) };
}
