import type { Command } from 'commander';
import type { MediaInfo } from '../media/probe.js';
import { redactUrls } from '../platform/redact.js';
import { type CommandContext, type CommonOptions, createCommand, numberBetween } from './context.js';
import { mediaInput } from './shared/media-input.js';
import { judgeStream } from './shared/suitability.js';
import { formatStreamTime } from './shared/words.js';

interface ProbeFlags extends CommonOptions {
  readonly json?: true;
  readonly udp?: true;
  readonly timeout: number;
}

/** `parapet probe`: what a stream is and what it can be used for. */
export function createProbeCommand(context: CommandContext): Command {
  return createCommand(
    'probe <url-or-file>',
    'Says what a camera or file sends, and whether that suits each job.',
    'parapet probe rtsp://user:password@10.0.0.8/main\nparapet probe clip.mp4 --json',
  )
    .option('--json', 'print JSON')
    .option('--udp', 'ask an RTSP camera for UDP instead of TCP')
    .option('--timeout <seconds>', 'how long a camera may take to answer', numberBetween(1, 120), 10)
    .action(async (source: string, flags: ProbeFlags) => {
      const asked = { transport: flags.udp === true ? 'udp' : 'tcp', timeoutMs: flags.timeout * 1000 } as const;
      const input = mediaInput(context.cwd, source, asked);
      // Loaded here: other commands need no ffmpeg.
      const { probe } = await import('../media/probe.js');
      const info = await probe(input, { signal: context.signal, timeoutMs: (flags.timeout + MEASURING_S) * 1000 });
      const jobs = judgeStream(info);
      if (flags.json === true) context.stdout.write(`${JSON.stringify({ source: redactUrls(source), ...info, jobs }, null, 2)}\n`);
      else context.stdout.write(describe(redactUrls(source), info, jobs));
    });
}

/** What measuring takes beyond the camera's answer, seconds. */
const MEASURING_S = 15;

function describe(source: string, info: MediaInfo, jobs: ReturnType<typeof judgeStream>): string {
  const rows: readonly (readonly [string, string | null])[] = [
    ['codec', [info.codec, info.profile, info.pixelFormat].filter((part) => part !== null).join(', ')],
    ['picture', `${info.width}×${info.height}${info.rotation === 0 ? '' : `, turned by ${info.rotation}°`}`],
    ['rate', info.fps === null ? null : `${info.fps.toFixed(2)} pictures a second`],
    ['keyframes', info.keyframeIntervalS === null ? 'fewer than two seen' : `every ${info.keyframeIntervalS.toFixed(1)} s`],
    ['bit rate', info.bitRate === null ? null : `${(info.bitRate / 1e6).toFixed(1)} Mbit/s`],
    ['length', info.durationS === null ? 'live' : formatStreamTime(info.durationS)],
    ['sound', info.hasAudio ? 'yes; Parapet never records it' : 'no'],
  ];
  const lines = rows.filter(([, value]) => value !== null).map(([name, value]) => `  ${name.padEnd(14)} ${value}`);
  const verdicts = jobs.map(({ job, suits, why }) => `  ${suits ? '✓' : '✗'} ${job.padEnd(14)} ${why}`);
  return `${source}\n${lines.join('\n')}\n${verdicts.join('\n')}\n`;
}
