import type { Incident } from '../../domain/incident.js';
import type { Redaction } from '../../domain/redaction.js';
import type { MediaTools } from '../../media/footage-tools.js';
import { writeDurably, writeFileDurably } from '../../platform/disk/durable-file.js';
import { canDrawText } from '../drawing/svg-text.js';
import type { ReferencePaths } from '../pictures/reference-pictures.js';
import { makeSnapshot } from '../pictures/snapshot.js';
import { makeStill, type StillJob } from '../pictures/still.js';
import type { PlaceOutline } from '../pictures/street-band.js';
import { makeStreetSnapshot } from '../pictures/street-snapshot.js';
import { makeTrail } from '../pictures/trail.js';
import { type MaskedClipJob, writeMaskedClip } from '../privacy/masked-clip.js';
import type { FootageSpan } from '../ring/footage.js';

/** A picture of something thrown that is to be made; plain data, so that another process can make it. */
export interface PictureJob {
  readonly kind: 'trail' | 'snapshot';
  readonly incident: Incident;
  readonly footage: FootageSpan;
  readonly redaction: Redaction;
  /** Where the JPEG goes. */
  readonly path: string;
}

/** The picture of anything else that is to be made; plain data too. */
export interface StreetPictureJob {
  readonly kind: 'street-snapshot';
  readonly incident: Incident;
  /** Of the moment in which it was told of. */
  readonly footage: FootageSpan;
  /** Of the scene before it began; `null` where there is none. */
  readonly earlier: FootageSpan | null;
  /** What the rule is about. */
  readonly place: PlaceOutline | null;
  readonly redaction: Redaction;
  /** Where the JPEG goes. */
  readonly path: string;
  /** Where the small pictures go by which it is looked at again; `null`: nobody will. */
  readonly references: Omit<ReferencePaths, 'present'> | null;
}

export type AnyPictureJob = PictureJob | StreetPictureJob | StillJob | MaskedClipJob;

/** Seconds on the stream's clock. */
export interface PictureSpan {
  readonly fromS: number;
  readonly toS: number;
}

/** Makes the pictures of incidents, and clips that must be made of pictures. */
export interface PictureMaker {
  /**
   * Makes a file, whole and synced on disk, and says what span it shows.
   *
   * @throws {AgentError} MEDIA_FAILED when it cannot be made; a system error when it cannot be written; the signal's reason when aborted.
   */
  make(job: AnyPictureJob, signal: AbortSignal): Promise<PictureSpan>;
  /** Whether words in pictures will be readable: whether the system has a font. */
  canDrawText(signal: AbortSignal): Promise<boolean>;
}

/** Makes pictures in this process. */
export function createPictureMaker(tools: MediaTools): PictureMaker {
  return {
    async make(job, signal) {
      if (job.kind === 'masked-clip') {
        await writeDurably(job.path, (temporaryPath) => writeMaskedClip({ ...job, path: temporaryPath }, signal));
        return { fromS: job.fromS, toS: job.toS };
      }
      if (job.kind === 'still') {
        const { jpeg, look, atS } = await makeStill(tools, job, signal);
        if (job.lookPath !== null) await writeFileDurably(job.lookPath, look);
        await writeFileDurably(job.path, jpeg);
        return { fromS: atS, toS: atS };
      }
      if (job.kind === 'street-snapshot') {
        const { jpeg, references, atS } = await makeStreetSnapshot(tools, job, signal);
        if (job.references !== null) await writeFileDurably(job.references.incident, references.incident);
        if (job.references !== null && references.steady !== null) await writeFileDurably(job.references.steady, references.steady);
        if (job.references !== null && references.scene !== null) await writeFileDurably(job.references.scene, references.scene);
        await writeFileDurably(job.path, jpeg);
        return { fromS: atS, toS: atS };
      }
      const { kind, incident, footage, redaction, path } = job;
      if (incident.throw === null) throw new RangeError(`no ${kind} of a fall can be made of an incident of type ${incident.type}`);
      if (kind === 'snapshot') {
        const { jpeg, atS } = await makeSnapshot(tools, footage, incident, incident.throw, redaction, signal);
        await writeFileDurably(path, jpeg);
        return { fromS: atS, toS: atS };
      }
      await writeFileDurably(path, await makeTrail(tools, footage, incident, incident.throw, redaction, signal));
      return { fromS: incident.streamTime.start, toS: incident.streamTime.end };
    },
    canDrawText: () => canDrawText(tools),
  };
}
