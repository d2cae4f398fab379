import type { EvidenceKind } from '../../domain/evidence.js';
import type { Facade } from '../../domain/facade.js';
import type { Incident } from '../../domain/incident.js';
import { describeRedaction, type Redaction, type Redactions, unredacted } from '../../domain/redaction.js';
import type { MediaTools } from '../../media/footage-tools.js';
import { writeFileDurably } from '../../platform/disk/durable-file.js';
import { fallSpan } from '../pictures/best-view.js';
import type { ReferencePaths } from '../pictures/reference-pictures.js';
import type { PlaceOutline } from '../pictures/street-band.js';
import { streetSpans } from '../pictures/street-snapshot.js';
import type { PictureMaker } from '../process/picture-maker.js';
import type { Footage, FootageSpan } from '../ring/footage.js';
import { type MaskedClips, makeClip } from './clip.js';
import { buildTrack } from './track.js';

/** What evidence needs to know of a camera. */
export interface EvidenceCamera {
  readonly footage: Footage;
  readonly facade: Facade | null;
  /** What a zone or line of that name looks like in the picture; `null` where there is none. */
  readonly placeOf: (name: string | null) => PlaceOutline | null;
  /** What nobody is to see: in pictures of incidents, where the windows that something fell from stay; or, of none, anywhere. */
  readonly redactionOf: (incidents: readonly Incident[]) => Redaction;
  /** `null`: clips are the camera's own recording and show everything. */
  readonly maskedClips: MaskedClips | null;
  /** Seconds that a clip shows before and after the incident, at least. */
  readonly preCaptureS: number;
  readonly postCaptureS: number;
}

/** Seconds on the stream's clock. */
interface Span {
  readonly fromS: number;
  readonly toS: number;
}

/** One file of an incident, and how it is made. */
export interface Piece {
  readonly fileName: string;
  readonly mediaType: string;
  /** Footage that it is made from. */
  readonly needs: Span;
  /** Footage that it is made from as well, where there is any. */
  readonly wants?: Span;
  /** What is hidden in it; `null` of what is no picture. */
  readonly redactions: Redactions | null;
  /** Makes the file, whole and synced, and says what span it shows. */
  make(footage: FootageSpan, path: string, signal: AbortSignal, wanted: FootageSpan | null): Promise<Span>;
}

/**
 * What a clip shows of an incident at most, seconds from its beginning: what lasts for hours is told of by its pictures, and a clip of 5 min already
 * has 150 MB.
 */
const LONGEST_CLIP_S = 120;

/** Kinds of evidence that an incident has, in the order in which they are announced. */
export function plannedKinds(incident: Incident): readonly EvidenceKind[] {
  return incident.throw === null ? ['clip', 'snapshot'] : ['clip', 'trail', 'snapshot', 'track'];
}

/**
 * @param references where the small pictures go that it is looked at again by; `null`: nobody will.
 * @throws {RangeError} when the incident cannot have evidence of this kind.
 */
export function createPiece(
  kind: EvidenceKind,
  incident: Incident,
  camera: EvidenceCamera,
  tools: Pick<MediaTools, 'writeClip' | 'pictureSize'>,
  pictures: PictureMaker,
  references: Omit<ReferencePaths, 'present'> | null,
): Piece {
  const details = incident.throw;
  const redaction = camera.redactionOf([incident]);
  const redactions = describeRedaction(redaction);
  const whole = { fromS: incident.streamTime.start, toS: incident.streamTime.end };
  if (kind === 'clip') {
    const needs = { fromS: whole.fromS - camera.preCaptureS, toS: Math.min(whole.toS, whole.fromS + LONGEST_CLIP_S) + camera.postCaptureS };
    return {
      fileName: 'clip.mp4',
      mediaType: 'video/mp4',
      needs,
      redactions: camera.maskedClips === null ? unredacted : redactions,
      make: (footage, path, signal) =>
        makeClip(
          tools,
          pictures,
          { footage, span: needs, path, name: incident.id, masked: camera.maskedClips, redaction, incidents: [incident] },
          signal,
        ),
    };
  }
  if (kind === 'snapshot' && details === null) {
    const { moment, scene } = streetSpans(incident);
    return {
      fileName: 'snapshot.jpg',
      mediaType: 'image/jpeg',
      needs: moment,
      wants: scene,
      redactions,
      make: (footage, path, signal, earlier) =>
        pictures.make(
          { kind: 'street-snapshot', incident, footage, earlier, place: camera.placeOf(incident.zone), redaction, path, references },
          signal,
        ),
    };
  }
  if (kind === 'snapshot' && details !== null) {
    return {
      fileName: 'snapshot.jpg',
      mediaType: 'image/jpeg',
      needs: fallSpan(details),
      redactions,
      make: (footage, path, signal) => pictures.make({ kind, incident, footage, redaction, path }, signal),
    };
  }
  if (kind === 'trail' && details !== null) {
    return {
      fileName: 'trail.jpg',
      mediaType: 'image/jpeg',
      needs: fallSpan(details),
      redactions,
      make: (footage, path, signal) => pictures.make({ kind, incident, footage, redaction, path }, signal),
    };
  }
  if (kind === 'track' && details !== null) {
    return {
      fileName: 'track.json',
      mediaType: 'application/json',
      needs: whole,
      redactions: null,
      async make(footage, path, signal) {
        await writeFileDurably(path, buildTrack(incident, camera.facade, await tools.pictureSize(footage.input, signal)));
        return whole;
      },
    };
  }
  throw new RangeError(`no ${kind} can be made of an incident of type ${incident.type}`);
}
