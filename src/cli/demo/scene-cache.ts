import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../../platform/disk/make-folder.js';
import { AgentError, errorMessage } from '../../platform/errors.js';

/** The scene generator, from the source and from the built file alike. */
const scenesFolder = fileURLToPath(new URL('../../../scripts/scenes/', import.meta.url));

/** A rendered scene on disk. */
export interface RenderedScene {
  readonly video: string;
  /** Config with the facade as an installer would draw it. */
  readonly config: string;
}

/**
 * The demo's scene, rendered once and kept: the seeded script always gives the same.
 *
 * @param onRender called when it must be rendered, which takes some seconds.
 * @throws {AgentError} MEDIA_FAILED.
 */
export async function renderDemoScene(
  env: Readonly<Record<string, string | undefined>>,
  onRender: () => void,
  signal: AbortSignal,
): Promise<RenderedScene> {
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'parapet');
  const folder = join(cache, `demo-${fingerprint()}`);
  const scene = { video: join(folder, 'video.mp4'), config: join(folder, 'parapet.yaml') };
  // The script writes the truth last.
  if (existsSync(join(folder, 'truth.json'))) return scene;
  onRender();
  const unfinished = `${folder}.${process.pid}`;
  try {
    makeFolder(cache);
    await render(unfinished, signal);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    signal.throwIfAborted();
    // Another demo was quicker.
    if (existsSync(join(folder, 'truth.json'))) return scene;
    throw new AgentError('MEDIA_FAILED', `the demo's scene could not be rendered into ${cache}: ${errorMessage(error)}`, { cause: error });
  }
  return scene;
}

/** A new version of the generator gives a new scene. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const files = readdirSync(scenesFolder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.mjs') && !name.endsWith('.test.mjs'),
  );
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(scenesFolder, name)));
  return hash.digest('hex').slice(0, 12);
}

async function render(out: string, signal: AbortSignal): Promise<void> {
  const args = [join(scenesFolder, 'render.mjs'), '--scene', 'demo', '--seed', '1', '--out', out, '--quiet'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], signal });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(said.trim().split('\n').at(-1) || `the script ended with ${code}`);
}
