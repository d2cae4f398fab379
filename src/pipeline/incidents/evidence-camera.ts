import type { CameraConfig } from '../../config/camera-schema.js';
import { toFacade } from '../../config/facade.js';
import { toLines, toZones } from '../../config/places.js';
import { facadeWithout, tallestFloor } from '../../core/geometry/facade-cells.js';
import type { Facade } from '../../domain/facade.js';
import type { Incident } from '../../domain/incident.js';
import type { CoarseFacade, Redaction } from '../../domain/redaction.js';
import type { EvidenceCamera, Footage, PlaceOutline } from '../../evidence/index.js';

/**
 * Blocks to a floor's height, on the floor nearest to the camera: of some metre each. A head covers a twentieth of one, a person not two:
 * neither a face nor what somebody does can be told from that. Three times as many, and gestures come through.
 */
const BLOCKS_A_FLOOR = 3;

/**
 * What evidence needs to know of a camera, from its config.
 *
 * @param originals folder in which native clips lie while masked ones are made of them, and as long as they are kept.
 */
export function evidenceCamera(camera: CameraConfig, footage: Footage, originals: string): EvidenceCamera {
  const { pre_capture, post_capture, clip } = camera.evidence;
  const facade = toFacade(camera);
  const black = camera.masks.privacy.map((polygon) => polygon.map(([x, y]) => ({ x, y })));
  const hides = camera.masks.windows ? facade : null;
  const hidesSomething = black.length > 0 || hides !== null;
  return {
    footage,
    facade,
    placeOf: (name) => outlineOf(camera, name),
    redactionOf: (incidents): Redaction => ({ black, coarse: hides === null ? null : coarseFacade(hides, incidents) }),
    maskedClips: clip.masked && hidesSomething ? { originals, keepsOriginals: clip.keep_original > 0 } : null,
    preCaptureS: pre_capture / 1000,
    postCaptureS: post_capture / 1000,
  };
}

function outlineOf(camera: CameraConfig, name: string | null): PlaceOutline | null {
  if (name === null) return null;
  const zone = toZones(camera).get(name);
  if (zone !== undefined) return { closed: true, points: zone };
  const line = toLines(camera).get(name);
  return line === undefined ? null : { closed: false, points: [line.from, line.to] };
}

/** All of it but the windows that incidents are known to come from: every floor that fits, of the unit that was named. */
function coarseFacade(facade: Facade, incidents: readonly Incident[]): CoarseFacade {
  const origins = incidents.flatMap(({ throw: details }) => {
    const { floor = null, floorInterval = null, unit = null } = details?.origin ?? {};
    if (floor === null || (unit === null && facade.units.length > 0)) return [];
    const [low, high] = floorInterval ?? [floor, floor];
    return [{ low, high, unit }];
  });
  const parts = facadeWithout(facade, origins);
  return { parts, blockShare: tallestFloor(facade) / BLOCKS_A_FLOOR, leavesOrigin: origins.length > 0 };
}
