import { setTimeout as delay } from 'node:timers/promises';
import { createCpuMeter, describeCpu } from './machine.mjs';

/** Backoff's longest wait while an outage is young (src/platform/time/backoff.ts), and time to be let in, milliseconds. */
const BACK_WITHIN_MS = 100_000;
/** More than this a second, and a broker of one core cannot answer with TLS handshakes any more. */
const CONNECTS_A_SECOND = 100;

/**
 * The broker is killed with its queues unsaved while agents report, and is back later: how many return in a second, and does all arrive?
 *
 * @param {{facts: object, fleet: object, broker: object, pids: () => object, agents: number, awayS: number, casesPerS: number, videoShare: number,
 *   drain: () => Promise<boolean>}} parts
 */
export async function measureStorm({ facts, fleet, broker, pids, agents, awayS, casesPerS, videoShare, drain }) {
  await fleet.figures();
  await fleet.setRate(casesPerS, videoShare);
  await broker.kill();
  await delay(awayS * 1_000);
  await broker.start();
  const backMs = Date.now();
  const meter = createCpuMeter(pids());
  let links = await fleet.links();
  while (links.connected < agents && Date.now() - backMs < BACK_WITHIN_MS) {
    await delay(1_000);
    links = await fleet.links();
  }
  const tookS = (Date.now() - backMs) / 1_000;
  facts.judge(
    `broker killed, away ${awayS} s: agents back`,
    `${links.connected} in ${tookS.toFixed(0)} s`,
    'all',
    links.connected === agents,
  );
  const most = mostInASecond(links.sinceMs);
  facts.judge('most connections in any one second', most, `≤ ${CONNECTS_A_SECOND}`, most <= CONNECTS_A_SECOND);
  facts.note('cores used while they came back', describeCpu(meter.since()));
  await fleet.setRate(0, 0);
  const drained = await drain();
  facts.judge('after it all left the outboxes', drained ? 'yes' : 'no', 'yes', drained);
}

/** The most of these moments that lie within any one second, wherever it begins. @param {readonly number[]} atMs */
export function mostInASecond(atMs) {
  const sorted = [...atMs].sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last] - sorted[first] >= 1_000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
