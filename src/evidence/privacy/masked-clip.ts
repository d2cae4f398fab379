import type { Incident } from '../../domain/incident.js';
import type { Redaction } from '../../domain/redaction.js';
import { redrawVideo } from '../../media/redraw.js';
import { createLogger } from '../../platform/logger.js';
import { lay, type Sprite } from '../drawing/sprite.js';
import { clearAt } from './clear.js';
import { coarsenPlanes, type PlanarPlan, planarPlan } from './coarse.js';
import { maskSprite } from './mask-sprite.js';

/** A clip in which something is hidden; plain data, so that another process can make it. */
export interface MaskedClipJob {
  readonly kind: 'masked-clip';
  /** The native clip, an MP4 file. */
  readonly originalPath: string;
  /** Stream clock at its first picture, seconds. */
  readonly fromS: number;
  readonly toS: number;
  /** What is to be seen in spite of hidden windows. */
  readonly incidents: readonly Incident[];
  readonly redaction: Redaction;
  /** Where the MP4 file goes. */
  readonly path: string;
}

/** What re-encoding may take at most: a hundred times as long as the clip, and this besides, milliseconds. A failing disk hangs. */
const timeoutMs = 120_000;
const slowness = 100;

/**
 * Copies a native clip picture by picture, each at its own time, with everything hidden that its redaction names. H.264, whatever the camera
 * sends; [why not by a filter of ffmpeg](../../../docs/adr/0013-privacy.md).
 *
 * @throws {AgentError} MEDIA_FAILED, DISK_FULL, or why the clip cannot be read. The signal's reason when aborted.
 */
export async function writeMaskedClip(job: MaskedClipJob, signal: AbortSignal): Promise<void> {
  const { redaction, incidents, fromS } = job;
  let mask: Sprite | null = null;
  let plan: PlanarPlan | null = null;
  let size = { width: 0, height: 0 };
  const lastMs = timeoutMs + Math.round(1000 * slowness * Math.max(0, job.toS - fromS));
  await redrawVideo(
    {
      input: { kind: 'file', path: job.originalPath },
      path: job.path,
      lastPicture: null,
      async onStart({ width, height, colours }) {
        size = { width, height };
        mask = maskSprite(redaction.black, size, colours);
        plan = planarPlan(redaction, size);
      },
      async draw({ atS, data }) {
        // First: nothing of what is black may get into a block.
        if (mask !== null) lay(mask, data);
        if (plan !== null) coarsenPlanes(data, plan, clearAt(incidents, fromS + atS, size));
      },
      logger: createLogger('silent'),
    },
    AbortSignal.any([signal, AbortSignal.timeout(lastMs)]),
  );
}
