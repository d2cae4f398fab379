import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readTree } from '../measure/process-tree.mjs';

/** Debian's `motion`, which reads a file as a network camera at the file's own pace, and begins anew at its end. */

/** Whether it is installed: `apt-get install --no-install-recommends motion`. */
export const hasMotion = () => spawnSync('motion', ['-h'], { encoding: 'utf8' }).stdout?.includes('Version') ?? false;

/**
 * Shows it a video once.
 *
 * @param {{video: string, width: number, height: number, fps: number, thresholdPx: number, folder: string}} p `thresholdPx`: how many
 *   pixels must change; 1500 is what it comes with
 * @returns {Promise<{spans: [number, number][], cpuMs: number, tookS: number}>} `spans`: begin and end of its events, seconds of the video
 */
export async function runMotion({ video, width, height, fps, thresholdPx, folder }) {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'motion.conf');
  const settings = {
    ...{ daemon: 'off', setup_mode: 'off', webcontrol_port: 0, target_dir: folder, netcam_url: `file://${video}`, width, height },
    // Detection alone: nothing is drawn, encoded or kept. An event ends after a second without movement.
    ...{ framerate: Math.ceil(fps), picture_output: 'off', movie_output: 'off', text_right: '', event_gap: 1, threshold: thresholdPx },
    // A single fall is fewer pixels than what these filters take for noise.
    ...(thresholdPx < 100 ? { despeckle_filter: '', minimum_motion_frames: 2 } : {}),
  };
  const lines = Object.entries(settings).filter(([, value]) => value !== '');
  writeFileSync(config, lines.map(([key, value]) => `${key} ${value}\n`).join(''));
  const child = spawn('motion', ['-n', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  const spans = [];
  let beganMs = Number.NaN;
  let begin = null;
  let open = null;
  let end = null;
  for await (const line of createInterface({ input: child.stderr })) {
    const atS = (performance.now() - beganMs) / 1000;
    if (line.includes('connected') && begin === null) {
      beganMs = performance.now();
      begin = readTree(child.pid);
    } else if (line.includes('starting event')) open = atS;
    else if (line.includes('End of event') && open !== null) {
      spans.push([open, atS]);
      open = null;
    } else if (line.includes('Reconnecting')) {
      end = readTree(child.pid);
      if (open !== null) spans.push([open, atS]);
      child.kill('SIGKILL');
      break;
    }
  }
  await exited;
  if (begin === null || end === null) throw new Error(`motion did not read ${video} to its end`);
  return { spans, cpuMs: (end.cpuS - begin.cpuS) * 1000, tookS: (performance.now() - beganMs) / 1000 };
}
