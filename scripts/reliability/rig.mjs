import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startMosquitto } from '../../dist/testing/mosquitto.js';
import { judgeDelivery } from './judge.mjs';
import { startAgent, startReceiver } from './programs.mjs';

export { delay };

/** As docs/mqtt.md recommends, save that it saves its queues as seldom as by default: a kill costs it all that it holds. */
const recommended = { config: ['allow_anonymous true', 'max_queued_messages 0'] };
/** An outbox of which nothing goes for so long is stuck. */
const STUCK_MS = 60_000;

/**
 * What every fault of the delivery is made in: a real mosquitto, a receiver and one agent after the other in one folder.
 *
 * @param {string} work folder for everything
 * @param {object} options
 * @param {'centre' | 'broker'} [options.delivery]
 * @param {string} [options.agentFolder] where the agent's folder is to be, if not below `work`
 * @param {string} [options.received] the same of the receiver's
 * @param {import('../../dist/testing/mosquitto.js').MosquittoOptions} [options.mosquitto]
 */
export async function createRig(work, options = {}) {
  const { delivery = 'centre', mosquitto = recommended } = options;
  mkdirSync(work, { recursive: true });
  const folder = mkdtempSync(join(work, 'rig-'));
  const broker = await startMosquitto(mosquitto);
  const agents = [];
  const receivers = [];
  const rig = {
    folder,
    broker,
    agents,
    receivers,
    agentFolder: options.agentFolder ?? join(folder, 'agent'),
    received: options.received ?? join(folder, 'received'),
    agent({ env, ...orders } = {}) {
      const agent = startAgent({ folder: rig.agentFolder, url: broker.url, delivery, cameras: ['tower', 'gate'], ...orders }, { env });
      agents.push(agent);
      return agent;
    },
    async receiver() {
      const receiver = startReceiver(broker.url, rig.received);
      receivers.push(receiver);
      await until('the receiver runs', () => receiver.has('ready'));
      return receiver;
    },
    /**
     * The broker gets to know the receiver, and keeps for it what comes while it is away. In the very moment of a first subscription two events
     * that are under way together may change places.
     */
    async introduceReceiver() {
      await (await rig.receiver()).kill('SIGTERM');
    },
    /** Waits until everything has arrived, by a last agent if there is none, and says what is wrong. */
    async settle({ inOrder = true } = {}) {
      for (const agent of agents) if (agent.running()) await agent.kill();
      const last = rig.agent({ incidents: 0 });
      const left = () => last.lines.findLast((line) => line.startsWith('left ')) ?? 'left all';
      while (!last.has('empty')) {
        const before = left();
        await until(`the outbox is empty, of which no more goes (${before})`, () => last.has('empty') || left() !== before, STUCK_MS);
      }
      await last.kill();
      for (const receiver of receivers) if (receiver.running()) await receiver.kill('SIGTERM');
      return await judgeDelivery({ agents, agentFolder: rig.agentFolder, received: rig.received, inOrder });
    },
    async dispose(keep = false) {
      for (const one of [...agents, ...receivers]) if (one.running()) await one.kill();
      await broker[Symbol.asyncDispose]();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
  return rig;
}

/** Asks a hundred times a second, or less often, until the answer is true. @throws when it never is. */
export async function until(what, ask, timeoutMs = 30_000, everyMs = 10) {
  const endMs = performance.now() + timeoutMs;
  while (!(await ask())) {
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}`);
    await delay(everyMs);
  }
}

/** Middle, 95th percentile and largest, in words. @param {readonly number[]} values */
export function spread(values, digits = 1) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(digits);
  return `${at(0.5)}, ${at(0.95)}, ${at(1)}`;
}
