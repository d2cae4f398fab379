import type { ResolvedConfig } from '../../config/index.js';
import {
  enforceRetention,
  type ProofFiles,
  type ReferencePictures,
  refindEvidence,
  sweepEvidence,
  sweepOriginals,
} from '../../evidence/index.js';
import type { Clock } from '../../platform/clock.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import type { Signer } from '../../platform/proof/index.js';
import type { Store } from '../../store/index.js';

export interface HousekeepingOptions {
  readonly evidenceFolder: string;
  readonly originalsFolder: string;
  readonly references: Pick<ReferencePictures, 'sweep'>;
  /** In force now. */
  readonly config: () => Pick<ResolvedConfig, 'retention' | 'cameras'>;
  readonly store: Pick<
    Store,
    | 'incident'
    | 'evidencePaths'
    | 'adoptEvidence'
    | 'evictableEvidence'
    | 'evidenceEvicted'
    | 'unaskedEvidence'
    | 'evidenceGivenUp'
    | 'forget'
    | 'verify'
  >;
  readonly proofFiles: Pick<ProofFiles, 'start' | 'prune'>;
  /** Of the manifests that evidence is found again by. */
  readonly signer: Pick<Signer, 'publicKey'>;
  /** Records of what went are in the outbox. */
  readonly onQueued: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What keeps the data folder within its bounds, and the database in step with it. */
export interface Housekeeping {
  /** Takes up evidence that a lost or damaged database no longer knows. Never rejects: what cannot be read is logged. */
  refind(signal: AbortSignal): Promise<void>;
  /** Holds some more rows of the database to their sums. What damage has taken of them is taken up again from files. @throws {AgentError} */
  verify(signal: AbortSignal): Promise<void>;
  /** Files that were held and went, since nobody had asked for them. */
  unaskedFiles(): number;
  /** Lets go of what is too old or too much: originals, files that nothing knows, evidence, records and messages. Waits for `refind`. */
  run(): Promise<void>;
}

const DAY_MS = 86_400_000;
/** Rows held to their sums at once: 10 ms of the main thread. */
const VERIFIED_ROWS = 1_000;

export function createHousekeeping(options: HousekeepingOptions): Housekeeping {
  const { evidenceFolder, originalsFolder, store, clock, logger } = options;
  let unasked = 0;
  let refound = Promise.resolve();

  async function refind(signal: AbortSignal): Promise<void> {
    try {
      const known = store.evidencePaths();
      const files = await refindEvidence({
        folder: evidenceFolder,
        isKnown: (path) => known.has(path),
        adopt: (evidence) => store.adoptEvidence(evidence),
        signer: options.signer,
        logger,
        signal,
      });
      if (files > 0) options.onQueued();
    } catch (error) {
      logger.error(
        { event: 'evidence-not-refound', reason: errorMessage(error) },
        'evidence that the database may have lost cannot be looked for',
      );
    }
  }

  function refindOnce(signal: AbortSignal): Promise<void> {
    refound = refind(signal);
    return refound;
  }

  return {
    refind: refindOnce,
    async verify(signal) {
      if (store.verify(VERIFIED_ROWS)) return;
      await options.proofFiles.start();
      await refindOnce(signal);
      options.onQueued();
    },
    unaskedFiles: () => unasked,
    async run() {
      await refound;
      const { retention, cameras } = options.config();
      const maxAgeMs = retention.days * DAY_MS;
      const keptMs = (id: string): number => cameras.find((camera) => camera.id === id)?.evidence.clip.keep_original ?? 0;
      await sweepOriginals({ folder: originalsFolder, keptMs, clock, logger });
      const known = store.evidencePaths();
      await sweepEvidence({ folder: evidenceFolder, maxAgeMs, isKnown: (path) => known.has(path), clock, logger });
      await enforceRetention({
        folder: evidenceFolder,
        maxBytes: retention.max_size,
        maxAgeMs,
        evictable: (limit, closedFirst) => store.evictableEvidence(limit, closedFirst),
        evicted: (id, reason) => store.evidenceEvicted(id, reason),
        held: {
          files: (limit, beforeMs) => store.unaskedEvidence(limit, beforeMs),
          givenUp: (id, reason) => {
            store.evidenceGivenUp(id, `held, and nobody asked for it: retention.${reason === 'age' ? 'days' : 'max_size'}`);
            unasked++;
          },
        },
        clock,
        logger,
      });
      options.onQueued();
      // What still lies on the disk by its age needs its record.
      options.proofFiles.prune(clock.now() - Math.max(retention.days, retention.record_days) * DAY_MS);
      store.forget(clock.now() - maxAgeMs);
      await options.references.sweep((incidentId) => store.incident(incidentId) !== null);
    },
  };
}
