import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { CameraConfig, ResolvedConfig } from '../config/index.js';
import type { Evidence } from '../domain/evidence.js';
import type { Incident } from '../domain/incident.js';
import { type CameraEyes, createRecordedEyes } from '../pipeline/eyes/object-eyes.js';
import { wantedModel } from '../pipeline/eyes/wanted-model.js';
import { systemClock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import { readDetections } from './analyze/detections-file.js';
import { checkOutputs, foundEarlier, overlayPath } from './analyze/outputs.js';
import { eventsOf, formatEvents, summarise } from './analyze/report.js';
import {
  addConfigOptions,
  type CommandContext,
  type ConfigOptions,
  createCommand,
  createCommandLogger,
  loadConfigFromFlags,
  quietLogLevel,
} from './context.js';
import { chooseCamera } from './shared/choose-camera.js';
import { shownPath, writeResult } from './shared/output-files.js';
import { createProgress } from './shared/progress.js';
import { videoFile } from './shared/video-file.js';
import { formatStreamTime, plural } from './shared/words.js';

interface AnalyzeFlags extends Omit<ConfigOptions, 'camera'> {
  /** Id of a camera in the config; unlike elsewhere, no URL. */
  readonly camera?: string;
  readonly events?: string;
  readonly figures?: string;
  readonly phases?: true;
  readonly out?: string;
  readonly overlay?: true;
  readonly start?: number;
  readonly paced?: true;
  readonly detections?: string;
}

/** How often the progress bar is looked after, milliseconds. */
const PROGRESS_MS = 200;
/** Boxes that were found elsewhere count for pictures no farther away than this, milliseconds: half of five a second, and a little. */
const RECORD_REACH_MS = 120;

/** `parapet analyze`: one file, offline, as fast as the machine goes. */
export function createAnalyzeCommand(context: CommandContext): Command {
  const command = createCommand(
    'analyze <video>',
    'Finds incidents in a video file. The same bytes give the same events. Exit code 1 when the file is cut off or damaged; what was found before is still printed.',
    'parapet analyze tower.mp4 --events -\nparapet analyze tower.mp4 -c tower.yaml --camera tower-3-north --out found --overlay',
  );
  return addConfigOptions(command)
    .option('--camera <id>', 'whose facade, masks and rules of the config to use')
    .option('--events <file>', 'write events there, one JSON object a line, ordered by start; - is standard output')
    .option('--figures <file>', 'write there what the rules counted and measured, by rule, as JSON; - is standard output')
    .option('--phases', 'write new, update and end of every incident instead of its end alone')
    .option('--out <folder>', 'write events.jsonl and, in a folder an event, clip, pictures and track')
    .option(
      '--overlay',
      'write a copy of the video with paths, floors, zones and what was found drawn on it: overlay.mp4 in --out, or here',
    )
    .option('--start <time>', 'when the video was recorded, such as 2026-03-01T07:41:00Z; else what the file says, or 1970', parseStart)
    .option('--detections <file>', 'boxes that were found elsewhere, one JSON line a picture, in the place of a model')
    .option('--paced', 'read no faster than the video plays; the events are the same')
    .action((video: string, flags: AnalyzeFlags) => analyze(context, videoFile(context.cwd, video), flags));
}

async function analyze(context: CommandContext, path: string, flags: AnalyzeFlags): Promise<void> {
  const loaded = loadConfigFromFlags(context, { ...flags, camera: undefined });
  const { config } = loaded;
  const camera = await chooseCamera(config, path, flags.camera);
  const logger = createCommandLogger(context, quietLogLevel(loaded));
  const outDir = flags.out === undefined ? null : resolve(context.cwd, flags.out);
  const eventsPath = flags.events === undefined || flags.events === '-' ? null : resolve(context.cwd, flags.events);
  const overlay = flags.overlay === true ? overlayPath(path, outDir, context.cwd) : null;
  const figuresPath = flags.figures === undefined || flags.figures === '-' ? null : resolve(context.cwd, flags.figures);
  checkOutputs(path, { events: eventsPath, figures: figuresPath, folder: outDir, overlay });
  await using models = await openModels(config, camera, flags, logger);
  const recorded = flags.detections === undefined ? null : readDetections(resolve(context.cwd, flags.detections));
  // Loaded here, so that other commands start without it.
  const { analyzeFile } = await import('../pipeline/video-files/analyze-file.js');

  const progress = createProgress(context.stderr, 'analyzing', () => systemClock.monotonic());
  const reports: Incident[] = [];
  const startedMs = systemClock.monotonic();
  const result = await analyzeFile({
    path,
    camera,
    startMs: flags.start ?? null,
    paced: flags.paced === true,
    eyes: recorded === null ? (models?.eyes ?? null) : createRecordedEyes(recorded, RECORD_REACH_MS),
    onIncidents: (incidents) => reports.push(...incidents),
    onProgress: ({ atS, durationS }) => {
      const note = `${formatStreamTime(atS)}${durationS === null ? '' : ` of ${formatStreamTime(durationS)}`}`;
      progress.update(durationS === null ? null : atS / durationS, note);
    },
    progressEveryMs: PROGRESS_MS,
    clock: systemClock,
    logger,
    signal: context.signal,
  }).finally(() => progress.clear());
  logger.debug({ event: 'analysis-figures', ...result.figures }, 'what was counted, and milliseconds of work by stage');

  const evidence =
    outDir === null
      ? new Map<string, Evidence[]>()
      : await makeEvidence(context, { path, outDir, camera, config, logger, reports, result });
  const events = eventsOf(reports, flags.phases === true, config, (id) => evidence.get(id) ?? []);
  const text = formatEvents(events);
  if (flags.events === '-') context.stdout.write(text);
  else if (eventsPath !== null) writeResult(eventsPath, text);
  if (outDir !== null) writeResult(join(outDir, 'events.jsonl'), text);
  const figures = `${JSON.stringify(result.ruleFigures, null, 2)}\n`;
  if (flags.figures === '-') context.stdout.write(figures);
  else if (figuresPath !== null) writeResult(figuresPath, figures);

  const ends = eventsOf(reports, false, config, () => []);
  if (flags.start === undefined && !result.namesItsTime) {
    const scheduled = camera.rules.filter((rule) => rule.enabled && 'schedule' in rule && rule.schedule.length > 0).map(({ name }) => name);
    const judged = `the schedule of ${scheduled.join(', ')} saw a Thursday from midnight UTC on`;
    // Without this whoever tries a rule for the night by day finds nothing, and looks for the mistake in its zone.
    if (scheduled.length > 0)
      context.stderr.write(`parapet: warning: the file names no recording time: ${judged}, 1970-01-01; give --start\n`);
    else if (ends.length > 0) context.stderr.write('the file names no recording time: dates count from 1970; give --start\n');
  }
  const thrown = ends.some(({ type }) => type === 'thrown_object');
  if (thrown && camera.facade === null) context.stderr.write('no facade drawn: no floor, height or speed\n');
  const tookS = (systemClock.monotonic() - startedMs) / 1000;
  const filesOf = (id: string): string[] => {
    const made = evidence.get(id) ?? [];
    // What tells the whole at a glance: of a fall its trail, of anything else the snapshot.
    const picture = made.find(({ kind }) => kind === 'trail') ?? made.find(({ kind }) => kind === 'snapshot');
    return made.filter((one) => one === picture || one.kind === 'clip').map(({ path: file }) => shownPath(context, file));
  };
  context.stderr.write(summarise(ends, { frames: result.figures.frames, videoS: result.lastS, tookS }, filesOf));
  if (outDir !== null) {
    context.stderr.write(`events: ${shownPath(context, join(outDir, 'events.jsonl'))}\n`);
    const earlier = foundEarlier(outDir, new Set(ends.map(({ id }) => id)));
    if (earlier > 0) {
      const which = `${shownPath(context, outDir)} also holds ${plural(earlier, 'event')} of an earlier analysis`;
      context.stderr.write(`parapet: warning: ${which}, not found this time; remove the folder first, or give another one\n`);
    }
  }
  if (result.blemish !== null) context.stderr.write(`parapet: warning: ${path}: ${result.blemish}\n`);
  if (result.problem !== null) {
    context.stderr.write(`parapet: warning: ${result.problem.message}; the events are those found so far\n`);
    context.setExitCode(1);
  }
  // Last: what was found is told even where the disk has no room for pictures of it.
  if (overlay === null) return;
  await makeOverlay(context, overlay, { path, camera, logger, reports, result });
  context.stderr.write(`overlay: ${shownPath(context, overlay)}\n`);
}

interface OpenModels extends AsyncDisposable {
  readonly eyes: CameraEyes | null;
}

/**
 * The model that the camera's rules want; `null` where they want none, or boxes come from elsewhere.
 *
 * @throws {AgentError} when it cannot be used: a file is looked at as its config says, or not at all.
 */
async function openModels(config: ResolvedConfig, camera: CameraConfig, flags: AnalyzeFlags, logger: Logger): Promise<OpenModels | null> {
  const wanted = wantedModel(camera);
  if (flags.detections !== undefined || wanted === null) return null;
  // Loaded here, so that who wants no model starts without it.
  const [{ openModelEyes }, { findModel }] = await Promise.all([import('../pipeline/eyes/model-eyes.js'), import('./models/wanted.js')]);
  // An agent logs that a model is missing and goes on; here it ends the command, which says so itself.
  await findModel(wanted, config.inference);
  const models = openModelEyes({ config: { ...config, cameras: [camera] }, clock: systemClock, logger });
  await models.ready();
  const eyes = models.of(camera, true);
  const problem = eyes?.problem() ?? null;
  if (problem === null) return { eyes, [Symbol.asyncDispose]: () => models[Symbol.asyncDispose]() };
  await models[Symbol.asyncDispose]();
  throw problem;
}

type AnalysisResult = import('../pipeline/video-files/analyze-file.js').AnalysisResult;

interface EvidenceJob {
  readonly path: string;
  readonly outDir: string;
  readonly camera: CameraConfig;
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  readonly reports: readonly Incident[];
  readonly result: AnalysisResult;
}

/** Clip, pictures and track of every incident, by incident id. */
async function makeEvidence(context: CommandContext, job: EvidenceJob): Promise<Map<string, Evidence[]>> {
  const { recordFileEvidence } = await import('../pipeline/video-files/record-file-evidence.js');
  const { made, failed } = await recordFileEvidence({
    path: job.path,
    folder: job.outDir,
    camera: job.camera,
    idSeed: job.result.idSeed,
    durationS: job.result.problem === null ? job.result.durationS : job.result.lastS,
    reports: job.reports,
    clock: systemClock,
    logger: job.logger,
    signal: context.signal,
  });
  for (const { incidentId, kind, reason } of failed) {
    context.stderr.write(`parapet: warning: ${kind} of ${incidentId} could not be made: ${reason}\n`);
  }
  if (failed.length > 0) context.setExitCode(1);
  const byIncident = new Map<string, Evidence[]>();
  for (const evidence of made) byIncident.set(evidence.incidentId, [...(byIncident.get(evidence.incidentId) ?? []), evidence]);
  return byIncident;
}

/** The video with what was found drawn on it. */
async function makeOverlay(context: CommandContext, outPath: string, job: Omit<EvidenceJob, 'outDir' | 'config'>): Promise<void> {
  const { drawOverlay } = await import('../pipeline/video-files/draw-overlay.js');
  const progress = createProgress(context.stderr, 'drawing', () => systemClock.monotonic());
  const { lastS } = job.result;
  await drawOverlay({
    path: job.path,
    outPath,
    camera: job.camera,
    reports: job.reports,
    lastS,
    onProgress: (atS) => progress.update(lastS > 0 ? atS / lastS : null, `${formatStreamTime(atS)} of ${formatStreamTime(lastS)}`),
    logger: job.logger,
    signal: context.signal,
  }).finally(() => progress.clear());
}

function parseStart(text: string): number {
  // Without a zone the same command would mean another moment on another machine.
  const ms = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Expected a time with its zone, such as 2026-03-01T07:41:00Z.');
  return ms;
}
