import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configOf } from './config.mjs';
import { matchEvents } from './match.mjs';
import { COCO, FIRE, noisyDetections } from './noisy-detections.mjs';
import { rowOf } from './rows.mjs';
import { findScenario, stageOf } from './scenarios/index.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
/** @typedef {{type: string, scene: string, eyes: string, hours: number, match: ReturnType<typeof matchEvents>}} Outcome */

/**
 * @param {{clips: readonly import('./sets.mjs').Clip[], jobs: number, work: string, log: (line: string) => void, onlyDone?: boolean,
 *   onOutcome?: (outcome: Outcome, left: number) => void}} p
 * @returns {Promise<readonly Outcome[]>}
 */
export async function measure(p) {
  const { ruleTypes } = await import(join(root, 'dist/rules/registry.js'));
  const known = new Set(Object.keys(ruleTypes));
  const skipped = new Set(p.clips.map(({ type }) => type).filter((type) => type !== 'nothing' && !known.has(type)));
  for (const type of skipped) p.log(`${type}: there is no such rule yet; left out`);
  const queue = p.clips.filter(({ type }) => !skipped.has(type));
  const generator = generatorName();
  const engine = engineName();
  const outcomes = [];
  const worker = async () => {
    for (let clip = queue.shift(); clip !== undefined; clip = queue.shift()) {
      const stage = stageOf(findScenario(`${clip.type}-${clip.name}`), clip.seed, clip.over);
      const name = `${stage.name}-${clip.seed}-${nameOf(generator, stage)}`;
      const eyesOf = (eyes) => join(p.work, 'events', engine, name, eyes);
      const wanted = clip.eyes.filter((eyes) => p.onlyDone !== true || existsSync(join(eyesOf(eyes), 'events.jsonl')));
      if (wanted.length === 0) continue;
      const folder = await rendered(join(p.work, name), clip);
      for (const eyes of wanted) {
        const rules = stage.rules.filter((rule) => known.has(rule.type));
        const match = await looked({ folder, place: eyesOf(eyes), clip, eyes, rules });
        const outcome = { type: clip.type, scene: `${clip.name} ${clip.seed}`, eyes, hours: stage.durationS / 3600, match };
        outcomes.push(outcome);
        p.onOutcome?.(outcome, queue.length);
      }
    }
  };
  await Promise.all(Array.from({ length: p.jobs }, worker));
  // A row is of one build, or of none.
  if (engineName() !== engine) throw new Error('dist was built anew meanwhile, so some scenes saw another program; run it again');
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

/** The folder of a clip, rendered when it is not there. */
async function rendered(folder, { type, name, seed, over }) {
  if (existsSync(join(folder, 'truth.json'))) return folder;
  const args = ['--scene', `${type}-${name}`, '--seed', String(seed), '--out', folder];
  if (over?.durationS !== undefined) args.push('--duration', String(over.durationS));
  const { code, complaint } = await execute([join(root, 'scripts/street/render.mjs'), ...args]);
  if (code !== 0) throw new Error(`${type}-${name}: rendering failed: ${complaint.trim()}`);
  return folder;
}

/** What became of a clip; it is analysed when that has not been done by this build, with these rules and these boxes. */
async function looked({ folder, place, clip, eyes, rules }) {
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
  const frames = readLines(join(folder, 'detections.jsonl'));
  const video = join(folder, 'video.mp4');
  const file = join(place, 'events.jsonl');
  const config = configOf({ ...truth, rules }, video);
  const labels = clip.type === 'smoke_fire' ? FIRE : COCO;
  const found = {
    none: () => [],
    perfect: () => frames,
    model: () => noisyDetections(frames, { seed: `${truth.scene}/${truth.seed}`, labels, pictureHeight: truth.video.height }),
  }[eyes]();
  const boxes = found.map((line) => `${JSON.stringify(line)}\n`).join('');
  const asked = { 'parapet.yaml': config, 'boxes.jsonl': boxes };
  const isDone = existsSync(file) && Object.entries(asked).every(([name, text]) => readFileSync(join(place, name), 'utf8') === text);
  if (!isDone) {
    mkdirSync(place, { recursive: true });
    for (const [name, text] of Object.entries(asked)) writeFileSync(join(place, name), text);
    const args = ['analyze', video, '-c', join(place, 'parapet.yaml'), '--phases', '--events', `${file}.part`];
    if (eyes !== 'none') args.push('--detections', join(place, 'boxes.jsonl'));
    const { code, complaint } = await execute([join(root, 'dist/main.js'), ...args]);
    if (code !== 0) throw new Error(`${truth.scene}: cannot be analysed: ${complaint.trim().split('\n').pop()}`);
    renameSync(`${file}.part`, file);
  }
  return matchEvents(truth, readLines(file), boxesOf(frames));
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

/** What tells one generator from another: everything that `render.mjs` is made of but the scenes themselves. */
function generatorName() {
  const hash = createHash('sha256');
  const seen = new Set();
  const take = (file) => {
    if (seen.has(file) || dirname(file).endsWith('scenarios')) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    hash.update(text);
    for (const [, path] of text.matchAll(/ from '(\.[^']+)'/g)) take(join(dirname(file), path));
  };
  take(join(here, 'render.mjs'));
  return hash.digest('hex');
}

/** What tells one clip from another that bears the same name: the generator, and everything on the stage but the rules' options. */
function nameOf(generator, stage) {
  const { actors, effects, incidents, zones, lines, watched, places, light, durationS, fps, width, height, bitrate, camera, trees, lamps } =
    stage;
  const ways = actors.map(({ id, thing, path, look }) => {
    const way = [];
    for (let t = Math.max(0, path.from); t <= Math.min(durationS, path.to); t += 0.5) way.push(path.at(t));
    return { id, thing, look, from: path.from, to: path.to, way };
  });
  const told = incidents.map(({ object, objects, ...rest }) => ({ ...rest, object: object?.id, objects: objects?.map(({ id }) => id) }));
  const all = [
    ways,
    effects,
    told,
    [...zones],
    [...lines],
    [...watched].map(([name, { id }]) => [name, id]),
    [...places],
    light,
    durationS,
    fps,
    width,
    height,
    bitrate,
    camera,
    trees,
    lamps,
  ];
  return createHash('sha256').update(generator).update(JSON.stringify(all)).digest('hex').slice(0, 10);
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
