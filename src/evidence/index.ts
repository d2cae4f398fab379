export { createFileFootage, createRingFootage, type Footage } from './footage.js';
export { removeOldRings } from './old-rings.js';
export type { EvidenceCamera } from './piece.js';
export { createEvidenceRecorder, type EvidenceRecorder, type EvidenceRecorderOptions } from './recorder.js';
export { enforceRetention, folderBytes, type RetentionOptions, type RetentionRound } from './retention.js';
export { createSegmentRing, type SegmentRing, type SegmentRingOptions } from './ring.js';
export { canDrawText, fontMend } from './svg-text.js';
export { type SweepOptions, sweepEvidence } from './sweep.js';
