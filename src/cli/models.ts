import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Tiles } from '../core/detection/tiles.js';
import { openDetector } from '../detectors/detector-process.js';
import type { DetectorAnswer, ModelDetector } from '../detectors/model-detector.js';
import type { ModelEntry } from '../detectors/model-entry.js';
import { entryNamed, modelFile, ownRegistry, readRegistry, stateOf } from '../detectors/model-registry.js';
import type { RgbPicture } from '../media/image.js';
import { writeFileDurably } from '../platform/disk/durable-file.js';
import { nullIfMissing } from '../platform/disk/missing-file.js';
import { AgentError } from '../platform/errors.js';
import { type CommandContext, createCommand, numberBetween } from './context.js';
import { pullModel } from './models/pull.js';

interface RegistryFlags {
  readonly registry?: string;
  readonly dir: string;
}

interface VerifyFlags extends RegistryFlags {
  readonly score: number;
  readonly out?: string;
  readonly threads: number;
  readonly tiles?: Tiles;
  readonly json?: true;
}

/** `parapet models`: what detectors can run, bringing them here, and looking into a file. */
export function createModelsCommand(context: CommandContext): Command {
  const models = createCommand(
    'models',
    'Lists the models of detectors, brings them here, and says what a model file is.',
    'parapet models list\nparapet models pull yolox-nano --from /media/usb\nparapet models verify models/yolox_nano.onnx street.jpg',
  );
  const withRegistry = (command: Command): Command =>
    command
      .option('--registry <file>', 'the list of models (default: the one that comes with Parapet)')
      .option('--dir <folder>', 'where models lie', 'models');
  models.addCommand(
    withRegistry(createCommand('list', 'Lists the models that are known, and which are here.', 'parapet models list')).action(
      async (flags: RegistryFlags) => await list(context, flags),
    ),
  );
  models.addCommand(
    withRegistry(createCommand('pull <name>', 'Brings a model here and checks its hash.', 'parapet models pull yolox-nano'))
      .option('--from <place>', 'a file, a folder or an https address instead of the registry’s')
      .action(async (name: string, flags: RegistryFlags & { readonly from?: string }) => await pull(context, name, flags)),
  );
  models.addCommand(
    withRegistry(
      createCommand(
        'verify <file-or-name> [picture]',
        'Says what a model is, runs it on a picture or a video’s first one, and writes that with what it found.',
        'parapet models verify yolox-nano street.mp4',
      ),
    )
      .option('--score <least>', 'how sure the model must be of what is shown, 0.05 to 0.95', numberBetween(0.05, 0.95), 0.4)
      .option('--tiles <columns×rows>', 'look at such parts too, for small things: 3x2', tilesFrom)
      .option('--threads <count>', 'threads for one run', numberBetween(1, 64), 1)
      .option('--out <file>', 'where the picture goes (default: NAME.detections.jpg, here)')
      .option('--json', 'print JSON')
      .action(async (name: string, picture: string | undefined, flags: VerifyFlags) => await verify(context, name, picture, flags)),
  );
  return models;
}

async function list({ cwd, stdout }: CommandContext, flags: RegistryFlags): Promise<void> {
  const entries = await readRegistry(registryOf(cwd, flags));
  const rows = await Promise.all(
    entries.map(async (entry) => [
      entry.name,
      await stateOf(entry, resolve(cwd, flags.dir)),
      entry.licence,
      entry.family ?? 'by its outputs',
      entry.file,
    ]),
  );
  for (const [name, state, licence, family, file] of [['MODEL', 'STATE', 'LICENCE', 'FAMILY', 'FILE'], ...rows])
    stdout.write(`${name?.padEnd(14)} ${state?.padEnd(10)} ${licence?.padEnd(12)} ${family?.padEnd(14)} ${file}\n`);
  const others = rows.filter(([, state]) => state === 'differs').map(([name]) => name);
  if (others.length === 0) return;
  stdout.write(
    `\ndiffers: by its hash not the file that the registry means, but another export of the model, or a damaged one. It is used as it is;\n` +
      others.map((name) => `to bring the registry's: parapet models pull ${name} --dir ${resolve(cwd, flags.dir)}\n`).join(''),
  );
}

async function pull(
  { cwd, stdout, signal }: CommandContext,
  name: string,
  flags: RegistryFlags & { readonly from?: string },
): Promise<void> {
  const entry = entryNamed(await readRegistry(registryOf(cwd, flags)), name);
  const from = flags.from === undefined ? null : /^[a-z]+:\/\//i.test(flags.from) ? flags.from : resolve(cwd, flags.from);
  const path = await pullModel(entry, resolve(cwd, flags.dir), from, signal);
  stdout.write(`${path}: ${entry.name}, ${entry.licence}${entry.sha256 === null ? ', hash unknown' : ', hash as published'}\n`);
}

