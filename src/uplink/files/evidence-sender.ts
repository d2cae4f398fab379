import type { Outbox, OutboxTransfer } from '../../domain/outbox.js';
import type { NeedMessage } from '../../domain/wire/delivery.js';
import type { Clock } from '../../platform/clock.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { LinkClosed, type OutgoingMessage } from '../../platform/mqtt/index.js';
import { createSleeper } from '../../platform/time/sleeper.js';
import type { UplinkCounters } from '../link/counters.js';
import { PACKET_OVERHEAD_BYTES } from '../link/flow.js';
import { topicBase, type UplinkIdentity } from '../link/topics.js';
import { DEFAULT_ACK_TIMEOUT_MS, type Delivery, MAX_ACK_TIMEOUT_MS } from '../messages/message-queue.js';
import { chunkCount, EvidenceAltered, type EvidenceFile, openEvidenceFile } from './evidence-file.js';
import { completeMessage, manifestMessage } from './evidence-messages.js';
import { sendPieces } from './evidence-pieces.js';

export interface EvidenceSenderOptions {
  readonly outbox: Outbox;
  readonly delivery: Delivery;
  readonly identity: UplinkIdentity;
  /** Wished for size of a chunk, bytes; a broker with a lower packet limit gets smaller ones. */
  readonly chunkBytes: number;
  readonly ackTimeoutMs?: number;
  readonly counters: UplinkCounters;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Size above which files are held now, bytes; `null` when none is. */
  readonly heldAbove: () => number | null;
  /** A transfer is over: "evidence complete" may wait in the outbox now. */
  readonly onSettled: () => void;
  /** The centre has been told of a file that it gets another way, or not before it asks. */
  readonly onAnnounced: () => void;
}

/** Where chunks go: see `Flow.offer`. */
export interface EvidencePort {
  readonly maximumPacketBytes: number;
  offer(message: OutgoingMessage): Promise<void>;
}

export interface EvidenceSender {
  /** Sends until the signal aborts; one run at a time, one a link. */
  run(port: EvidencePort, signal: AbortSignal): Promise<void>;
  /** New transfers may wait. */
  wake(): void;
  confirmed(evidenceId: string, sha256: string): 'done' | 'unknown' | 'mismatch';
  needed(need: NeedMessage): void;
  /** The whole file has gone another way: delivered with `broker`, to be acknowledged as usual with `centre`. */
  sentElsewhere(evidenceId: string): void;
  /** A file that was to go another way is gone or altered. */
  altered(evidenceId: string, why: string): void;
  /** The centre is back: asks at once about what it has not acknowledged. */
  resendUnconfirmed(): void;
}

/** Files sent but not acknowledged by the centre, at most: more would only fill the broker's memory while the centre is away. */
const UNCONFIRMED_FILES = 4;
/** Wait after a refusal or a file error, doubled at every further one, milliseconds. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 300_000;
/** Without anything else to do, look again this often, milliseconds. */
const IDLE_MS = 60_000;

interface Unconfirmed {
  readonly transfer: OutboxTransfer;
  readonly chunkBytes: number;
  dueMs: number;
  timeoutMs: number;
}

