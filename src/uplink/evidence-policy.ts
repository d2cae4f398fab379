import { type HoldPolicy, NO_HOLD } from './files/hold.js';
import { NO_UPLOADS, type UploadPolicy } from './uploads/upload-target.js';

/** How evidence goes to the centre: how fast, when, which way. */
export interface EvidencePolicy {
  /** Most that evidence may take of the uplink; `null`: no limit. */
  readonly bytesPerSecond: number | null;
  readonly hold: HoldPolicy;
  readonly upload: UploadPolicy;
}

/** As fast as it goes, at once, over MQTT alone. */
export const PLAIN_EVIDENCE: EvidencePolicy = { bytesPerSecond: null, hold: NO_HOLD, upload: NO_UPLOADS };
