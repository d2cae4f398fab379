import type { CameraConfig } from '../../config/camera-schema.js';
import { toFacade } from '../../config/facade.js';
import { facadeRoi } from '../../core/geometry/facade-roi.js';
import type { Logger } from '../../platform/logger.js';
import { workOf } from '../../rules/registry.js';
import type { SourceOptions } from '../../sources/contract.js';
import { STREET_FPS, STREET_WIDTH_PX } from '../stages/street-sampling.js';

/** How a camera's config asks for its video. */
export function sourceOptions(camera: CameraConfig, logger: Logger): SourceOptions {
  const { url, username, password, transport, timeout, hwaccel, decode_threads } = camera.source;
  return {
    url,
    username,
    password,
    transport,
    timeoutMs: timeout,
    hwaccel,
    threads: decode_threads,
    ...viewOf(camera),
    logger,
  };
}

/** Whether two configs of a camera can go on with the same stream. */
export function sameStream(a: CameraConfig, b: CameraConfig): boolean {
  const streamOf = (camera: CameraConfig): string => JSON.stringify([camera.source, viewOf(camera), camera.detector]);
  return streamOf(a) === streamOf(b);
}

/** The pictures that its rules need, those that are switched off too: switching one on does not connect anew. */
function viewOf(camera: CameraConfig): Required<Pick<SourceOptions, 'pixelFormat' | 'maxFps' | 'maxWidth' | 'roi'>> {
  const {
    rules,
    source: { detect },
    detector: { tiles },
  } = camera;
  const inputs = new Set(rules.map((rule) => workOf(rule).input));
  const everyPicture = inputs.has('motion');
  const wholePicture = everyPicture || tiles.columns * tiles.rows > 1;
  const facade = toFacade(camera);
  return {
    pixelFormat: inputs.has('street') ? 'yuv420p' : 'gray',
    // What is thrown comes from the facade; the street is everywhere.
    roi: facade === null || inputs.has('street') ? null : facadeRoi(facade),
    maxFps: detect.fps ?? (everyPicture ? null : STREET_FPS),
    maxWidth: detect.width ?? (wholePicture ? null : STREET_WIDTH_PX),
  };
}
