import type { MqttConfig } from '../../config/schema.js';
import { type CommandPayload, CommandRefusal } from '../../domain/wire/command.js';
import type { Clock } from '../../platform/clock.js';
import type { AgentSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Store } from '../../store/index.js';
import { type CommandResult, checkUploadHeaders, checkUploadUrl, type EvidencePolicy } from '../../uplink/index.js';

export interface TransferDeskOptions {
  readonly store: Pick<Store, 'outbox' | 'uploads' | 'incident'>;
  /** In force now. */
  readonly policy: () => EvidencePolicy;
  /** Something may go now that could not before. */
  readonly onQueued: () => void;
  readonly clock: Clock;
}

/** What the centre decides of how evidence comes to it. All refuse with {@link CommandRefusal}. */
export interface TransferDesk {
  /** Sends what is held. */
  fetch(payload: CommandPayload<'fetch'>): CommandResult;
  /** Takes an order to put a file to a URL. */
  upload(payload: CommandPayload<'upload'>): CommandResult;
  /** For the command `status`. */
  status(snapshot: Pick<AgentSnapshot, 'store' | 'evidenceFlow'>): CommandResult;
}

/** How long an order to upload holds unless it says so, and at most, milliseconds. */
const UPLOAD_LIFE_MS = 86_400_000;
const MAX_UPLOAD_LIFE_MS = 7 * 86_400_000;

export function createTransferDesk({ store, policy, onQueued, clock }: TransferDeskOptions): TransferDesk {
  return {
    fetch({ event, evidence }) {
      const pieces = store.outbox.want(event, evidence ?? null);
      if (pieces.length === 0 && store.incident(event) === null) throw unknownEvent(event);
      onQueued();
      return {
        event,
        evidence: pieces.map(({ evidenceId, kind, bytes, sha256 }) => ({ id: evidenceId, kind, bytes, sha256 })),
      };
    },

    upload({ event, evidence, url, headers = {}, expires }) {
      checkUploadUrl(url, policy().upload);
      checkUploadHeaders(headers);
      const nowMs = clock.now();
      const expiresAtMs = expires === undefined ? nowMs + UPLOAD_LIFE_MS : Date.parse(expires);
      if (expiresAtMs <= nowMs) throw new CommandRefusal('invalid', `expires: is over; it is ${new Date(nowMs).toISOString()} here`);
      const file = store.uploads.find(event, evidence);
      if (file === null) {
        if (store.incident(event) === null) throw unknownEvent(event);
        throw new CommandRefusal('not_held', `${evidence} is no file of ${event} that is on this machine; it may have been removed`);
      }
      const untilMs = Math.min(expiresAtMs, nowMs + MAX_UPLOAD_LIFE_MS);
      store.uploads.give(evidence, { url, headers, expiresAtMs: untilMs });
      onQueued();
      const { kind, bytes, sha256 } = file;
      return { event, evidence: { id: evidence, kind, bytes, sha256 }, expires: new Date(untilMs).toISOString() };
    },

    status: ({ store: { heldFiles, heldBytes }, evidenceFlow }) => ({
      hold: evidenceFlow.hold,
      holding: evidenceFlow.holding,
      held: heldFiles,
      held_bytes: heldBytes,
      bandwidth_bytes_per_s: evidenceFlow.bytesPerSecond,
    }),
  };
}

function unknownEvent(event: string): CommandRefusal {
  return new CommandRefusal('unknown_event', `${event} is not known here; it was forgotten, or never was`);
}

/** The config's words for the uplink. */
export function evidencePolicy({ evidence }: Pick<MqttConfig, 'evidence'>): EvidencePolicy {
  const { bandwidth, hold, free_hours: freeHours, hold_over: holdOverBytes, upload } = evidence;
  return {
    bytesPerSecond: bandwidth,
    hold: { hold, freeHours, holdOverBytes },
    upload: { hosts: upload.hosts, ca: upload.ca, allowHttp: upload.allow_http },
  };
}
