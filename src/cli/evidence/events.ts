import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { checkSignature } from '../../platform/proof/index.js';
import { agentFolder } from '../../receiver/agent-folder.js';
import { readLines } from './lines.js';
import type { FindTrust } from './trust.js';
import { type Findings, keyProblem } from './verify.js';

/** What identifies an event; a forged one may lack any of it. */
interface EventFacts {
  readonly site?: unknown;
  readonly agent?: unknown;
  readonly camera?: unknown;
  readonly seq?: unknown;
}

/**
 * Events at a receiver: `events.jsonl`, one line each, signed and numbered by camera without gaps, and the `event.json` of each.
 *
 * @returns how many lines are good.
 */
export async function verifyEvents(root: string, paths: readonly string[], findTrust: FindTrust, findings: Findings): Promise<number> {
  const journal = join(root, 'events.jsonl');
  let good = 0;
  let unsigned = 0;
  const numbers = new Map<string, number[]>();
  for await (const { number, text, whole } of paths.includes(journal) ? readLines(journal) : []) {
    if (!whole) {
      findings.note('events.jsonl: the last line was cut off; the receiver writes it again when it starts');
      break;
    }
    const event = parseEvent(text);
    const folder = agentFolder(root, String(event?.site), String(event?.agent));
    const outcome = event === null ? 'it is not JSON' : await verifyEvent(event, folder, findTrust);
    if (outcome === 'unsigned') unsigned++;
    else if (outcome !== null) findings.problem(`events.jsonl:${number}: ${outcome}`);
    else good++;
    if (typeof event?.seq !== 'number') continue;
    const camera = `${event.site}/${event.agent}/${event.camera}`;
    const seqs = numbers.get(camera) ?? [];
    numbers.set(camera, seqs);
    seqs.push(event.seq);
  }
  for (const [camera, seqs] of numbers) verifyNumbers(camera, seqs, findings);
  for (const file of paths.filter((one) => basename(one) === 'event.json')) {
    const event = parseEvent(await readFile(file, 'utf8'));
    const outcome = event === null ? 'it is not JSON' : await verifyEvent(event, dirname(file), findTrust);
    if (outcome !== null && outcome !== 'unsigned') findings.problem(`${relative(root, file)}: ${outcome}`);
  }
  if (unsigned > 0) findings.note(`${unsigned} events bear no signature, and no key of their agents is known: nothing can be said of them`);
  return good;
}

/** The first that came sets where counting begins: a receiver may be younger than its agents, and a journal is rotated. */
function verifyNumbers(camera: string, seqs: readonly number[], findings: Findings): void {
  let before: number | null = null;
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    if (before !== null && seq > before + 1)
      findings.problem(`events.jsonl: of ${camera} the events after number ${before} and before ${seq} are missing`);
    before = seq;
  }
}

/** @returns what is wrong with an event, `null` when nothing is. */
async function verifyEvent(event: EventFacts, folder: string, findTrust: FindTrust): Promise<string | null> {
  const checked = checkSignature(event);
  if (checked.state === 'unsigned')
    return (await findTrust(folder)) === null ? 'unsigned' : 'the event bears no signature, and its agent has a key';
  if (checked.state === 'bad') return `the event is altered: ${checked.why}`;
  return keyProblem(checked.key, await findTrust(folder));
}

function parseEvent(text: string): EventFacts | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
