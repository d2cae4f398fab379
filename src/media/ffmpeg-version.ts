import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AgentError, errorMessage } from '../platform/errors.js';
import { findProgram, type MediaProgram } from './ffmpeg-command.js';

/** `-fps_mode` and `-readrate`, which the decoder uses, came with this version. */
const leastVersion = [5, 1] as const;
const TIMEOUT_MS = 10_000;

/**
 * The version of an installed program, as it names itself. (Run directly: fluent-ffmpeg has no call for it.)
 *
 * @throws {AgentError} FFMPEG_MISSING when it is absent, does not run, or is too old.
 * @example await ffmpegVersion('ffmpeg') // '5.1.9-0+deb12u1'
 */
export async function ffmpegVersion(program: MediaProgram): Promise<string> {
  const path = findProgram(program);
  const { stdout } = await promisify(execFile)(path, ['-version'], { timeout: TIMEOUT_MS }).catch((error: unknown) => {
    throw new AgentError('FFMPEG_MISSING', `${path} does not run (${errorMessage(error)}); install ffmpeg anew`, { cause: error });
  });
  const version = /^\w+ version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
  // Builds from git carry no number ("N-109468-g…"): they are newer than any release that would be too old.
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major !== undefined && (Number(major) < leastVersion[0] || (Number(major) === leastVersion[0] && Number(minor) < leastVersion[1]))) {
    throw new AgentError('FFMPEG_MISSING', `${path} is version ${version}; Parapet needs ${leastVersion.join('.')} or later`);
  }
  return version;
}
