import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Runs ffmpeg with these arguments; for making the clips that tests read.
 *
 * @example await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=25:d=2', '-c:v', 'libx264', path)
 */
export async function ffmpeg(...args: readonly string[]): Promise<void> {
  await run('ffmpeg', ['-nostdin', '-hide_banner', '-v', 'error', '-y', '-threads', '1', ...args]);
}

/** What ffprobe says, as rows of comma-separated fields. */
export async function ffprobeRows(path: string, ...args: readonly string[]): Promise<string[][]> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'csv=p=0', ...args, path], { maxBuffer: 1 << 26 });
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(','));
}

/** Times of all pictures as ffprobe decodes them, seconds, in order. */
export async function pictureTimes(path: string): Promise<number[]> {
  const rows = await ffprobeRows(path, '-select_streams', 'v:0', '-show_entries', 'frame=best_effort_timestamp_time');
  return rows.map((row) => Number(row[0]));
}
