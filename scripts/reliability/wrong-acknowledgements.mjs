import { startWrongBroker } from '../../dist/testing/wrong-broker.js';
import { createRig, delay, until } from './rig.mjs';

const KEEPALIVE_MS = 2_000;
const LONGEST_RUN_MS = 800;
/** The last two go on until the link is given up. */
const manners = [{ how: 'late', ms: 200 }, { how: 'twice' }, { how: 'late', ms: 2 * KEEPALIVE_MS }, { how: 'never' }];

export const wrongAcknowledgements = {
  id: 'RB',
  title: 'a broker that acknowledges late, much too late, twice or never',
  pass: '0 lost, none twice, order kept',
  runs: { full: 200, short: null },
  shortIn: 'src/receiver/wrong-broker.test.ts',
  run: (options) => acknowledgeWrongly(options, manners, true),
};

export const falseAcknowledgements = {
  id: 'RBf',
  title: 'a broker that acknowledges what it then forgets',
  // Only the order in which the centre sees them first: the agent cannot know that an earlier one has not arrived until the centre is late with its word.
  pass: '0 lost, none twice; what it forgot comes late, after later ones',
  runs: { full: 50, short: null },
  shortIn: 'src/receiver/wrong-broker.test.ts',
  run: (options) => acknowledgeWrongly(options, [{ how: 'falsely' }], false),
};

async function acknowledgeWrongly({ runs, random, work, facts }, ways, inOrder) {
  const rig = await createRig(work);
  const wrong = await startWrongBroker(rig.broker.port);
  try {
    await rig.receiver();
    const agent = rig.agent({ url: wrong.url, everyMs: 40, clipBytes: 30_000, keepaliveMs: KEEPALIVE_MS });
    const drops = () => agent.words('link').filter(([state]) => state === 'down').length;
    await until('it is connected', () => agent.has('link up'));
    for (let run = 0; run < runs; run++) {
      const manner = ways[run % ways.length];
      const before = drops();
      wrong.acknowledge(manner);
      if (manner.how === 'never' || manner.ms > KEEPALIVE_MS) await until('the link is given up', () => drops() > before);
      else await delay(random() * LONGEST_RUN_MS);
      wrong.acknowledge({ how: 'promptly' });
      await delay(random() * LONGEST_RUN_MS);
      facts.progress(run + 1, runs);
    }
    facts.note('acknowledgements held back, doubled, dropped or made up', wrong.wronged());
    facts.note('links given up', drops());
    const { recorded, evidence, late, faults } = await rig.settle({ inOrder });
    facts.note('events and files said to be recorded', `${recorded}, ${evidence}`);
    facts.note('events that came after a later one', late);
    facts.judge('lost, twice, out of order or damaged', faults, recorded > runs && wrong.wronged() > runs);
  } finally {
    await wrong[Symbol.asyncDispose]();
    await rig.dispose();
  }
}
