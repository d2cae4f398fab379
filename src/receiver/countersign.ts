import { COUNTERSIGN_SCHEMA, type CountersignMessage } from '../domain/wire/proof.js';
import type { Clock } from '../platform/clock.js';
import { errorMessage } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import type { Signer } from '../platform/proof/index.js';

/** How far a chain is here without a gap. */
export interface ChainHead {
  readonly site: string;
  readonly agent: string;
  /** Its id. */
  readonly chain: string;
  /** Of the last record before the first gap, and its hash. */
  readonly number: number;
  readonly sha256: string;
}

export interface CountersignerOptions {
  readonly signer: Signer;
  readonly heads: () => Promise<readonly ChainHead[]>;
  /** To the agent's `ack`. May be lost: the next day brings another. */
  readonly tell: (site: string, agent: string, message: CountersignMessage) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** How often, milliseconds: a box that is robbed and altered within a day is found by what the centre has anyway. */
const EVERY_MS = 86_400_000;
/** After the start, so that what agents have sent meanwhile is in. */
const FIRST_MS = 60_000;
/** Between two agents: 3,000 of them take five minutes, and no broker is flooded. */
const APART_MS = 100;

/**
 * Says to each agent, daily and signed with the centre's own key, how far its chain is here: then whoever alters the box later contradicts
 * what the centre has signed, also for somebody who can ask no centre any more. Runs until the signal; never rejects.
 */
export async function countersignDaily(options: CountersignerOptions): Promise<void> {
  const { clock, signal, logger } = options;
  const pause = (ms: number): Promise<void> => clock.delay(ms, signal).catch(() => undefined);
  await pause(FIRST_MS);
  while (!signal.aborted) {
    try {
      const heads = await options.heads();
      for (const { site, agent, chain, number, sha256 } of heads) {
        if (signal.aborted) return;
        const at = new Date(clock.now()).toISOString();
        options.tell(site, agent, options.signer.sign({ schema: COUNTERSIGN_SCHEMA, site, agent, chain, number, sha256, at }));
        await pause(APART_MS);
      }
      logger.info({ event: 'countersigned', chains: heads.length }, 'told the agents how far their chains are here');
    } catch (error) {
      logger.error({ event: 'countersign-failed', reason: errorMessage(error) }, 'the chains could not be countersigned; tomorrow again');
    }
    await pause(EVERY_MS);
  }
}
