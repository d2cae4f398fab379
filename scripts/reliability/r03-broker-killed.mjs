import { createRig, delay, until } from './rig.mjs';

const LONGEST_RUN_MS = 500;

export const brokerKilled = {
  id: 'R3',
  title: 'kill -9 of mosquitto with a queue that it has not saved',
  pass: '0 lost end to end, order kept',
  runs: { full: 50, short: 2 },
  async run({ runs, random, work, facts }) {
    const rig = await createRig(work);
    let queued = 0;
    try {
      let receiver = await rig.receiver();
      rig.agent({ everyMs: 40, clipBytes: 12_000 });
      for (let kill = 0; kill < runs; kill++) {
        // Half of the time nobody takes what the broker has acknowledged: it is in its memory alone.
        const away = random() < 0.5;
        if (away) {
          await receiver.kill();
          queued++;
        }
        await delay(random() * LONGEST_RUN_MS);
        await rig.broker.kill();
        await rig.broker.start();
        if (away) receiver = await rig.receiver();
        const before = receiver.words('evidence').length;
        await until('files arrive again', () => receiver.words('evidence').length > before, 60_000);
        facts.progress(kill + 1, runs);
      }
      const { recorded, evidence, faults } = await rig.settle();
      facts.note('kills, of them while the receiver was away', `${runs}, ${queued}`);
      facts.note('events and files said to be recorded', `${recorded}, ${evidence}`);
      facts.judge('lost, twice, out of order or damaged', faults, recorded > runs);
    } finally {
      await rig.dispose();
    }
  },
};

export const receiverKilled = {
  id: 'RK',
  title: 'kill -9 of the receiver at random instants',
  pass: '0 lost, none twice, order kept',
  runs: { full: 200, short: null },
  shortIn: 'src/receiver/crash.test.ts',
  run: (options) => killReceivers(options, { inOrder: true }),
};

export const receiverKilledSmallQueue = {
  id: 'RKq',
  title: 'the same, at a mosquitto that drops what it has queued above 1,000 messages (its default)',
  pass: '0 lost, none twice; what it dropped comes late, after later ones',
  runs: { full: 50, short: null },
  shortIn: 'src/receiver/crash.test.ts',
  run: (options) => killReceivers(options, { inOrder: false, mosquitto: {} }),
};

async function killReceivers({ runs, random, work, facts }, { inOrder, ...options }) {
  const rig = await createRig(work, options);
  try {
    await rig.introduceReceiver();
    rig.agent({ everyMs: 100, clipBytes: 60_000 });
    for (let kill = 0; kill < runs; kill++) {
      const receiver = await rig.receiver();
      await delay(random() * LONGEST_RUN_MS);
      await receiver.kill();
      facts.progress(kill + 1, runs);
    }
    await rig.receiver();
    const { recorded, evidence, late, faults } = await rig.settle({ inOrder });
    facts.note('events and files said to be recorded', `${recorded}, ${evidence}`);
    facts.note('events that came after a later one', late);
    facts.judge('lost, twice, out of order or damaged', faults, recorded > runs);
  } finally {
    await rig.dispose();
  }
}
