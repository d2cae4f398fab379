import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flipBit } from '../../dist/testing/proof-fixtures.js';
import { journalOf, problemsIn, sha256Of } from './judge.mjs';
import { createRig, until } from './rig.mjs';

export const flippedClip = {
  id: 'R14c',
  title: 'a flipped bit in a clip that waits to be sent',
  pass: 'found, never sent, recorded in the chain, told to the centre; all others arrive',
  runs: { full: 50, short: 4 },
  async run({ runs, random, work, facts }) {
    const rig = await createRig(work);
    try {
      const recorder = rig.agent({ url: null, incidents: 2 * runs, clipBytes: 30_000 });
      await until('all is recorded', () => recorder.has('done'), 120_000);
      await recorder.kill();
      // The manifests of the last ones are written by the next start.
      const next = rig.agent({ url: null, incidents: 0 });
      await until('it has put right what was cut short', () => next.has('done'));
      await next.kill();
      const clips = recorder.words('evidence');
      const paths = new Map(clipsBelow(join(rig.agentFolder, 'evidence')).map((path) => [sha256Of(readFileSync(path)), path]));
      const altered = new Set(clips.filter((_clip, i) => i % 2 === 0).map(([id]) => id));
      for (const [id, sha256] of clips) {
        if (!altered.has(id)) continue;
        const path = paths.get(sha256);
        const bytes = readFileSync(path);
        writeFileSync(path, flipBit(bytes, Math.floor(random() * bytes.length * 8)));
      }
      const named = (await problemsIn(rig.agentFolder)).filter((problem) => problem.includes('altered')).length;
      await rig.receiver();
      // Waits for all that was recorded, and so reports the altered ones as lost.
      const { faults } = await rig.settle();
      const lost = new Set(faults.flatMap((fault) => /^evidence (\S+) is lost$/.exec(fault)?.[1] ?? []));
      const told = new Set(
        journalOf(rig.received).flatMap(({ camera, id }) => failedOf(join(rig.received, 'estate/box', camera, id, 'evidence.json'))),
      );
      const wrong = [
        ...(named === altered.size ? [] : [`evidence verify names ${named} of ${altered.size}`]),
        ...[...altered].filter((id) => !lost.has(id)).map((id) => `${id} was sent although it is altered`),
        ...[...altered].filter((id) => !told.has(id)).map((id) => `of ${id} the centre was not told`),
        ...[...lost].filter((id) => !altered.has(id)).map((id) => `${id} is lost, and was not altered`),
      ];
      facts.note('clips, of them altered', `${clips.length}, ${altered.size}`);
      facts.note('named by parapet evidence verify before they were sent', named);
      facts.judge('sent, not told, or lost with them', wrong, altered.size >= runs);
    } finally {
      await rig.dispose();
    }
  },
};

function clipsBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function failedOf(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).failed.map(({ id }) => id) : [];
}
