import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Evidence } from '../../domain/evidence.js';
import { sha256OfFiles } from '../../platform/disk/file-hash.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { checkRecord, MANIFEST_SUFFIX, type Signer, sameKey } from '../../platform/proof/index.js';

export interface RefindOptions {
  /** Of all evidence. */
  readonly folder: string;
  /** Whether the database knows the file. */
  readonly isKnown: (path: string) => boolean;
  /** Takes one up. False when it is not to be there. @throws {AgentError} when the database fails. */
  readonly adopt: (evidence: Evidence) => boolean;
  readonly signer: Pick<Signer, 'publicKey'>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Takes up files that a lost or damaged database no longer knows, by the manifests beside them: each is signed by this agent, so what it says of
 * its file is as good as what the database said. A file that is not what its manifest says is told of and left alone.
 *
 * Cost: one look at each file; those that are unknown are read once.
 *
 * @returns how many were taken up.
 */
export async function refindEvidence(options: RefindOptions): Promise<number> {
  const { folder, logger, signal } = options;
  let found = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nullIfMissing);
  for (const entry of entries ?? []) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !path.endsWith(MANIFEST_SUFFIX)) continue;
    const file = path.slice(0, -MANIFEST_SUFFIX.length);
    if (signal.aborted) break;
    if (options.isKnown(file)) continue;
    try {
      const evidence = await readManifest(file, options.signer);
      if (evidence !== null && options.adopt(evidence)) found++;
    } catch (error) {
      const reason = errorMessage(error);
      logger.error(
        { event: 'evidence-not-refound', path: file, reason },
        `a file that the database does not know was left alone: ${reason}`,
      );
    }
  }
  if (found > 0)
    logger.warn(
      { event: 'evidence-refound', files: found },
      `${found} files that the database had lost were taken up from their manifests`,
    );
  return found;
}

/** @returns `null` when the file itself is gone. @throws {Error} when it is not what its manifest says. */
async function readManifest(path: string, signer: Pick<Signer, 'publicKey'>): Promise<Evidence | null> {
  const facts = await stat(path).catch(nullIfMissing);
  if (facts === null) return null;
  const checked = checkRecord(JSON.parse(await readFile(path + MANIFEST_SUFFIX, 'utf8')));
  if (typeof checked === 'string') throw new Error(`its manifest is altered: ${checked}`);
  if (!sameKey(checked.key, signer.publicKey)) throw new Error("its manifest is signed by another key than this agent's");
  const { event, evidence, sha256, file } = checked.record;
  if (file === null) throw new Error('what lies beside it is no manifest');
  if (facts.size !== file.bytes || (await sha256OfFiles(path)) !== sha256) throw new Error('it is not what its manifest says');
  return {
    id: evidence,
    incidentId: event,
    cameraId: file.camera,
    kind: file.kind,
    path,
    mediaType: file.media_type,
    bytes: file.bytes,
    sha256,
    fromMs: Date.parse(file.from),
    toMs: Date.parse(file.to),
    ...(file.stream_time === null ? {} : { streamTime: file.stream_time }),
  };
}
