import type { Clock } from '../../platform/clock.js';
import { LinkClosed, type MqttLink, type OutgoingMessage } from '../../platform/mqtt/index.js';
import type { Bandwidth } from './bandwidth.js';

/** The limit on evidence, as the flow needs it. */
export interface Pace {
  readonly bandwidth: Pick<Bandwidth, 'waitMs' | 'spend'>;
  /** Whether messages are about to go, although none may now. */
  readonly messagesSoon: () => boolean;
  readonly clock: Clock;
}

/** A message with what is to be done when the broker has answered. */
export interface Packet {
  readonly message: OutgoingMessage;
  readonly accepted: (result: { readonly unheard: boolean }) => void;
  readonly failed: (error: Error) => void;
}

/** What goes out over one link, with a cap on what is in flight. */
export interface Flow {
  /** Sends what may be sent now. */
  pump(): void;
  /** Sends a piece of evidence when no message waits and the bandwidth allows; resolves with the broker's acknowledgement. */
  offer(message: OutgoingMessage): Promise<void>;
  /** In flight or offered. */
  busy(): boolean;
  /** Messages are under way. */
  hasMessages(): boolean;
  /** The link has ended: what was only offered fails. */
  close(reason: Error): void;
}

/** Room for topic and header in the packet of any message, bytes: topics have a few hundred. */
export const PACKET_OVERHEAD_BYTES = 1_024;

/** Pieces of evidence in flight at once: an event that comes now waits behind them at most, 256 KiB or 2 s at 1 Mbit/s. */
const EVIDENCE_IN_FLIGHT = 2;

/** The limit may be raised while a piece waits for it: look again after this, milliseconds. */
const LONGEST_PAUSE_MS = 1_000;

/**
 * mqtt.js heeds the broker's receive maximum only for what it receives, so the cap is kept here.
 *
 * @param nextMessage yields what goes first: messages and state; `null` when none waits.
 */
export function createFlow(link: MqttLink, maxInFlight: number, nextMessage: () => Packet | null, pace: Pace): Flow {
  const { bandwidth, clock } = pace;
  const cap = Math.max(1, Math.min(maxInFlight, link.receiveMaximum));
  const offered: Packet[] = [];
  let inFlight = 0;
  let evidenceInFlight = 0;
  let closed = false;
  const over = new AbortController();
  let pausing = false;

  function nextEvidence(): Packet | null {
    // One slot stays free for messages, where there is more than one.
    const limit = Math.max(1, Math.min(EVIDENCE_IN_FLIGHT, cap - 1));
    const [packet] = offered;
    if (packet === undefined || evidenceInFlight >= limit || pace.messagesSoon()) return null;
    const waitMs = bandwidth.waitMs();
    if (waitMs > 0) {
      void pauseFor(waitMs);
      return null;
    }
    bandwidth.spend(packet.message.topic.length + packet.message.payload.length);
    offered.shift();
    return packet;
  }

  async function pauseFor(waitMs: number): Promise<void> {
    if (pausing) return;
    pausing = true;
    try {
      await clock.delay(Math.min(waitMs, LONGEST_PAUSE_MS), over.signal);
    } catch (error) {
      if (!over.signal.aborted) throw error;
    } finally {
      pausing = false;
    }
    flow.pump();
  }

  function send(packet: Packet, isEvidence: boolean): void {
    inFlight++;
    if (isEvidence) evidenceInFlight++;
    link
      .publish(packet.message)
      .then(packet.accepted, (error: unknown) => packet.failed(error instanceof Error ? error : new LinkClosed(String(error))))
      .finally(() => {
        inFlight--;
        if (isEvidence) evidenceInFlight--;
        flow.pump();
      });
  }

  const flow: Flow = {
    pump() {
      while (!closed && inFlight < cap) {
        const message = nextMessage();
        const packet = message ?? nextEvidence();
        if (packet === null) return;
        send(packet, message === null);
      }
    },
    offer(message) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(new LinkClosed('the link has ended'));
          return;
        }
        offered.push({ message, accepted: () => resolve(), failed: reject });
        flow.pump();
      });
    },
    busy: () => inFlight > 0 || offered.length > 0,
    hasMessages: () => inFlight > evidenceInFlight,
    close(reason) {
      closed = true;
      over.abort();
      for (const packet of offered.splice(0)) packet.failed(reason);
    },
  };
  return flow;
}
