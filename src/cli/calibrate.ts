import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Point } from '../domain/geometry.js';
import { AgentError } from '../platform/errors.js';
import { redactUrls } from '../platform/redact.js';
import { configOf, describeProposal, type ProposalContext } from './calibrate/report.js';
import { type CommandContext, type CommonOptions, createCommand, numberBetween } from './context.js';
import { mediaInput } from './shared/media-input.js';
import { checkFolder, shownPath, writeResult } from './shared/output-files.js';

interface CalibrateFlags extends CommonOptions {
  readonly camera: string;
  readonly out: string;
  readonly floors?: number;
  readonly first?: number;
  readonly floorHeight: number;
  readonly units?: readonly string[];
  readonly around: Point;
  readonly udp?: true;
  readonly force?: true;
}

/** Pictures whose median is looked at, and seconds between them: what walks or sways is gone after four seconds, a parked car is not in a facade. */
const PICTURES = 9;
const EVERY_S = 0.5;
/** Until a camera's first answer, milliseconds. */
const TIMEOUT_MS = 10_000;
/** Confidence below which a proposal is called a sketch, not a proposal: see the table in docs/calibration.md. */
const SKETCH = 0.35;

/** `parapet calibrate`: proposes where the facade and its floors are. */
export function createCalibrateCommand(context: CommandContext): Command {
  return createCommand(
    'calibrate <video-or-url>',
    'Proposes facade corners and floor lines from the picture itself, and says how sure it is. Writes a config and a picture of it to look at. Exit code 1 when no facade is found.',
    'parapet calibrate rtsp://user:password@10.0.0.8/main --camera tower-3-north --floors 33 --out calibration\nparapet calibrate tower.mp4 --first 4 --around 0.3,0.5',
  )
    .option('--camera <id>', 'name of the camera in the config', parseId, 'camera-1')
    .option('--out <folder>', 'where to write parapet.yaml and calibration.jpg', 'calibration')
    .option('--floors <n>', 'floors of the building, when you know', wholeBetween(1, 300))
    .option('--first <n>', 'number of its lowest floor, or of the lowest one in the picture when its foot is not', wholeBetween(-10, 300))
    .option('--floor-height <metres>', 'from floor to floor; it cannot be seen', numberBetween(2, 10), 3)
    .option('--units <names>', 'names of the units of a floor from left to right, such as 01,02,03,04', parseUnits)
    .addOption(
      new Option('--around <x,y>', 'a point on the facade, 0 to 1 of the picture from its top left: where several buildings are seen')
        .argParser(parsePoint)
        .default({ x: 0.5, y: 0.5 }, '0.5,0.5'),
    )
    .option('--force', 'write over what an earlier run left')
    .option('--udp', 'ask an RTSP camera for UDP instead of TCP')
    .action((source: string, flags: CalibrateFlags) => calibrate(context, source, flags));
}

async function calibrate(context: CommandContext, source: string, flags: CalibrateFlags): Promise<void> {
  const input = mediaInput(context.cwd, source, { transport: flags.udp === true ? 'udp' : 'tcp', timeoutMs: TIMEOUT_MS });
  const folder = resolve(context.cwd, flags.out);
  checkPlace(folder, flags.force === true);
  // Loaded here: other commands need neither.
  const { readStill } = await import('./calibrate/still.js');
  const { proposeFacade } = await import('../core/calibration/proposal.js');
  const still = await readStill(input, { count: PICTURES, everyS: EVERY_S }, context.signal);
  const proposal = proposeFacade(still.median, {
    focus: flags.around,
    first: flags.first ?? null,
    floors: flags.floors ?? null,
    floorHeightM: flags.floorHeight,
    units: flags.units ?? [],
  });
  if ('why' in proposal) {
    context.stderr.write(
      `parapet: ${redactUrls(source)}: no facade found: ${proposal.why}; draw it by hand, or point to it with --around x,y\n`,
    );
    context.setExitCode(1);
    return;
  }
  const about: ProposalContext = { camera: flags.camera, source, proposal, sketch: proposal.confidence < SKETCH };
  const { drawCalibration } = await import('./calibrate/sheet.js');
  const yaml = join(folder, 'parapet.yaml');
  const picture = join(folder, 'calibration.jpg');
  writeResult(yaml, configOf(about));
  writeResult(picture, await drawCalibration(still.scene, proposal));
  context.stdout.write(describeProposal(about, { yaml: shownPath(context, yaml), picture: shownPath(context, picture) }));
}

/** Says before the work, not after it, that its result would have no place, or would take another's. */
function checkPlace(folder: string, force: boolean): void {
  checkFolder(folder);
  if (!force && existsSync(join(folder, 'parapet.yaml'))) {
    throw new AgentError(
      'FILE_INVALID',
      `${join(folder, 'parapet.yaml')} is there already; write over it with --force, or choose another folder with --out`,
    );
  }
}

function wholeBetween(min: number, max: number): (text: string) => number {
  const parse = numberBetween(min, max);
  return (text) => {
    const value = parse(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError('Expected a whole number.');
  };
}

function parsePoint(text: string): Point {
  const match = /^\s*(\d*\.?\d+)\s*,\s*(\d*\.?\d+)\s*$/.exec(text);
  const [x, y] = [Number(match?.[1]), Number(match?.[2])];
  if (x >= 0 && x <= 1 && y >= 0 && y <= 1) return { x, y };
  throw new InvalidArgumentError('Expected two numbers from 0 to 1, such as 0.3,0.5.');
}

function parseUnits(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.length <= 100 && names.every((name) => name.length > 0 && name.length <= 32)) return names;
  throw new InvalidArgumentError('Expected names between commas, such as 01,02,03.');
}

function parseId(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected letters, digits, - and _.');
}
