import { existsSync, readdirSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { AgentError } from '../../platform/errors.js';
import { checkFolder, checkWritable } from '../shared/output-files.js';
import { formatBytes } from '../shared/words.js';

/** Where the results of an analysis go; `null` where they are not asked for. */
export interface AnalysisOutputs {
  readonly events: string | null;
  readonly figures: string | null;
  readonly folder: string | null;
  readonly overlay: string | null;
}

/**
 * Where the overlay of a video goes: beside its evidence, or into the working directory under the video's name.
 *
 * @example overlayPath('/videos/tower.mp4', null, '/home/me') // '/home/me/tower.overlay.mp4'
 */
export function overlayPath(video: string, folder: string | null, cwd: string): string {
  return folder === null ? join(cwd, `${basename(video, extname(video))}.overlay.mp4`) : join(folder, 'overlay.mp4');
}

/**
 * Says before the work, not after it, that its result would have no place.
 *
 * @throws {AgentError} FILE_INVALID or DISK_FULL.
 */
export function checkOutputs(video: string, { events, figures, folder, overlay }: AnalysisOutputs): void {
  const checkFiles = (): void => {
    if (events !== null) checkWritable(events);
    if (figures !== null) checkWritable(figures);
    // A video that is not there is the analysis's to complain of.
    if (overlay !== null && existsSync(video)) checkOverlay(video, overlay);
  };
  if (folder === null) checkFiles();
  else checkFolder(folder, checkFiles);
}

function checkOverlay(video: string, overlay: string): void {
  if (existsSync(overlay) && realpathSync(overlay) === realpathSync(video)) {
    throw new AgentError('FILE_INVALID', `${overlay} is the video itself; choose another folder with --out`);
  }
  checkWritable(overlay);
  // It is seldom smaller than the video: the same pictures, with lines and letters that cost more than what they cover.
  const neededBytes = statSync(video).size;
  const { bavail, bsize } = statfsSync(dirname(overlay));
  if (bavail * bsize >= neededBytes) return;
  const free = `${formatBytes(bavail * bsize)} are free`;
  throw new AgentError('DISK_FULL', `${overlay} needs some ${formatBytes(neededBytes)}, and ${free}; free some, or choose another folder`);
}

/**
 * How many events lie in a folder of results that are none of this analysis's: what was found before a zone was moved or a rule was changed looks just as
 * what was found now.
 */
export function foundEarlier(folder: string, ids: ReadonlySet<string>): number {
  const days = readdirSync(folder).filter((name) => /^\d{4}-\d\d-\d\d$/.test(name));
  const events = days.flatMap((day) => readdirSync(join(folder, day)).filter((name) => /^[0-9A-Z]{26}$/.test(name)));
  return events.filter((id) => !ids.has(id)).length;
}
