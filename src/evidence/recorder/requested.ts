import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Evidence, EvidenceKind } from '../../domain/evidence.js';
import type { Box } from '../../domain/geometry.js';
import { describeRedaction, type Redactions, unredacted } from '../../domain/redaction.js';
import type { MediaTools } from '../../media/footage-tools.js';
import { sha256OfFiles } from '../../platform/disk/file-hash.js';
import { utcDate } from '../drawing/caption.js';
import type { PictureMaker, PictureSpan } from '../process/picture-maker.js';
import type { FootageSpan } from '../ring/footage.js';
import type { HeldSpan } from '../ring/ring.js';
import { makeClip } from './clip.js';
import type { EvidenceCamera } from './piece.js';
import { roundMs } from './recorder.js';

/** What was asked for, of which camera, and whose evidence it is to be. */
export interface RequestedPiece {
  readonly cameraId: string;
  readonly camera: Pick<EvidenceCamera, 'footage' | 'redactionOf' | 'maskedClips'>;
  /** A ULID: it becomes a folder's name. */
  readonly incidentId: string;
  readonly held: HeldSpan;
}

/** Makes evidence that was asked for, rather than planned by an incident. One at a time. */
export interface RequestedMaker {
  /**
   * The last picture of a stretch; `place` is marked. @throws {AgentError} MEDIA_FAILED
   *
   * @param lookPath where a small copy goes on which nothing is drawn; `null`: nowhere.
   */
  still(piece: RequestedPiece, place: Box | null, lookPath: string | null): Promise<Evidence>;
  /** A clip of a stretch, from the keyframe at or before it. @throws {AgentError} MEDIA_FAILED */
  clip(piece: RequestedPiece): Promise<Evidence>;
}

export interface RequestedMakerOptions {
  /** Of all evidence. */
  readonly folder: string;
  /** Makes ULIDs. */
  readonly createId: () => string;
  readonly tools: Pick<MediaTools, 'writeClip'>;
  readonly pictures: PictureMaker;
  readonly signal: AbortSignal;
}

export function createRequestedMaker(options: RequestedMakerOptions): RequestedMaker {
  const { tools, pictures, signal } = options;
  let turn: Promise<unknown> = Promise.resolve();

  /** Each takes cores that the cameras need. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  async function make(
    piece: RequestedPiece,
    file: { readonly kind: EvidenceKind; readonly ending: string; readonly mediaType: string; readonly redactions: Redactions },
    write: (footage: FootageSpan, path: string) => Promise<PictureSpan>,
  ): Promise<Evidence> {
    const { held, incidentId, cameraId } = piece;
    const { connectionId, fromS, toS, fromMs } = held;
    const id = options.createId();
    const path = join(options.folder, utcDate(fromMs), incidentId, `${file.kind}-${id}.${file.ending}`);
    using claim = piece.camera.footage.claim({ connectionId, momentS: fromS, atMs: fromMs, fromS, toS });
    const footage = await claim.span(fromS, toS, signal);
    return await inTurn(async () => {
      signal.throwIfAborted();
      const shown = await write(footage, path);
      const wallMs = (streamS: number): number => Math.round(fromMs + 1000 * (streamS - fromS));
      return {
        id,
        incidentId,
        cameraId,
        kind: file.kind,
        path,
        mediaType: file.mediaType,
        bytes: (await stat(path)).size,
        sha256: await sha256OfFiles(path),
        fromMs: wallMs(shown.fromS),
        toMs: wallMs(shown.toS),
        streamTime: { start: roundMs(shown.fromS), end: roundMs(shown.toS) },
        redactions: file.redactions,
      };
    });
  }

  return {
    still(piece, place, lookPath) {
      const { held, cameraId, camera } = piece;
      const redaction = camera.redactionOf([]);
      const file = { kind: 'snapshot', ending: 'jpg', mediaType: 'image/jpeg', redactions: describeRedaction(redaction) } as const;
      return make(piece, file, async (footage, path) => {
        const zeroMs = held.toMs - 1000 * held.toS;
        return await pictures.make({ kind: 'still', cameraId, footage, zeroMs, place, redaction, path, lookPath }, signal);
      });
    },
    clip(piece) {
      const { held, camera } = piece;
      const masked = camera.maskedClips;
      const redaction = camera.redactionOf([]);
      const redactions = masked === null ? unredacted : describeRedaction(redaction);
      return make(piece, { kind: 'clip', ending: 'mp4', mediaType: 'video/mp4', redactions }, (footage, path) => {
        const span = { fromS: held.fromS, toS: held.toS };
        // Its own name: several may be asked for of one incident.
        return makeClip(tools, pictures, { footage, span, path, name: basename(path, '.mp4'), masked, redaction, incidents: [] }, signal);
      });
    },
  };
}