export function createEvidenceSender(options: EvidenceSenderOptions): EvidenceSender {
  const { outbox, delivery, identity, counters, clock, logger } = options;
  const ackTimeoutMs = options.ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS;
  const base = topicBase(identity);
  const unconfirmed = new Map<string, Unconfirmed>();
  /** Chunks asked for by evidence; an empty set means all. */
  const needs = new Map<string, Set<number>>();
  /** The one that is being sent, until it has been acknowledged meanwhile. */
  let current: OutboxTransfer | null = null;
  /** As the latest link takes them. */
  let lastChunkBytes = options.chunkBytes;
  const { sleep, wake } = createSleeper(clock);

  function resendUnconfirmed(): void {
    for (const entry of unconfirmed.values()) {
      entry.dueMs = 0;
      entry.timeoutMs = ackTimeoutMs / 2;
    }
    wake();
  }

  async function run(port: EvidencePort, signal: AbortSignal): Promise<void> {
    lastChunkBytes = chunkBytesFor(port);
    resendUnconfirmed();
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      try {
        const worked = await step(port);
        retryMs = FIRST_RETRY_MS;
        if (!worked) await sleep(Math.min(IDLE_MS, untilDueMs()), signal);
      } catch (error) {
        if (signal.aborted || error instanceof LinkClosed) return;
        const id = current?.evidenceId;
        logger.warn({ event: 'evidence-held', evidence: id, waitMs: retryMs }, `evidence is held back: ${errorMessage(error)}`);
        await pause(retryMs, signal);
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      } finally {
        current = null;
      }
    }
  }

  /** Waits all of it: news of other files must not cut the wait after a refusal short. */
  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await clock.delay(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Does one piece of work; false when there is none. */
  async function step(port: EvidencePort): Promise<boolean> {
    for (const [id, chunks] of needs) {
      needs.delete(id);
      const entry = unconfirmed.get(id);
      if (entry !== undefined) {
        unconfirmed.delete(id);
        await send(entry.transfer, port, entry.chunkBytes, chunks);
        return true;
      }
    }
    const nowMs = clock.monotonic();
    for (const entry of unconfirmed.values()) {
      if (entry.dueMs > nowMs) continue;
      await ask(entry, port);
      return true;
    }
    const heldAbove = options.heldAbove();
    const [news] = outbox.unannounced(1, heldAbove);
    if (news !== undefined) {
      await announce(news, port);
      return true;
    }
    if (unconfirmed.size >= UNCONFIRMED_FILES) return false;
    const transfer = outbox.transfers(unconfirmed.size + 1, heldAbove).find((one) => !unconfirmed.has(one.evidenceId));
    if (transfer === undefined) return false;
    await send(transfer, port, chunkBytesFor(port), null);
    return true;
  }

  /** Tells the centre of a file that it may ask for. */
  async function announce(transfer: OutboxTransfer, port: EvidencePort): Promise<void> {
    const chunkBytes = chunkBytesFor(port);
    await offerManifest(transfer, port, chunkBytes, true);
    outbox.transferAnnounced(transfer.evidenceId);
    options.onAnnounced();
  }

  /** A hold has begun, or another way was found for it, while it was being sent. */
  function mayGo({ evidenceId }: OutboxTransfer): boolean {
    return outbox.mayGo(evidenceId, options.heldAbove());
  }

  function chunkBytesFor(port: EvidencePort): number {
    return Math.max(1, Math.min(options.chunkBytes, port.maximumPacketBytes - PACKET_OVERHEAD_BYTES));
  }

  function untilDueMs(): number {
    const nowMs = clock.monotonic();
    return Math.min(Number.POSITIVE_INFINITY, ...[...unconfirmed.values()].map((entry) => Math.max(0, entry.dueMs - nowMs)));
  }

  /** Sends a file, or with `only` the chunks asked for (all when empty), and says that it is complete. */
  async function send(transfer: OutboxTransfer, port: EvidencePort, chunkBytes: number, only: ReadonlySet<number> | null): Promise<void> {
    current = transfer;
    try {
      await using file = await openEvidenceFile(transfer, chunkBytes);
      await offerManifest(transfer, port, chunkBytes);
      if (only !== null && only.size > 0) await sendSome(transfer, file, only, port);
      else if (!(await sendAll(transfer, file, port, chunkBytes, only === null))) return;
      await offerComplete(transfer, port, chunkBytes);
    } catch (error) {
      if (!(error instanceof EvidenceAltered)) throw error;
      fail(transfer, error.message);
      return;
    }
    // Acknowledged by the centre while it was being sent again.
    if (current !== transfer) return;
    if (delivery === 'broker') settle(transfer);
    else unconfirmed.set(transfer.evidenceId, { transfer, chunkBytes, dueMs: clock.monotonic() + ackTimeoutMs, timeoutMs: ackTimeoutMs });
  }

  /** False when it stopped before the last piece: the centre has acknowledged it meanwhile, or it is held now. */
  async function sendAll(
    transfer: OutboxTransfer,
    file: EvidenceFile,
    port: EvidencePort,
    chunkBytes: number,
    resume: boolean,
  ): Promise<boolean> {
    const from = resume && transfer.chunkBytes === chunkBytes ? Math.min(transfer.nextChunk, file.chunks) : 0;
    const note = (arrived: number): void => outbox.transferProgress(transfer.evidenceId, arrived, chunkBytes);
    const arrived = await sendPieces(file, {
      from,
      goesOn: () => current === transfer && mayGo(transfer),
      offer: (chunk, index) => offerChunk(transfer, chunk, index, port),
      note,
    });
    // A centre that puts it together as pieces come acknowledges before it is told that they were all: others still need the word.
    if (current !== transfer) return arrived === file.chunks;
    if (arrived > from) note(arrived);
    if (arrived < file.chunks) return false;
    file.verify();
    return true;
  }

  async function sendSome(transfer: OutboxTransfer, file: EvidenceFile, only: ReadonlySet<number>, port: EvidencePort): Promise<void> {
    for (const index of [...only].filter((one) => one < file.chunks).sort((a, b) => a - b)) {
      await offerChunk(transfer, await file.read(index), index, port);
    }
  }

  const folderOf = ({ incidentId, evidenceId }: OutboxTransfer): string => `${base}/evidence/${incidentId}/${evidenceId}`;

  async function offerManifest(transfer: OutboxTransfer, port: EvidencePort, chunkBytes: number, held = false): Promise<void> {
    const manifest = manifestMessage(transfer, identity, chunkBytes, chunkCount(transfer.bytes, chunkBytes), held);
    await port.offer({ topic: `${folderOf(transfer)}/manifest`, payload: JSON.stringify(manifest) });
  }

  async function offerChunk(transfer: OutboxTransfer, chunk: Buffer, index: number, port: EvidencePort): Promise<void> {
    await port.offer({ topic: `${folderOf(transfer)}/chunk/${index}`, payload: chunk });
    counters.evidenceBytes += chunk.length;
  }

  async function offerComplete(transfer: OutboxTransfer, port: EvidencePort, chunkBytes: number): Promise<void> {
    const complete = completeMessage(transfer, chunkCount(transfer.bytes, chunkBytes));
    await port.offer({ topic: `${folderOf(transfer)}/complete`, payload: JSON.stringify(complete) });
  }

  /** The centre has not answered in time: manifest and complete alone make it say what it lacks. */
  async function ask(entry: Unconfirmed, port: EvidencePort): Promise<void> {
    const { transfer, chunkBytes } = entry;
    entry.timeoutMs = Math.min(entry.timeoutMs * 2, MAX_ACK_TIMEOUT_MS);
    entry.dueMs = clock.monotonic() + entry.timeoutMs;
    await offerManifest(transfer, port, chunkBytes);
    await offerComplete(transfer, port, chunkBytes);
  }

  function settle(transfer: OutboxTransfer): void {
    outbox.transferDone(transfer.evidenceId);
    counters.evidenceDelivered++;
    logger.info(
      {
        event: 'evidence-delivered',
        evidence: transfer.evidenceId,
        incident: transfer.incidentId,
        kind: transfer.kind,
        bytes: transfer.bytes,
      },
      `${transfer.kind} of ${transfer.incidentId} delivered`,
    );
    options.onSettled();
  }

  function fail(transfer: OutboxTransfer, why: string): void {
    outbox.transferFailed(transfer.evidenceId, why);
    counters.evidenceFailed++;
    logger.error(
      { event: 'evidence-altered', code: 'EVIDENCE_INVALID', evidence: transfer.evidenceId, path: transfer.path },
      `${transfer.kind} of ${transfer.incidentId} cannot be delivered: ${why}`,
    );
    options.onSettled();
  }

  return {
    run,
    wake,
    resendUnconfirmed,
    confirmed(evidenceId, sha256) {
      const entry = unconfirmed.get(evidenceId);
      const known = entry?.transfer ?? (current?.evidenceId === evidenceId ? current : undefined);
      // Sent by the process before this one, or by another way.
      const transfer = known ?? outbox.transfer(evidenceId);
      if (transfer === null) return 'unknown';
      if (transfer.sha256 !== sha256) return 'mismatch';
      settle(transfer);
      unconfirmed.delete(evidenceId);
      if (current === transfer) current = null;
      wake();
      return 'done';
    },
    sentElsewhere(evidenceId) {
      const transfer = outbox.transfer(evidenceId);
      // Delivered before, or acknowledged already.
      if (transfer === null) return;
      if (delivery === 'broker') settle(transfer);
      else {
        // Asked at once, a centre that has not looked at it yet would want all of it over MQTT.
        const dueMs = clock.monotonic() + ackTimeoutMs;
        unconfirmed.set(evidenceId, { transfer, chunkBytes: lastChunkBytes, dueMs, timeoutMs: ackTimeoutMs });
      }
      wake();
    },
    altered(evidenceId, why) {
      const transfer = outbox.transfer(evidenceId);
      if (transfer !== null) fail(transfer, why);
      wake();
    },
    needed(need) {
      // What is being sent now ends with `complete`, and that makes the centre say again what it lacks.
      if (current?.evidenceId === need.evidence) return;
      if (unconfirmed.has(need.evidence)) {
        const before = needs.get(need.evidence);
        const all = need.chunks.length === 0 || before?.size === 0;
        needs.set(need.evidence, new Set(all ? [] : [...(before ?? []), ...need.chunks]));
      } else if (outbox.transfer(need.evidence) !== null) {
        // What is held is not asked for by `need`, which a centre sends by itself; what is about to be sent comes anyway.
        if (!outbox.mayGo(need.evidence, options.heldAbove())) outbox.announceAgain(need.evidence);
      } else if (outbox.transferAgain(need.evidence)) {
        logger.warn({ event: 'evidence-again', evidence: need.evidence }, `the centre lacks evidence ${need.evidence}: it is sent again`);
      }
      wake();
    },
  };
}
