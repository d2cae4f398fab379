import { readFile } from 'node:fs/promises';
import type { UploadBook, UploadOrder } from '../../domain/upload.js';
import { CommandRefusal } from '../../domain/wire/command.js';
import { UPLOAD_SCHEMA, type UploadMessage } from '../../domain/wire/upload.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { createSleeper } from '../../platform/time/sleeper.js';
import { EvidenceAltered, type EvidenceFile, openEvidenceFile } from '../files/evidence-file.js';
import type { Bandwidth } from '../link/bandwidth.js';
import type { UplinkCounters } from '../link/counters.js';
import { putFile, type UploadAnswer } from './upload-request.js';
import { checkUploadUrl, type UploadPolicy } from './upload-target.js';

export interface UploadSenderOptions {
  readonly uploads: UploadBook;
  /** In force now. */
  readonly policy: () => UploadPolicy;
  /** Shared with what goes over MQTT. */
  readonly bandwidth: Pick<Bandwidth, 'waitMs' | 'spend'>;
  /** Messages are under way: uploads wait for them. */
  readonly messagesGo: () => boolean;
  readonly report: (message: UploadMessage) => void;
  /** The host has taken the file. */
  readonly onTaken: (evidenceId: string) => void;
  /** The order is closed without it. */
  readonly onGivenUp: () => void;
  /** The file is gone, or is not what was recorded. */
  readonly onAltered: (evidenceId: string, why: string) => void;
  readonly counters: UplinkCounters;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For tests; default 60 s. */
  readonly stallMs?: number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** Carries out orders to upload, one at a time, oldest first, until the signal aborts. */
export interface UploadSender {
  run(signal: AbortSignal): Promise<void>;
  /** There may be a new order, or one that may be tried now. */
  wake(): void;
}

/** Bytes read and sent at once: small, so that a limit of 8 kbit/s lets one through every 16 s, well within the stall limit. */
const PIECE_BYTES = 16 * 1024;
/** A connection on which nothing moves for this long is given up, milliseconds. */
const STALL_MS = 60_000;
/** First wait after a failure, doubled at every further one, half of it by chance so that many agents do not come back together, milliseconds. */
const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 3_600_000;
/** Between two reports of progress, milliseconds. */
const REPORT_MS = 5_000;
/** How soon an upload looks again whether messages have gone, and whether the limit was raised, milliseconds. */
const BEHIND_MESSAGES_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
/** Without anything else to do, look again this often, milliseconds. */
const IDLE_MS = 60_000;

export function createUploadSender(options: UploadSenderOptions): UploadSender {
  const { uploads, counters, clock, logger, random = Math.random } = options;
  const { sleep, wake } = createSleeper(clock);

  async function pace(bytes: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = Math.max(options.bandwidth.waitMs(), options.messagesGo() ? BEHIND_MESSAGES_MS : 0);
      if (waitMs === 0) break;
      await clock.delay(Math.min(waitMs, LONGEST_PAUSE_MS), signal);
    }
    options.bandwidth.spend(bytes);
  }

  function report(order: UploadOrder, state: UploadMessage['state'], sentBytes: number, answer: UploadAnswer | null): void {
    options.report({
      schema: UPLOAD_SCHEMA,
      event: order.incidentId,
      evidence: order.evidenceId,
      state,
      bytes: order.bytes,
      sent_bytes: sentBytes,
      attempts: order.attempts + 1,
      http_status: answer?.status ?? null,
      reason: answer?.reason ?? null,
      at: new Date(clock.now()).toISOString(),
    });
  }

  async function attempt(order: UploadOrder, signal: AbortSignal): Promise<void> {
    let sent = 0;
    const answer = await tryOnce(order, signal, (bytes) => {
      sent = bytes;
    });
    const line = { evidence: order.evidenceId, incident: order.incidentId, attempts: order.attempts + 1, status: answer.status };
    if (answer.outcome === 'taken') {
      uploads.close(order.evidenceId);
      counters.uploadsDone++;
      logger.info({ event: 'evidence-uploaded', ...line, bytes: order.bytes }, `${order.kind} of ${order.incidentId} uploaded`);
      report(order, 'sent', order.bytes, answer);
      options.onTaken(order.evidenceId);
      return;
    }
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(order.attempts, 20), MAX_RETRY_MS) * (0.5 + random() / 2);
    if (answer.outcome === 'refused' || clock.now() + waitMs >= order.expiresAtMs) {
      uploads.close(order.evidenceId);
      counters.uploadsFailed++;
      logger.warn(
        { event: 'upload-given-up', ...line, reason: answer.reason },
        `${order.kind} of ${order.incidentId} cannot be uploaded: ${answer.reason}; what the centre lacks goes over MQTT`,
      );
      report(order, 'failed', sent, answer);
      options.onGivenUp();
      return;
    }
    uploads.retryIn(order.evidenceId, waitMs);
    logger.warn(
      { event: 'upload-failed', ...line, reason: answer.reason, waitMs: Math.round(waitMs) },
      `${order.kind} of ${order.incidentId}: the upload failed: ${answer.reason}; tried again in ${(waitMs / 1000).toFixed(0)} s`,
    );
    report(order, 'waiting', sent, answer);
  }

  async function tryOnce(order: UploadOrder, signal: AbortSignal, onSent: (bytes: number) => void): Promise<UploadAnswer> {
    const refused = (reason: string): UploadAnswer => ({ outcome: 'refused', status: null, reason });
    if (clock.now() >= order.expiresAtMs) return refused('the URL has expired');
    if (order.path === null) return refused('the file has been removed');
    try {
      const policy = options.policy();
      // The config may have changed since the order was given.
      const url = checkUploadUrl(order.url, policy);
      await using file = await openEvidenceFile({ ...order, path: order.path }, PIECE_BYTES);
      await checkWhole(file);
      let reportedMs = clock.monotonic();
      let sentBefore = 0;
      report(order, 'sending', 0, null);
      return await putFile({
        url,
        headers: order.headers,
        mediaType: order.mediaType,
        bytes: order.bytes,
        sha256: order.sha256,
        file,
        ca: policy.ca === null ? null : await readFile(policy.ca),
        pace: (bytes) => pace(bytes, signal),
        onSent: (bytes) => {
          counters.uploadedBytes += bytes - sentBefore;
          sentBefore = bytes;
          onSent(bytes);
          if (clock.monotonic() - reportedMs < REPORT_MS) return;
          reportedMs = clock.monotonic();
          report(order, 'sending', bytes, null);
        },
        stallMs: options.stallMs ?? STALL_MS,
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof EvidenceAltered) {
        options.onAltered(order.evidenceId, error.message);
        return refused(error.message);
      }
      if (error instanceof CommandRefusal) return refused(error.message);
      return { outcome: 'failed', status: null, reason: errorMessage(error) };
    }
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          const order = uploads.due();
          if (order !== null) await attempt(order, signal);
          else await sleep(Math.min(IDLE_MS, uploads.untilDueMs() ?? IDLE_MS), signal);
        } catch (error) {
          if (signal.aborted) return;
          if (!(error instanceof AgentError)) throw error;
          // A disk that fails: the order is still there.
          logger.warn({ event: 'uploads-held', code: error.code }, `uploads wait: ${error.message}`);
          await sleep(IDLE_MS, signal);
        }
      }
    },
    wake,
  };
}

/** Nothing altered leaves the machine: read once before it is sent, from the disk's cache the second time. @throws {EvidenceAltered} */
async function checkWhole(file: EvidenceFile): Promise<void> {
  await file.hashUpTo(file.chunks);
  file.verify();
}