async function verify(context: CommandContext, name: string, source: string | undefined, flags: VerifyFlags): Promise<void> {
  const { cwd, stdout, signal } = context;
  const { path, entry } = await findModel(cwd, name, flags);
  const engine = { file: path, providers: ['cpu'] as const, threads: flags.threads };
  await using detector = await openDetector(name, { engine, model: entry });
  const picture = source === undefined ? greyPicture(detector) : await firstPicture(resolve(cwd, source), signal);
  const ask = { least: flags.score, tiles: flags.tiles ?? null };
  const { asCamerasGive, drawDetections } = await import('./models/picture.js');
  const asked = asCamerasGive(picture);
  let answer = await detector.detect(asked, ask);
  // The first ones make room and compile; later ones may have waited for other programs.
  for (let i = 1; i < TRIES; i++) {
    const next = await detector.detect(asked, ask);
    if (costOf(next) < costOf(answer)) answer = next;
  }
  const out = source === undefined ? null : resolve(cwd, flags.out ?? `${basename(path)}.detections.jpg`);
  if (out !== null) {
    await writeFileDurably(out, await drawDetections(picture, answer.detections));
  }
  if (flags.json === true) stdout.write(`${JSON.stringify({ file: path, ...detector.about, ...answer, picture: out }, null, 2)}\n`);
  else stdout.write(describe(path, detector, answer, out));
}

/** Looks at a picture, of which the quickest says what one costs. */
const TRIES = 5;
const costOf = ({ prepareMs, runMs, readMs }: DetectorAnswer): number => prepareMs + runMs + readMs;

/** A file, or a name of the registry. What the registry does not know is told by its outputs, with COCO's labels. */
async function findModel(
  cwd: string,
  name: string,
  flags: RegistryFlags,
): Promise<{ path: string; entry: Pick<ModelEntry, 'labels' | 'family' | 'input'> }> {
  const entries = await readRegistry(registryOf(cwd, flags));
  const file = resolve(cwd, name);
  if ((await stat(file).catch(nullIfMissing)) !== null) {
    const known = entries.find((entry) => entry.file === basename(file));
    return { path: file, entry: known ?? { labels: 'coco80', family: null, input: null } };
  }
  if (/[./\\]/.test(name)) throw new AgentError('MODEL_MISSING', `${file} is not there`);
  const entry = entryNamed(entries, name);
  return { path: await modelFile(entry, resolve(cwd, flags.dir)), entry };
}

const registryOf = (cwd: string, { registry }: RegistryFlags): string => (registry === undefined ? ownRegistry : resolve(cwd, registry));

/** Parts that overlap by a fifth: what is smaller than that is whole in one of them. */
function tilesFrom(text: string): Tiles {
  const [, columns, rows] = /^([1-8])[x×]([1-8])$/.exec(text) ?? [];
  if (columns === undefined || rows === undefined) throw new InvalidArgumentError('Expected columns and rows, 1 to 8 each, such as 3x2.');
  return { columns: Number(columns), rows: Number(rows), overlap: 0.2 };
}

/** Nothing to see, which is enough to see whether a model runs. */
function greyPicture({ about: { input } }: ModelDetector): RgbPicture {
  return { ...input, data: new Uint8Array(3 * input.width * input.height).fill(128) };
}

async function firstPicture(path: string, signal: AbortSignal): Promise<RgbPicture> {
  const { samplePictures } = await import('../media/sample-pictures.js');
  let first: RgbPicture | null = null as RgbPicture | null;
  await samplePictures(
    { input: { kind: 'file', path }, everyS: 0, count: 1 },
    ({ width, height, data }) => {
      first ??= { width, height, data: Uint8Array.from(data) };
    },
    signal,
  );
  if (first === null) throw new AgentError('SOURCE_NOT_VIDEO', `${path} shows no picture`);
  return first;
}

function describe(path: string, { about }: ModelDetector, answer: DetectorAnswer, out: string | null): string {
  const { prepareMs, runMs, readMs, detections } = answer;
  const rows = [
    ['family', about.family],
    ['input', `${about.input.width}×${about.input.height}`],
    ['labels', String(about.classes)],
    ['runs on', [about.provider, ...about.fallbacks.map((why) => `not on ${why}`)].join('; ')],
    ['a picture', `${runMs.toFixed(1)} ms, and ${(prepareMs + readMs).toFixed(1)} ms before and after it`],
    ...(out === null
      ? []
      : [
          ['found', detections.map(({ label, score }) => `${label} ${score.toFixed(2)}`).join(', ') || 'nothing'],
          ['picture', out],
        ]),
  ] as const;
  return `${path}\n${rows.map(([what, value]) => `  ${what?.padEnd(12)} ${value}`).join('\n')}\n`;
}
