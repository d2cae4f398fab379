import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Incident } from '../../domain/incident.js';
import type { Redaction } from '../../domain/redaction.js';
import type { MediaTools } from '../../media/footage-tools.js';
import { writeDurably } from '../../platform/disk/durable-file.js';
import type { PictureMaker, PictureSpan } from '../process/picture-maker.js';
import type { FootageSpan } from '../ring/footage.js';

/** What becomes of clips of a camera on which something is to be hidden in them too; `null` elsewhere: then they are native. */
export interface MaskedClips {
  /** Where native clips lie while they are worked on, and as long as they are kept. Never in the folder of evidence. */
  readonly originals: string;
  readonly keepsOriginals: boolean;
}

/** What a clip is made from. */
export interface ClipRequest {
  readonly footage: FootageSpan;
  readonly span: PictureSpan;
  /** Where it goes. */
  readonly path: string;
  /** A name of its own for the native clip, such as the incident's. */
  readonly name: string;
  readonly masked: MaskedClips | null;
  readonly redaction: Redaction;
  /** What is to be seen in spite of hidden windows. */
  readonly incidents: readonly Incident[];
}

/**
 * Writes a span as an MP4 file, from the keyframe at or before `fromS` to `toS` or later; shorter only where the footage is. By stream copy,
 * or re-encoded picture by picture with what is to be hidden: then nothing else ever stands at `path`.
 *
 * @returns what the clip holds, seconds on the stream's clock.
 * @throws {AgentError} MEDIA_FAILED. The signal's reason when aborted.
 */
export async function makeClip(
  tools: Pick<MediaTools, 'writeClip'>,
  pictures: Pick<PictureMaker, 'make'>,
  request: ClipRequest,
  signal: AbortSignal,
): Promise<PictureSpan> {
  const { path, masked, name, redaction, incidents } = request;
  if (masked === null) return await copySpan(tools, request, path, signal);
  const originalPath = join(masked.originals, name, basename(path));
  try {
    const span = await copySpan(tools, request, originalPath, signal);
    return await pictures.make({ kind: 'masked-clip', originalPath, ...span, incidents, redaction, path }, signal);
  } finally {
    if (!masked.keepsOriginals) await rm(dirname(originalPath), { recursive: true, force: true });
  }
}

async function copySpan(
  tools: Pick<MediaTools, 'writeClip'>,
  { footage, span }: ClipRequest,
  path: string,
  signal: AbortSignal,
): Promise<PictureSpan> {
  let actual = span;
  await writeDurably(path, async (temporaryPath) => {
    const fromS = Math.max(span.fromS, footage.fromS);
    const toS = Math.min(span.toS, footage.toS);
    actual = await tools.writeClip({ input: footage.input, fromS, toS, path: temporaryPath }, signal);
  });
  return actual;
}
