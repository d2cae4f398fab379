import type { CameraConfig } from '../config/camera-schema.js';
import { toFacade } from '../config/facade.js';
import type { EvidenceCamera, Footage } from '../evidence/index.js';

/** What evidence needs to know of a camera, from its config. */
export function evidenceCamera(camera: CameraConfig, footage: Footage): EvidenceCamera {
  return {
    footage,
    facade: toFacade(camera),
    privacyMasks: camera.masks.privacy.map((polygon) => polygon.map(([x, y]) => ({ x, y }))),
    preCaptureS: camera.evidence.pre_capture / 1000,
    postCaptureS: camera.evidence.post_capture / 1000,
  };
}
