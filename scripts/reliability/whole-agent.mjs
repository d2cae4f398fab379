import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startMosquitto } from '../../dist/testing/mosquitto.js';
import { end, repeatVideo, run, startCamera, startProgram } from '../measure/rig.mjs';
import { until } from './rig.mjs';

/** Longer than any fault's runs, seconds. */
const STREAM_S = 3_600;

/**
 * A small scene in motion with a keyframe every second, an hour long.
 *
 * @param {string} work
 * @param {string} size such as `320x240`
 */
export function makeStream(work, size) {
  const turn = join(work, `turn-${size}.mp4`);
  const path = join(work, `stream-${size}.mp4`);
  const scene = `-f lavfi -i testsrc2=s=${size}:r=10:d=10 -c:v libx264 -preset ultrafast -bf 0 -g 10 -pix_fmt yuv420p`.split(' ');
  run('ffmpeg', ['-v', 'error', '-y', ...scene, turn]);
  repeatVideo(turn, STREAM_S, path);
  return path;
}

/** The same, whose pictures change their size once, in the running stream. */
export function makeChangingStream(work, before, beforeS, after) {
  const raw = join(work, 'changing.h264');
  const path = join(work, 'changing.mp4');
  const parts = [
    [before, beforeS],
    [after, 60],
  ].map(([size, seconds], i) => {
    const part = join(work, `part-${i}.h264`);
    const scene = `-f lavfi -i testsrc2=s=${size}:r=10:d=${seconds} -c:v libx264 -preset ultrafast -bf 0 -g 10 -pix_fmt yuv420p`.split(' ');
    run('ffmpeg', ['-v', 'error', '-y', ...scene, part]);
    return readFileSync(part);
  });
  writeFileSync(raw, Buffer.concat(parts));
  run('ffmpeg', ['-v', 'error', '-y', '-f', 'h264', '-framerate', '10', '-i', raw, '-c', 'copy', path]);
  return path;
}

/**
 * `parapet run` as it is installed, with these cameras and a broker, to be broken.
 *
 * @param {string} work
 * @param {Readonly<Record<string, string | { source: { url: string } }>>} cameras by id: URLs, or what the config says of them
 * @param {{ inference?: object }} options more of the config
 */
export async function createWholeAgent(work, cameras, { env = {}, dataDir, inference = {} } = {}) {
  mkdirSync(work, { recursive: true });
  const folder = mkdtempSync(join(work, 'agent-'));
  const broker = await startMosquitto();
  const port = await freePort();
  const config = {
    ...{ site: 'estate', agent: 'box', data_dir: dataDir ?? join(folder, 'data'), console: { port } },
    mqtt: { url: broker.url, commands: { allow: ['ping', 'status', 'snapshot'] } },
    inference,
    cameras: Object.entries(cameras).map(([id, camera]) => {
      const more = typeof camera === 'string' ? { source: { url: camera } } : camera;
      return { id, evidence: { ring: '50 MB' }, ...more };
    }),
  };
  // JSON is YAML.
  const path = join(folder, 'parapet.yaml');
  writeFileSync(path, JSON.stringify(config, null, 1), { mode: 0o600 });
  const args = ['run', '-c', path, '--log-level', 'info'];
  let child = null;
  const agent = {
    folder,
    broker,
    port,
    args,
    pid: () => child.pid,
    log: () => readFileSync(join(folder, 'log'), 'utf8'),
    start() {
      child = startProgram(args, join(folder, 'log'), env);
    },
    signal: (signal) => void child.kill(signal),
    end: (signal) => end(child, signal),
    running: () => child !== null && child.exitCode === null && child.signalCode === null,
    health: () => ask(port, '/healthz', (response) => response.json()),
    /** Values of the figures that begin with a name, by what stands between the braces. */
    async figures(name) {
      const text = (await ask(port, '/metrics', (response) => response.text())) ?? '';
      return new Map(
        [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))].map(([, labels, value]) => [labels ?? '', Number(value)]),
      );
    },
    /** Pictures of a camera since the start. */
    frames: async (id) => (await agent.figures('parapet_frames_total')).get(`camera="${id}"`) ?? 0,
    /** Connections of a camera made anew, by reason. */
    async restarts(id) {
      const found = [...(await agent.figures('parapet_restarts_total'))].map(([labels, value]) => [
        /camera="(.*?)",reason="(.*?)"/.exec(labels),
        value,
      ]);
      return Object.fromEntries(found.filter(([match]) => match?.[1] === id).map(([match, value]) => [match[2], value]));
    },
    async online(ids = Object.keys(cameras), timeoutMs = 60_000) {
      const isOnline = (health) => health !== null && ids.every((id) => health.cameras[id]?.state === 'online');
      await until(`${ids.join(', ')} are online`, async () => isOnline(await agent.health()), timeoutMs, 250);
    },
    async dispose(keep = false) {
      await end(child, 'SIGKILL');
      await broker[Symbol.asyncDispose]();
      if (keep) return;
      // The ffmpeg of an agent that was killed ends a moment later, and may write meanwhile.
      await until('its folder is left alone', () => removed(folder), 60_000, 250);
    },
  };
  return agent;
}

function removed(folder) {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch (error) {
    if (error.code !== 'ENOTEMPTY') throw error;
    return false;
  }
}

/** `null` while nobody answers. */
async function ask(port, path, read) {
  try {
    return await read(await fetch(`http://127.0.0.1:${port}${path}`));
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

export { startCamera };
