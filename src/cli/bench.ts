import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { CameraConfig, ResolvedConfig } from '../config/index.js';
import { median } from '../core/median.js';
import { systemClock } from '../platform/clock.js';
import { AgentError } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import { type BenchReport, camerasThatFit, formatReport, type SizeReport } from './bench/report.js';
import { type BenchSize, benchSizes } from './bench/video.js';
import {
  addConfigOptions,
  type CommandContext,
  type ConfigOptions,
  createCommand,
  createCommandLogger,
  loadConfigFromFlags,
  numberBetween,
  quietLogLevel,
} from './context.js';
import { chooseCamera } from './shared/choose-camera.js';
import { checkWritable, writeResult } from './shared/output-files.js';
import { createProgress } from './shared/progress.js';
import { videoFile } from './shared/video-file.js';

interface BenchFlags extends Omit<ConfigOptions, 'camera'> {
  /** Id of a camera in the config. */
  readonly camera?: string;
  readonly sizes?: readonly BenchSize[];
  readonly seconds?: number;
  readonly pairs: number;
  readonly json?: string;
}

/** How much of a given video is measured unless asked otherwise, seconds. */
const GIVEN_S = 30;

/** One video to measure, and what looks at it. */
interface Subject {
  readonly name: string;
  readonly path: string;
  readonly camera: CameraConfig;
}

/** `parapet bench`: what a picture costs on this machine, against decoding alone. */
export function createBenchCommand(context: CommandContext): Command {
  const command = createCommand(
    'bench [video]',
    'Measures what a picture costs on this machine, stage by stage, against decoding alone; makes its own test videos. Linux only.',
    'parapet bench\nparapet bench --sizes 4k --json bench.json\nparapet bench tower.mp4 -c tower.yaml',
  );
  return addConfigOptions(command)
    .option('--camera <id>', 'whose facade, masks and rules of the config to use')
    .option('--sizes <list>', `sizes to make test videos of, any of ${Object.keys(benchSizes).join(',')} (default: all)`, parseSizes)
    .option('--seconds <n>', 'length of video to measure; of a longer one its beginning', numberBetween(1, 3600))
    .option('--pairs <n>', 'how often decoding alone and the whole are measured, in turn', numberBetween(1, 100), 3)
    .option('--json <file>', 'also write the figures there, as JSON; - is standard output, without the table')
    .action((video: string | undefined, flags: BenchFlags) => bench(context, video, flags));
}

