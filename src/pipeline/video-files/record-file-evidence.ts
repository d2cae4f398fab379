import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CameraConfig } from '../../config/camera-schema.js';
import type { Evidence, EvidenceKind } from '../../domain/evidence.js';
import type { Incident } from '../../domain/incident.js';
import { createEvidenceRecorder, createFileFootage, createPictureMaker, warnOfPictures } from '../../evidence/index.js';
import { createMediaTools } from '../../media/footage-tools.js';
import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logger.js';
import { evidenceCamera } from '../incidents/evidence-camera.js';
import { createIdFactory } from '../incidents/incident-ids.js';

export interface FileEvidenceOptions {
  readonly path: string;
  /** Where the evidence goes. */
  readonly folder: string;
  readonly camera: CameraConfig;
  /** The analysis's; see `AnalysisResult`. */
  readonly idSeed: string;
  /** Length of the part that can be read, seconds; `null` when it is not known. */
  readonly durationS: number | null;
  /** All that was told of incidents, in its order. */
  readonly reports: readonly Incident[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface FailedEvidence {
  readonly incidentId: string;
  readonly kind: EvidenceKind;
  /** One line. */
  readonly reason: string;
}

/** Makes the evidence of a file's incidents. The same file and incidents give the same files, ids included. */
export async function recordFileEvidence(
  options: FileEvidenceOptions,
): Promise<{ readonly made: readonly Evidence[]; readonly failed: readonly FailedEvidence[] }> {
  const all: Evidence[] = [];
  const failed: FailedEvidence[] = [];
  const originals = join(options.folder, '.originals');
  const camera = evidenceCamera(options.camera, createFileFootage(options.path, options.durationS), originals);
  const createId = createIdFactory(`${options.idSeed}/evidence`);
  const tools = createMediaTools();
  // In this process: it ends with its file, so what the pictures leave behind in memory does no harm.
  const pictures = createPictureMaker(tools);
  const incidents = options.reports.filter(({ phase }) => phase === 'end').map((end) => shownOf(end, options.reports));
  if (incidents.length > 0) await warnOfPictures(pictures, options.logger, options.signal);
  for (const incident of incidents) {
    const made: Evidence[] = [];
    const recorder = createEvidenceRecorder({
      folder: options.folder,
      cameraOf: () => camera,
      createId: () => createId(incident.startedAtMs),
      tools,
      pictures,
      clock: options.clock,
      logger: options.logger,
      onEvidence: (evidence) => made.push(evidence),
      onFailed: (planId, reason) => {
        const kind = plans.find(({ id }) => id === planId)?.kind ?? 'clip';
        failed.push({ incidentId: incident.id, kind, reason });
      },
      signal: options.signal,
    });
    const plans = recorder.plan(incident);
    await recorder.record(incident, plans, null);
    options.signal.throwIfAborted();
    // In the order in which a live camera's `end` announces them, not in which they were made.
    all.push(...plans.flatMap((plan) => made.filter(({ id }) => id === plan.id)));
  }
  await rm(originals, { recursive: true, force: true });
  return { made: all, failed };
}

/**
 * The report that an incident's evidence shows. A fall is shown as it ended; of what goes on in the street an agent makes evidence when it tells of it, and
 * so it is here: at its end whoever walked away is no more where his box is. Where the verdict changed on the way, it is the first report with the last one.
 */
function shownOf(end: Incident, reports: readonly Incident[]): Incident {
  if (end.throw !== null) return end;
  return reports.find(({ id, verdict }) => id === end.id && verdict === end.verdict) ?? end;
}
