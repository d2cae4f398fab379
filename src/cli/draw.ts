import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CameraConfig } from '../config/index.js';
import { AgentError } from '../platform/errors.js';
import { addConfigOptions, type CommandContext, type ConfigOptions, createCommand, loadConfigFromFlags } from './context.js';
import { cameraInput } from './shared/media-input.js';
import { checkWritable, shownPath, writeResult } from './shared/output-files.js';

interface DrawFlags extends Omit<ConfigOptions, 'camera'> {
  readonly camera?: string;
  readonly out?: string;
}

/** `parapet draw`: what a config says of a camera's picture, drawn on that picture. */
export function createDrawCommand(context: CommandContext): Command {
  const command = createCommand(
    'draw',
    'Draws zones, lines, masks, facade and ground of a config on the camera’s present picture, with a grid to read coordinates from.',
    'parapet draw -c parapet.yaml --camera gate-east\nparapet draw -c parapet.yaml --set cameras.gate-east.source.url=street.mp4 --out street.jpg',
  );
  return addConfigOptions(command)
    .option('--camera <id>', 'a camera of the config; needed where there are several')
    .option('--out <file>', 'where to write the picture (JPEG); by default CAMERA.jpg here')
    .action((flags: DrawFlags) => draw(context, flags));
}

async function draw(context: CommandContext, { camera: wanted, ...flags }: DrawFlags): Promise<void> {
  const { config } = loadConfigFromFlags(context, flags, { cameras: true });
  const camera = cameraOf(config.cameras, wanted);
  const path = resolve(context.cwd, flags.out ?? `${camera.id}.jpg`);
  checkWritable(path);
  // Loaded here: other commands draw nothing.
  const { readScene, drawCamera } = await import('./draw/picture.js');
  writeResult(path, await drawCamera(await readScene(cameraInput(context.cwd, camera.source), context.signal), camera));
  context.stdout.write(`${shownPath(context, path)}: ${describe(camera)}\n`);
}

/** @throws {AgentError} BAD_USAGE. */
function cameraOf(cameras: readonly CameraConfig[], wanted: string | undefined): CameraConfig {
  const known = `the config has ${cameras.map(({ id }) => `'${id}'`).join(', ')}`;
  if (wanted === undefined && cameras.length > 1) throw new AgentError('BAD_USAGE', `which camera? ${known}; choose one with --camera`);
  const camera = wanted === undefined ? cameras[0] : cameras.find(({ id }) => id === wanted);
  if (camera === undefined) throw new AgentError('BAD_USAGE', `there is no camera '${wanted}'; ${known}`);
  return camera;
}

/** @example describe(camera) // '2 zones, 1 line, 1 mask, no facade' */
function describe({ zones, lines, masks, facade, ground }: CameraConfig): string {
  const count = (number: number, what: string): string => `${number === 0 ? 'no' : number} ${what}${number === 1 ? '' : 's'}`;
  return [
    count(Object.keys(zones).length, 'zone'),
    count(Object.keys(lines).length, 'line'),
    count(masks.motion.length + masks.privacy.length, 'mask'),
    facade === null ? 'no facade' : 'a facade',
    ...(ground === null ? [] : ['ground']),
  ].join(', ');
}
