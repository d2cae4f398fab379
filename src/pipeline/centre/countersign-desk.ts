import type { CountersignMessage } from '../../domain/wire/proof.js';
import type { Logger } from '../../platform/logger.js';
import { checkSignature, fingerprintOf, sameKey } from '../../platform/proof/index.js';
import type { Store } from '../../store/index.js';

export interface CountersignDeskOptions {
  readonly site: string;
  readonly agent: string;
  /** The centre's key, raw, when it is configured (`mqtt.commands.key`); otherwise the first that is seen is trusted. */
  readonly centreKey: () => string | null;
  readonly records: Pick<Store['records'], 'countersigned'>;
  /** Something was kept. */
  readonly onKept: () => void;
  readonly logger: Logger;
}

/** @throws {AgentError} when the store fails. */
export type TakeCountersign = (countersign: CountersignMessage, message: object) => void;

/** Keeps what the centre countersigns of this agent's chain, when it is signed by the centre and says what the chain says. */
export function createCountersignDesk(options: CountersignDeskOptions): TakeCountersign {
  const { site, agent, records, logger } = options;
  const refuse = (countersign: CountersignMessage, reason: string): void =>
    logger.error({ event: 'countersign-refused', number: countersign.number, reason }, `a countersignature was not taken: ${reason}`);

  return (countersign, message) => {
    const checked = checkSignature(message);
    const centreKey = options.centreKey();
    if (checked.state !== 'good') return refuse(countersign, checked.state === 'bad' ? checked.why : 'it is not signed');
    if (centreKey !== null && !sameKey(checked.key, centreKey))
      return refuse(countersign, 'it is signed by another key than mqtt.commands.key');
    if (countersign.site !== site || countersign.agent !== agent) return refuse(countersign, 'it speaks of another agent');
    const { number, chain } = countersign;
    const outcome = records.countersigned(message as CountersignMessage);
    if (outcome === 'other_key') refuse(countersign, `it is signed by another key than those before it, ${fingerprintOf(checked.key)}`);
    if (outcome === 'differs') {
      const line = { event: 'countersign-differs', chain, number };
      logger.error(
        line,
        `the centre has another record ${number} than this agent: the chain was altered here or there; see parapet evidence verify`,
      );
    }
    if (outcome !== 'kept') return;
    logger.info({ event: 'countersigned', chain, number }, `the centre has the chain up to record ${number}, and has signed that`);
    options.onKept();
  };
}
