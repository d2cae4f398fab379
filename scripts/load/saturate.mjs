import { setTimeout as delay } from 'node:timers/promises';
import { EVENTS_A_CASE } from './city.mjs';
import { percentile } from './latencies.mjs';
import { createCpuMeter, describeCpu } from './machine.mjs';

/** A step must be long beside a case's own time (fall and files, 9 s), or it shows the start alone. */
const SETTLE_S = 10;
const STEP_S = 12;
const FIRST_EVENTS_PER_S = 100;
/** Doubled so often at most: 6,400 a second. */
const STEPS = 7;
/** What is delivered of what is made; below it a queue grows. */
const KEEPS_UP = 0.9;
/** A process with one thread that uses this much of a core is at its end. */
const FULL_CORE = 0.9;
/** Less than this left idle: the machine is at its end. */
const FULL_MACHINE = 0.15;

/**
 * Doubles the rate until deliveries no longer keep up, first with events alone, then with files too, and says who was at the end.
 *
 * @param {{facts: object, fleet: object, pids: () => object, drain: () => Promise<boolean>, videoShare: number}} parts
 */
export async function saturate({ facts, fleet, pids, drain, videoShare }) {
  for (const share of [0, videoShare]) {
    const what = share === 0 ? 'events alone' : 'events and files';
    const steps = [];
    for (let eventsPerS = FIRST_EVENTS_PER_S, step = 0; step < STEPS; eventsPerS *= 2, step++) {
      const taken = await measureStep({ fleet, pids, eventsPerS, share });
      steps.push(taken);
      facts.note(`${what}, ${eventsPerS} events/s asked for`, describeStep(taken));
      if (taken.deliveredPerS < KEEPS_UP * eventsPerS) break;
    }
    await fleet.setRate(0, 0);
    const best = steps.reduce((a, b) => (b.deliveredPerS > a.deliveredPerS ? b : a));
    facts.note(`${what}: most that were delivered`, `${best.deliveredPerS.toFixed(0)} events/s, ${best.filesPerS.toFixed(0)} files/s`);
    facts.note(`${what}: what was at its end`, whatIsFull(steps.at(-1)));
    facts.note(`${what}: CPU an event there, ms`, describeCost(best));
    const drained = await drain();
    facts.judge(`${what}: what had piled up left the outboxes`, drained ? 'yes' : 'no', 'yes', drained);
  }
}

async function measureStep({ fleet, pids, eventsPerS, share }) {
  await fleet.setRate(eventsPerS / EVENTS_A_CASE, share);
  await delay(SETTLE_S * 1_000);
  const before = await fleet.figures();
  const meter = createCpuMeter(pids());
  await delay(STEP_S * 1_000);
  const after = await fleet.figures();
  const cpu = meter.since();
  const perS = (name) => (after[name] - before[name]) / cpu.seconds;
  return {
    madePerS: perS('events'),
    deliveredPerS: perS('deliveredEvents'),
    filesPerS: perS('deliveredFiles'),
    eventMs: after.eventMs,
    cpu,
  };
}

function describeStep({ madePerS, deliveredPerS, filesPerS, eventMs, cpu }) {
  const [p50, p95] = [0.5, 0.95].map((share) => Math.round(percentile(eventMs, share)));
  const rates = `${madePerS.toFixed(0)} made, ${deliveredPerS.toFixed(0)} delivered, ${filesPerS.toFixed(0)} files/s`;
  return `${rates}, p50 ${p50} ms, p95 ${p95} ms; cores: ${describeCpu(cpu)}`;
}

/** @param {{cpu: {cores: Record<string, number>, idleCores: number}}} step */
export function whatIsFull({ cpu: { cores, idleCores } }) {
  const full = Object.entries(cores).filter(([name, used]) => name !== 'agents' && used >= FULL_CORE);
  if (full.length > 0) return full.map(([name, used]) => `${name}, with ${used.toFixed(2)} cores`).join('; ');
  const most = Object.entries(cores).sort(([, a], [, b]) => b - a);
  const shares = most.map(([name, used]) => `${name} ${used.toFixed(2)}`).join(', ');
  if (idleCores < FULL_MACHINE) return `the machine: no core is free (${shares})`;
  return `no processor: something waits for the disk (${shares}; ${idleCores.toFixed(2)} cores idle)`;
}

function describeCost({ deliveredPerS, cpu }) {
  return Object.entries(cpu.cores)
    .map(([name, used]) => `${name} ${((1_000 * used) / deliveredPerS).toFixed(2)}`)
    .join(', ');
}
