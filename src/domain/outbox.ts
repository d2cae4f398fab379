/**
 * A message that must reach the centre. Its row is written in the transaction that records what it reports and leaves
 * the table only when delivery is acknowledged as `mqtt.delivery` asks.
 */
export interface OutboxMessage {
  /** Row number: messages are sent in this order. */
  readonly id: number;
  /** Below `<prefix>/<site>/<agent>/`, for example `events/tower-3-north/thrown_object`; with a leading `/` what follows is the whole topic. */
  readonly topic: string;
  /** UTF-8 JSON, the exact bytes that are sent; empty: the broker forgets what it has retained of the topic. */
  readonly payload: string;
  /** `schema` of the payload, for example `parapet/event/v1`. */
  readonly schema: string;
  /** What an acknowledgement from the centre names: see `ackKeys` in `wire/delivery.ts`. */
  readonly ackKey: string;
  /** The broker keeps it as the state of its topic. */
  readonly retain: boolean;
  /** Of no concern to a Parapet receiver: the broker's acknowledgement is its delivery, whatever `mqtt.delivery` says. */
  readonly brokerOnly: boolean;
  readonly createdAtMs: number;
  readonly attempts: number;
}

/** A file that must reach the centre, in chunks. */
export interface OutboxTransfer {
  readonly evidenceId: string;
  readonly incidentId: string;
  readonly cameraId: string;
  readonly kind: string;
  readonly mediaType: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The signed record of the file, as JSON; `null` where the agent does not sign. */
  readonly record: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** Chunks below this number are known to have arrived at the broker. */
  readonly nextChunk: number;
  /** Size of the chunks that `nextChunk` counts, bytes; `null` before the first has arrived. Another size begins anew. */
  readonly chunkBytes: number | null;
  readonly createdAtMs: number;
  readonly attempts: number;
}

/** The queue as the uplink sees it; the store implements it. Every call is one durable transaction. */
export interface Outbox {
  /** Oldest messages first; those with `id` above `afterId`, at most `limit`. */
  messages(afterId: number, limit: number): readonly OutboxMessage[];
  /** The message that an acknowledgement names, if it is still here. */
  message(ackKey: string): OutboxMessage | null;
  /** Counts one try. */
  attempted(ids: readonly number[]): void;
  /** Removes messages whose delivery is acknowledged. */
  acknowledge(ids: readonly number[]): void;
  /**
   * Unfinished transfers that may go over MQTT, at most `limit`: those that the centre wants first, then the oldest. None that is to be
   * uploaded elsewhere.
   *
   * @param heldAbove bytes: of larger files only those that the centre wants; `null` (the default): all.
   */
  transfers(limit: number, heldAbove?: number | null): readonly OutboxTransfer[];
  /** Whether an unfinished transfer is one of {@link transfers}. */
  mayGo(evidenceId: string, heldAbove: number | null): boolean;
  /** An unfinished transfer. */
  transfer(evidenceId: string): OutboxTransfer | null;
  /**
   * Unfinished transfers whose chunks the centre must not wait for (held, or to be uploaded) and that it has not been told of, oldest first,
   * at most `limit`.
   */
  unannounced(limit: number, heldAbove: number | null): readonly OutboxTransfer[];
  /** The centre has been told that the file is there. */
  transferAnnounced(evidenceId: string): void;
  /** It will be told once more. False when there is no such transfer. */
  announceAgain(evidenceId: string): boolean;
  /** The centre wants the evidence of an incident, or one piece of it: it goes first, held or not. Returns the unfinished pieces. */
  want(incidentId: string, evidenceId: string | null): readonly OutboxTransfer[];
  /** What a hold keeps back. */
  held(heldAbove: number | null): { readonly files: number; readonly bytes: number };
  /** Remembers that all chunks of `chunkBytes` below `nextChunk` arrived at the broker. */
  transferProgress(evidenceId: string, nextChunk: number, chunkBytes: number): void;
  /**
   * The whole file has arrived. When it was the last one of its incident, the message "evidence complete" is queued
   * in the same transaction.
   */
  transferDone(evidenceId: string): void;
  /** The file cannot be sent any more (gone or altered on disk): recorded with the reason, never silently. */
  transferFailed(evidenceId: string, reason: string): void;
  /**
   * The centre lacks a file that had counted as delivered (a broker lost it): it is queued again from its start. False
   * when it is not there any more or was never delivered.
   */
  transferAgain(evidenceId: string): boolean;
  /**
   * The centre lacks events of a camera that had counted as delivered (a broker or a database lost them). Those that are still known are
   * queued again, at most 1,000 of them; of those that are not, a message says so. Numbers that no camera here has given are passed over.
   *
   * @param first number of the first event, `last` that of the last one.
   */
  resend(camera: string, first: number, last: number): { readonly queued: number; readonly gone: number };
  /** Rows and bytes still waiting. */
  depth(): OutboxDepth;
}

export interface OutboxDepth {
  readonly messages: number;
  readonly transfers: number;
  /** Payloads and files together. */
  readonly bytes: number;
  readonly oldestCreatedAtMs: number | null;
}
