/** A file that the centre wants put to a URL of its own, until it has been, or never will be. */
export interface UploadOrder {
  readonly evidenceId: string;
  readonly incidentId: string;
  readonly kind: string;
  readonly mediaType: string;
  /** Absolute; `null` when the file has been removed since. */
  readonly path: string | null;
  readonly bytes: number;
  readonly sha256: string;
  /** May hold a secret: never logged. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** UTC milliseconds since 1970; after it the URL is not tried any more. */
  readonly expiresAtMs: number;
  /** Tries so far. */
  readonly attempts: number;
}

/** What may be uploaded: a file of evidence that is on the disk. */
export interface UploadableFile {
  readonly evidenceId: string;
  readonly incidentId: string;
  readonly kind: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Orders to upload, as the uplink sees them; the store implements it. Every writing call is one durable transaction. */
export interface UploadBook {
  /** The file of an incident; `null` when there is none on the disk. */
  find(incidentId: string, evidenceId: string): UploadableFile | null;
  /** Takes an order, in place of one for the same file. Until it is closed, the file does not go over MQTT. */
  give(
    evidenceId: string,
    order: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly expiresAtMs: number },
  ): void;
  /** The oldest order that may be tried now: its time has come, and the centre has been told of the file. */
  due(): UploadOrder | null;
  /** Milliseconds until the next order may be tried; `null` without any that only has to wait. */
  untilDueMs(): number | null;
  /** It failed for now. */
  retryIn(evidenceId: string, waitMs: number): void;
  /** It is done, or never will be. What the centre still lacks goes over MQTT. */
  close(evidenceId: string): void;
}
