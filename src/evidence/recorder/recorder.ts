import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Evidence, EvidenceKind, EvidencePlan } from '../../domain/evidence.js';
import { type Incident, wallClockMs } from '../../domain/incident.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { Clock } from '../../platform/clock.js';
import { sha256OfFiles } from '../../platform/disk/file-hash.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { utcDate } from '../drawing/caption.js';
import type { ReferencePictures } from '../pictures/reference-pictures.js';
import type { PictureMaker } from '../process/picture-maker.js';
import type { FootageClaim, FootageSpan } from '../ring/footage.js';
import { createPiece, type EvidenceCamera, type Piece, plannedKinds } from './piece.js';

/** The order in which files are made: what a person looks at first comes first; the clip must wait for what follows. */
const makingOrder: readonly EvidenceKind[] = ['trail', 'snapshot', 'track', 'crop', 'clip'];

/**
 * How long a failure waits for a stop of the agent, milliseconds: Ctrl-C and service managers signal the whole group, and ffmpeg may be dead before a busy event loop
 * hears that all is to end. What that costs is made at the next start; without the wait it would count as what cannot be made.
 */
const STOP_ECHO_MS = 500;

export interface EvidenceRecorderOptions {
  /** For example `<data>/evidence`; files go to `<yyyy-mm-dd>/<incident id>/` below it. */
  readonly folder: string;
  /** `null` for a camera that is no longer configured. */
  readonly cameraOf: (cameraId: string) => EvidenceCamera | null;
  /** Makes ULIDs; deterministic where the same input must give the same bytes. */
  readonly createId: () => string;
  readonly tools: Pick<MediaTools, 'writeClip' | 'pictureSize'>;
  readonly pictures: PictureMaker;
  /** Where the small pictures of incidents go that are looked at again; left out: nobody will. */
  readonly references?: Pick<ReferencePictures, 'paths'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A file is on disk, whole and synced. What it throws ends the `record` call. */
  readonly onEvidence: (evidence: Evidence) => void;
  /** A file will not be made; the reason is one line for people. What it throws ends the `record` call. */
  readonly onFailed: (planId: string, reason: string) => void;
  readonly signal: AbortSignal;
}

/** Makes the evidence of incidents, one file at a time for the whole agent. */
export interface EvidenceRecorder {
  /** What an incident will have. */
  plan(incident: Incident): readonly EvidencePlan[];
  /**
   * Makes the planned files; each is reported when it is on disk or has failed. Resolves when all are dealt with, or
   * when the agent shuts down: what was not reported then is to be recorded again after the restart.
   *
   * @param connectionId the connection that the incident was seen on; `null` after a restart or for a file.
   */
  record(incident: Incident, plans: readonly EvidencePlan[], connectionId: string | null): Promise<void>;
}

export function createEvidenceRecorder(options: EvidenceRecorderOptions): EvidenceRecorder {
  const { tools, pictures, clock, signal, onEvidence, onFailed } = options;
  let turn: Promise<unknown> = Promise.resolve();

  /** Decoding a second incident at the same time would take the cores that the cameras need. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  async function makeOne(plan: EvidencePlan, piece: Piece, incident: Incident, claim: FootageClaim): Promise<Evidence> {
    signal.throwIfAborted();
    const folder = join(options.folder, utcDate(incident.startedAtMs), incident.id);
    const path = join(folder, piece.fileName);
    const footage = await claim.span(piece.needs.fromS, piece.needs.toS, signal);
    const wanted = piece.wants === undefined ? null : await claim.span(piece.wants.fromS, piece.wants.toS, signal).catch(nullIfNotHeld);
    return await inTurn(async () => {
      signal.throwIfAborted();
      const shown = await piece.make(footage, path, signal, wanted);
      return {
        id: plan.id,
        incidentId: incident.id,
        cameraId: incident.cameraId,
        kind: plan.kind,
        path,
        mediaType: piece.mediaType,
        bytes: (await stat(path)).size,
        sha256: await sha256OfFiles(path),
        fromMs: wallClockMs(incident, shown.fromS),
        toMs: wallClockMs(incident, shown.toS),
        streamTime: { start: roundMs(shown.fromS), end: roundMs(shown.toS) },
        redactions: piece.redactions,
      };
    });
  }

  return {
    plan: (incident) => plannedKinds(incident).map((kind) => ({ id: options.createId(), kind })),

    async record(incident, plans, connectionId) {
      const logger = options.logger.child({ camera: incident.cameraId, incident: incident.id });
      const fail = (plan: EvidencePlan, error: unknown): void => {
        const reason = reasonOf(error);
        logger.error({ event: 'evidence-failed', kind: plan.kind, reason }, 'a piece of evidence could not be made');
        onFailed(plan.id, reason);
      };
      const ordered = plans.toSorted((a, b) => makingOrder.indexOf(a.kind) - makingOrder.indexOf(b.kind));
      const camera = options.cameraOf(incident.cameraId);
      const references = options.references?.paths(incident.id) ?? null;
      let jobs: readonly { plan: EvidencePlan; piece: Piece }[];
      let claim: FootageClaim;
      try {
        if (camera === null) throw new Error(`the camera ${incident.cameraId} is no longer configured`);
        jobs = ordered.map((plan) => ({ plan, piece: createPiece(plan.kind, incident, camera, tools, pictures, references) }));
        claim = camera.footage.claim({
          connectionId,
          momentS: incident.streamTime.start,
          atMs: incident.startedAtMs,
          fromS: Math.min(...jobs.map(({ piece }) => Math.min(piece.needs.fromS, piece.wants?.fromS ?? piece.needs.fromS))),
          toS: Math.max(...jobs.map(({ piece }) => piece.needs.toS)),
        });
      } catch (error) {
        for (const plan of ordered) fail(plan, error);
        return;
      }
      try {
        for (const { plan, piece } of jobs) {
          const startedMs = clock.monotonic();
          let evidence: Evidence;
          try {
            evidence = await makeOne(plan, piece, incident, claim);
          } catch (error) {
            await clock.delay(STOP_ECHO_MS, signal).catch(() => undefined);
            if (signal.aborted) return;
            fail(plan, error);
            continue;
          }
          logger.info(
            { event: 'evidence-made', kind: plan.kind, bytes: evidence.bytes, tookMs: Math.round(clock.monotonic() - startedMs) },
            'a piece of evidence is on disk',
          );
          onEvidence(evidence);
        }
      } finally {
        claim[Symbol.dispose]();
      }
    },
  };
}

/** What is wanted besides may be missing. */
function nullIfNotHeld(error: unknown): FootageSpan | null {
  if (error instanceof AgentError) return null;
  throw error;
}

/** Seconds, to the millisecond: as exact as the stamps are. */
export const roundMs = (seconds: number): number => Math.round(seconds * 1000) / 1000;

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOSPC' ? 'no room is left on the disk; make room or lower retention.max_size' : errorMessage(error);
}
