// A process of the ablation: replays kept candidates through one program and scores what comes out with another, the engine as it is.
// Arguments: `dist` of the program, `dist` of the scorer, 'moving' or 'all', then files of candidates. Prints the score as JSON.
import { join } from 'node:path';
import { importFrom, replay } from './replayed-camera.mjs';

const [dist, scorer, kind, ...files] = process.argv.slice(2);
const { eventsOf } = await importFrom(scorer, 'cli/analyze/report.js');
const { matchClip } = await importFrom(scorer, 'core/scoring/match.js');
const { scoreClips } = await importFrom(scorer, 'core/scoring/score.js');
const { readTruth } = await importFrom(scorer, 'cli/score/files.js');

const matched = [];
const sums = { pictures: 0, motionMs: 0, rulesMs: 0 };
for (const file of files) {
  const { clip, incidents, ...cost } = await replay(dist, file, kind === 'moving');
  for (const key of Object.keys(sums)) sums[key] += cost[key];
  const events = eventsOf(incidents, true, { site: 'ablation', agent: 'ablation' }, () => []);
  matched.push(matchClip(readTruth(join(clip, 'truth.json')), events));
}
process.stdout.write(JSON.stringify({ ...sums, score: scoreClips(matched) }));
