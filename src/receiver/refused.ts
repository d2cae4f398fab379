import { Rejected } from './rejected.js';

/** Who sent something, and what an acknowledgement of it would name. */
export interface Refusable {
  readonly site: string;
  readonly agent: string;
  /** See `ackKeys`; `null` for what nobody acknowledges. */
  readonly ackKey: string | null;
  /** Of the payload, lower-case hex. */
  readonly sha256: string;
}

/** Something whose signature, hash or place in the chain is wrong: it is counted and reported, and its agent is told. */
export class Refused extends Rejected {
  override readonly name = 'Refused';

  constructor(
    readonly of: Refusable,
    reason: string,
  ) {
    super(reason);
  }
}
