import type { CameraConfig } from '../../config/camera-schema.js';
import { createFacadePlane } from '../../core/geometry/facade-plane.js';
import type { Incident } from '../../domain/incident.js';
import { createFileFootage, createOverlay, type Overlay, overlayEndS } from '../../evidence/index.js';
import { createMediaTools } from '../../media/footage-tools.js';
import { redrawVideo } from '../../media/redraw.js';
import { writeDurably } from '../../platform/disk/durable-file.js';
import { AgentError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { evidenceCamera } from '../incidents/evidence-camera.js';

export interface DrawOverlayOptions {
  readonly path: string;
  /** Of the MP4 file to make; it appears under its name when it is whole. */
  readonly outPath: string;
  readonly camera: CameraConfig;
  /** All that was told of them. */
  readonly reports: readonly Incident[];
  /** Time of the video's last picture, seconds. */
  readonly lastS: number;
  /** Seconds on the file's clock; called for every picture. */
  readonly onProgress: (atS: number) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Times that differ by less than this are the same, seconds: frames carry them in rounded milliseconds. */
const sameTimeS = 0.001;

/**
 * Copies a video with what was found drawn on it: every picture at its own time. Where the video ends before the last verdict can have
 * been read, its last picture stands for so much longer.
 *
 * @returns how many pictures it has.
 * @throws {AgentError} why the video cannot be read, DISK_FULL, or MEDIA_FAILED. The signal's reason when aborted.
 */
export async function drawOverlay(options: DrawOverlayOptions): Promise<{ readonly pictures: number }> {
  const { path, camera, reports, lastS } = options;
  const incidents = reports.filter(({ phase }) => phase === 'end');
  const { facade, placeOf, redactionOf } = evidenceCamera(camera, createFileFootage(path, null), '');
  const redaction = redactionOf(incidents);
  const holdS = overlayEndS(incidents) - lastS;
  const tools = createMediaTools();
  let overlay: Overlay | null = null;
  let pictures = 0;
  await writeDurably(options.outPath, async (temporaryPath) => {
    ({ pictures } = await redrawVideo(
      {
        input: { kind: 'file', path },
        path: temporaryPath,
        lastPicture: holdS > 0 ? { fromS: lastS - sameTimeS, holdS } : null,
        async onStart({ width, height, colours }) {
          const ruler = facade === null ? null : createFacadePlane(facade, width, height);
          const size = { width, height };
          overlay = await createOverlay({
            cameraId: camera.id,
            incidents,
            reports,
            placeOf,
            facade,
            ruler,
            redaction,
            size,
            colours,
            tools,
          });
        },
        async draw(picture) {
          await overlay?.draw(picture);
          options.onProgress(picture.atS);
        },
        logger: options.logger,
      },
      options.signal,
    ).catch((error: unknown) => {
      // People know the file by the name that they asked for.
      if (!(error instanceof AgentError)) throw error;
      throw new AgentError(error.code, error.message.replace(temporaryPath, options.outPath), { cause: error });
    }));
  });
  return { pictures };
}
