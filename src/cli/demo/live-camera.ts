import { Writable } from 'node:stream';
import { startFfmpeg } from '../../media/ffmpeg.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { splitAccessUnits } from './annex-b.js';
import { type RtspServer, startRtspServer } from './rtsp-server.js';

/**
 * Serves an H.264 file without B-frames as a live camera, in a loop.
 *
 * @param fps pictures a second of the file.
 * @throws {AgentError} MEDIA_FAILED when the file holds no H.264 video.
 */
export async function startLiveCamera(file: string, fps: number, clock: Clock, logger: Logger): Promise<RtspServer> {
  const chunks: Buffer[] = [];
  const target = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await using process = startFfmpeg({
    inputs: [{ options: ['-protocol_whitelist', 'file'], source: `file:${file}` }],
    outputs: [{ options: ['-map', '0:v:0', '-c:v', 'copy', '-bsf:v', 'h264_mp4toannexb', '-f', 'h264'], target }],
  });
  const exit = await process.exited;
  if (exit.reason !== 'finished') {
    throw new AgentError('MEDIA_FAILED', `${file} cannot be served as a camera: ${exit.complaints.at(-1) ?? 'ffmpeg failed'}`);
  }
  return await startRtspServer({ pictures: splitAccessUnits(Buffer.concat(chunks)), fps }, clock, logger);
}
