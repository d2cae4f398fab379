import type { EvidenceKind } from '../../domain/evidence.js';
import type { EventMessage } from '../../domain/wire/event.js';
import type { EvidenceCompleteMessage } from '../../domain/wire/evidence.js';

/** What has reached the receiver, and whether it proves that the whole chain works. */
export interface Proof {
  cameraOnline(): void;
  event(event: EventMessage): void;
  /** A file whose hash was found right. */
  verified(eventId: string, kind: EvidenceKind): void;
  complete(message: EvidenceCompleteMessage): void;
  /** Resolves when a confirmed event has arrived with everything that it announced. */
  readonly proven: Promise<void>;
  /** How far it came, for a person who waited in vain. */
  missing(): string;
}

export function createProof(): Proof {
  let online = false;
  let events = 0;
  const confirmed = new Map<string, EventMessage>();
  const verified = new Map<string, Set<EvidenceKind>>();
  let failure: string | null = null;
  let prove: () => void = () => undefined;
  const proven = new Promise<void>((resolve) => {
    prove = resolve;
  });
  return {
    cameraOnline() {
      online = true;
    },
    event(event) {
      events++;
      if (event.phase === 'end' && event.verdict === 'confirmed') confirmed.set(event.id, event);
    },
    verified: (eventId, kind) => void verified.set(eventId, (verified.get(eventId) ?? new Set()).add(kind)),
    complete(message) {
      const event = confirmed.get(message.event);
      if (event === undefined) return;
      const arrived = verified.get(message.event) ?? new Set();
      const lacking = event.evidence.filter(({ kind }) => !arrived.has(kind)).map(({ kind }) => kind);
      const failed = message.failed[0];
      if (failed !== undefined) failure = `${failed.kind} could not be made: ${failed.reason}`;
      else if (event.evidence.length === 0) failure = 'the event announced no evidence';
      else if (lacking.length > 0) failure = `${lacking.join(', ')} did not arrive`;
      else prove();
    },
    proven,
    missing() {
      if (!online) return 'the camera never came online';
      if (events === 0) return 'no event reached the receiver';
      if (confirmed.size === 0) return 'no confirmed event reached the receiver';
      return failure ?? 'the evidence of the event did not arrive whole';
    },
  };
}
