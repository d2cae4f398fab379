import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configOf } from './config.mjs';
import { matchEvents } from './match.mjs';
import { COCO, FIRE, noisyDetections } from './noisy-detections.mjs';
import { rowOf } from './rows.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Files of this folder that look at scenes and do not make them. */
const LOOKING = new Set(
  'clip-detections,match,match.test,measure,noisy-detections,read-scene,rows,run,scene-view,sets,sheet,small.test,street.test,table,tracking,tracking-table,tracking.test'
    .split(',')
    .map((name) => `${name}.mjs`),
);

/** @typedef {{type: string, scene: string, eyes: string, hours: number, match: ReturnType<typeof matchEvents>, folder: string}} Outcome */

/**
 * @param {{clips: readonly import('./sets.mjs').Clip[], jobs: number, work: string, log: (line: string) => void,
 *   onOutcome?: (outcome: Outcome, left: number) => void}} p
 * @returns {Promise<readonly Outcome[]>}
 */
export async function measure(p) {
  const generator = generatorName();
  const { ruleTypes } = await import(join(root, 'dist/rules/registry.js'));
  const known = new Set(Object.keys(ruleTypes));
  const skipped = new Set(p.clips.map(({ type }) => type).filter((type) => type !== 'nothing' && !known.has(type)));
  for (const type of skipped) p.log(`${type}: there is no such rule yet; left out`);
  const queue = p.clips.filter(({ type }) => !skipped.has(type));
  const outcomes = [];
  const worker = async () => {
    for (let clip = queue.shift(); clip !== undefined; clip = queue.shift()) {
      const folder = await rendered(join(p.work, generator), clip);
      for (const eyes of clip.eyes) {
        const outcome = await looked(join(p.work, 'events', engineName(), generator), folder, clip, eyes, known);
        outcomes.push(outcome);
        p.onOutcome?.(outcome, queue.length);
      }
    }
  };
  await Promise.all(Array.from({ length: p.jobs }, worker));
  return outcomes.sort((a, b) => `${a.type} ${a.scene} ${a.eyes}`.localeCompare(`${b.type} ${b.scene} ${b.eyes}`));
}

/** Rows by type and eyes. */
export function rowsOf(set, outcomes) {
  const groups = new Map();
  for (const outcome of outcomes) {
    const key = `${set} ${outcome.type} ${outcome.eyes}`;
    groups.set(key, [...(groups.get(key) ?? []), outcome]);
  }
  return Object.fromEntries([...groups].map(([key, list]) => [key, rowOf(list)]));
}

/** The folder of a clip, made when it is not there as this generator makes it. */
async function rendered(work, { type, name, seed, over }) {
  const folder = join(work, `${type}-${name}-${seed}${over?.durationS === undefined ? '' : `-${over.durationS}`}`);
  if (existsSync(join(folder, 'truth.json'))) return folder;
  const args = ['--scene', `${type}-${name}`, '--seed', String(seed), '--out', folder];
  if (over?.durationS !== undefined) args.push('--duration', String(over.durationS));
  const { code, complaint } = await execute([join(root, 'scripts/street/render.mjs'), ...args]);
  if (code !== 0) throw new Error(`${type}-${name}: rendering failed: ${complaint.trim()}`);
  return folder;
}

async function looked(work, folder, clip, eyes, known) {
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
  const frames = readLines(join(folder, 'detections.jsonl'));
  const place = join(work, basename(folder), eyes);
  const file = join(place, 'events.jsonl');
  if (!existsSync(file)) {
    mkdirSync(place, { recursive: true });
    const config = join(place, 'parapet.yaml');
    const rules = truth.rules.filter((rule) => known.has(rule.type));
    writeFileSync(config, configOf({ ...truth, rules }, join(folder, 'video.mp4')));
    const args = ['analyze', join(folder, 'video.mp4'), '-c', config, '--phases', '--events', `${file}.part`];
    if (eyes === 'model') {
      const labels = clip.type === 'smoke_fire' ? FIRE : COCO;
      const noisy = noisyDetections(frames, { seed: `${truth.scene}/${truth.seed}`, labels, pictureHeight: truth.video.height });
      writeFileSync(join(place, 'boxes.jsonl'), `${noisy.map((line) => JSON.stringify(line)).join('\n')}\n`);
      args.push('--detections', join(place, 'boxes.jsonl'));
    }
    const { code, complaint } = await execute([join(root, 'dist/main.js'), ...args]);
    if (code !== 0) throw new Error(`${truth.scene}: cannot be analysed: ${complaint.trim().split('\n').pop()}`);
    renameSync(`${file}.part`, file);
  }
  const match = matchEvents(truth, readLines(file), boxesOf(frames));
  return { type: clip.type, scene: `${clip.name} ${clip.seed}`, eyes, hours: truth.video.duration_s / 3600, match, folder: place };
}

/** Where each object is in each picture, hidden or not. */
function boxesOf(frames) {
  const stepS = frames[1].t - frames[0].t;
  const found = frames.map(({ detections, hidden }) => new Map([...detections, ...hidden].map(({ id, box }) => [id, box])));
  return (object, t) => found[Math.min(found.length - 1, Math.max(0, Math.round(t / stepS)))].get(object) ?? null;
}

const readLines = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** What tells one build of the engine from another. */
export function engineName() {
  return readFileSync(join(root, 'dist/.built'), 'utf8').trim().slice(0, 12);
}

/** What tells one generator from another: a scene is rendered again when it would look otherwise. */
function generatorName() {
  const hash = createHash('sha256');
  for (const folder of ['', 'things', 'scenarios']) {
    const at = join(here, folder);
    for (const name of readdirSync(at).sort()) if (name.endsWith('.mjs') && !LOOKING.has(name)) hash.update(readFileSync(join(at, name)));
  }
  return hash.digest('hex').slice(0, 10);
}

export function execute(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, complaint }));
  });
}
