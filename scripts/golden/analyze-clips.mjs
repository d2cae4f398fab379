import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs `parapet analyze` over every clip of a folder, some at a time: `<events>/<clip>/events.jsonl` with all phases. A clip
 * that this engine has already been through is passed over.
 *
 * @param {{program: string, clips: string, events: string, jobs: number, engine: string,
 *   onClip?: (name: string, seconds: number, left: number) => void}} p `engine`: what tells one build from another
 * @returns {Promise<readonly string[]>} clips that could not be analysed, each with its reason
 */
export async function analyzeClips(p) {
  const names = readdirSync(p.clips)
    .sort()
    .filter((name) => existsSync(join(p.clips, name, 'truth.json')));
  const queue = names.filter((name) => !isDone(p, name));
  const failed = [];
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const begun = performance.now();
      const problem = await analyze(p, name);
      if (problem !== null) failed.push(`${name}: ${problem}`);
      p.onClip?.(name, (performance.now() - begun) / 1000, queue.length);
    }
  };
  await Promise.all(Array.from({ length: p.jobs }, worker));
  return failed;
}

async function analyze(p, name) {
  const clip = join(p.clips, name);
  const folder = join(p.events, name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'events.jsonl');
  const unfinished = `${file}.part`;
  const args = ['analyze', join(clip, 'video.mp4'), '-c', join(clip, 'parapet.yaml'), '--phases', '--events', unfinished];
  const { code, complaint } = await run(p.program, args);
  if (code !== 0) return complaint.trim().split('\n').pop() ?? `exit code ${code}`;
  renameSync(unfinished, file);
  writeFileSync(join(folder, 'analyzed.json'), JSON.stringify({ engine: p.engine, clip: fingerprint(clip) }));
  return null;
}

function isDone(p, name) {
  const mark = join(p.events, name, 'analyzed.json');
  if (!existsSync(mark)) return false;
  const { engine, clip } = JSON.parse(readFileSync(mark, 'utf8'));
  return engine === p.engine && clip === fingerprint(join(p.clips, name));
}

/** The truth and the config name everything that a clip was made from. */
function fingerprint(clip) {
  const hash = createHash('sha256');
  for (const file of ['truth.json', 'parapet.yaml']) hash.update(readFileSync(join(clip, file)));
  return hash.digest('hex').slice(0, 16);
}

function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-4000);
    });
    child.on('close', (code) => resolve({ code, complaint }));
  });
}
