export { canDrawText, fontMend } from './drawing/svg-text.js';
export { sweepOriginals } from './keeping/originals.js';
export { refindEvidence } from './keeping/refind.js';
export {
  type EvictableFile,
  enforceRetention,
  folderBytes,
  giveRoom,
  type RetentionOptions,
  type RetentionRound,
} from './keeping/retention.js';
export { type SweepOptions, sweepEvidence } from './keeping/sweep.js';
export { createOverlay, type Overlay, type OverlayOptions } from './overlay/overlay.js';
export { overlayEndS } from './overlay/overlay-fall.js';
export { createReferencePictures, type ReferencePictures } from './pictures/reference-pictures.js';
export type { PlaceOutline } from './pictures/street-band.js';
export { createPictureMaker, type PictureMaker } from './process/picture-maker.js';
export { createPictureProcess } from './process/picture-process.js';
export { warnOfPictures } from './process/picture-warnings.js';
export { createProofFiles, type ProofFiles } from './proof/proof-files.js';
export type { MaskedClips } from './recorder/clip.js';
export type { EvidenceCamera } from './recorder/piece.js';
export { createEvidenceRecorder, type EvidenceRecorder, type EvidenceRecorderOptions } from './recorder/recorder.js';
export { createRequestedMaker, type RequestedMaker, type RequestedPiece } from './recorder/requested.js';
export { createFileFootage, createRingFootage, type Footage } from './ring/footage.js';
export { removeOldRings } from './ring/old-rings.js';
export { createSegmentRing, type HeldSpan, type RingRoom, type SegmentRing, type SegmentRingOptions } from './ring/ring.js';
