import type { FacadeProposal } from '../../core/calibration/proposal.js';
import { encodeSheet } from '../../evidence/drawing/index.js';
import { createMediaTools } from '../../media/footage-tools.js';
import type { RgbPicture } from '../../media/image.js';
import { facadeDrawing } from '../shared/facade-drawing.js';

/** The picture with the proposed corners, floors and units. @returns a JPEG. */
export async function drawCalibration(scene: RgbPicture, { facade }: FacadeProposal): Promise<Uint8Array> {
  return await encodeSheet(createMediaTools(), { scene, drawing: facadeDrawing(scene, facade) });
}