async function bench(context: CommandContext, video: string | undefined, flags: BenchFlags): Promise<void> {
  if (video !== undefined && flags.sizes !== undefined) throw new AgentError('BAD_USAGE', 'a video has its own size; leave out --sizes');
  if (video === undefined && (flags.config ?? flags.camera) !== undefined) {
    throw new AgentError('BAD_USAGE', 'the test videos have a facade of their own; give a VIDEO beside -c and --camera');
  }
  const jsonPath = flags.json === undefined || flags.json === '-' ? null : resolve(context.cwd, flags.json);
  if (jsonPath !== null) checkWritable(jsonPath);
  const loaded = loadConfigFromFlags(context, { ...flags, camera: undefined });
  const logger = createCommandLogger(context, quietLogLevel(loaded));
  const { ffmpegVersion } = await import('../media/ffmpeg-version.js');
  const machine = {
    cores: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown processor',
    node: process.versions.node,
    ffmpeg: await ffmpegVersion('ffmpeg'),
    load: loadavg()[0] ?? 0,
  };
  const sizes: SizeReport[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'parapet-bench-'));
  try {
    const names = video === undefined ? (flags.sizes ?? (Object.keys(benchSizes) as BenchSize[])) : [video];
    for (const name of names) {
      const subject =
        video === undefined
          ? await madeSubject(context, name as BenchSize, flags)
          : await givenSubject(context, video, folder, flags, loaded.config);
      sizes.push(await measure(context, subject, flags.pairs, machine.cores, logger));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const report: BenchReport = { schema: 'parapet/bench/v1', at: new Date(systemClock.now()).toISOString(), machine, sizes };
  const json = `${JSON.stringify(report, null, 1)}\n`;
  context.stdout.write(flags.json === '-' ? json : formatReport(report));
  if (jsonPath !== null) writeResult(jsonPath, json);
}

async function madeSubject(context: CommandContext, size: BenchSize, flags: BenchFlags): Promise<Subject> {
  const { benchFacadeConfig, makeBenchVideo } = await import('./bench/video.js');
  const { cameraConfigSchema } = await import('../config/index.js');
  const say = (): void => void context.stderr.write(`making the ${size} test video; it is kept\n`);
  const path = await makeBenchVideo(size, flags.seconds ?? benchSizes[size].seconds, context.env, say, context.signal);
  const camera = cameraConfigSchema.parse({ id: `bench-${size}`, source: { url: path }, facade: benchFacadeConfig(size) });
  return { name: size, path, camera };
}

async function givenSubject(
  context: CommandContext,
  video: string,
  folder: string,
  flags: BenchFlags,
  config: Pick<ResolvedConfig, 'cameras'>,
): Promise<Subject> {
  const { probe } = await import('../media/probe.js');
  const { repeatBenchVideo } = await import('./bench/video.js');
  const whole = videoFile(context.cwd, video);
  const camera = await chooseCamera(config, whole, flags.camera);
  const { durationS } = await probe({ kind: 'file', path: whole }, { signal: context.signal });
  const path = join(folder, 'beginning.mkv');
  const seconds = flags.seconds ?? GIVEN_S;
  const isLong = durationS === null || durationS > seconds;
  if (isLong) await repeatBenchVideo({ from: whole, to: path, turns: 1, seconds }, context.signal);
  const measured = isLong ? path : whole;
  return { name: basename(video), path: measured, camera: { ...camera, source: { ...camera.source, url: measured } } };
}

async function measure(context: CommandContext, subject: Subject, pairCount: number, cores: number, logger: Logger): Promise<SizeReport> {
  // Loaded here, so that other commands start without it.
  const { runDecodeAlone, runWhole } = await import('./bench/runs.js');
  const { runEngine } = await import('./bench/stages.js');
  const { probe } = await import('../media/probe.js');
  const { name, path, camera } = subject;
  const { signal } = context;
  const progress = createProgress(context.stderr, `measuring ${name}`, () => systemClock.monotonic());
  try {
    const { width, height, fps: claimedFps } = await probe({ kind: 'file', path }, { signal });
    const steps = pairCount * 2 + 1;
    const pairs: { readonly decodeMs: number; readonly whole: Awaited<ReturnType<typeof runWhole>> }[] = [];
    for (let i = 0; i < pairCount; i++) {
      progress.update((2 * i) / steps, 'decoding alone');
      const decodeMs = await runDecodeAlone(path, signal);
      progress.update((2 * i + 1) / steps, 'the whole');
      pairs.push({ decodeMs, whole: await runWhole(path, camera, logger, signal) });
    }
    progress.update((2 * pairCount) / steps, 'the engine, stage by stage');
    const engine = await runEngine(path, camera, logger, signal);
    const pictures = engine.pictures;
    const fps = claimedFps ?? pictures / Math.max(0.001, pairs[0]?.whole.lastS ?? 0);
    const perPicture = (values: readonly number[]): number => median(values) / pictures;
    const decodeMs = perPicture(pairs.map((pair) => pair.decodeMs));
    const engineMs = engine.cpuMs / pictures;
    const wholeMs = perPicture(pairs.map(({ whole }) => whole.ownMs + whole.ffmpegMs));
    const ratios = pairs.map(({ decodeMs: alone, whole }) => (whole.ownMs + whole.ffmpegMs) / alone);
    return {
      ...{ name, width, height, fps, pictures, decodeMs, engineMs, wholeMs },
      incidents: engine.incidents,
      handOverMs: perPicture(pairs.map(({ whole }) => whole.ffmpegMs)) - decodeMs,
      restMs: perPicture(pairs.map(({ whole }) => whole.ownMs)) - engineMs,
      partsMs: scaled(engine.shares.parts, engineMs),
      kernelsMs: scaled(engine.shares.kernels, engineMs),
      pairs: ratios,
      ratio: median(ratios),
      picturesPerS: median(pairs.map(({ whole }) => (whole.pictures * 1000) / whole.tookMs)),
      engineRealTime: 1000 / (fps * engineMs),
      camerasHere: camerasThatFit(cores, fps, wholeMs),
    };
  } finally {
    progress.clear();
  }
}

function scaled<Name extends string>(shares: Readonly<Record<Name, number>>, by: number): Record<Name, number> {
  return Object.fromEntries(Object.entries<number>(shares).map(([name, share]) => [name, share * by])) as Record<Name, number>;
}

function parseSizes(text: string): readonly BenchSize[] {
  const names = text.toLowerCase().split(',');
  const known = Object.keys(benchSizes);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`Expected sizes out of ${known.join(', ')}, with commas between them.`);
  return [...new Set(names)] as BenchSize[];
}
