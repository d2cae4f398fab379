import type { MediaTools } from '../media/footage-tools.js';
import { writeDurably } from '../platform/durable-file.js';
import type { FootageSpan } from './footage.js';

/**
 * Writes the native recording of a span as an MP4 file, by stream copy: from the keyframe at or before `fromS` to
 * `toS` or later. Shorter only where the footage is.
 *
 * @returns what the clip holds, seconds on the stream's clock.
 */
export async function makeClip(
  tools: Pick<MediaTools, 'writeClip'>,
  footage: FootageSpan,
  span: { readonly fromS: number; readonly toS: number },
  path: string,
  signal: AbortSignal,
): Promise<{ readonly fromS: number; readonly toS: number }> {
  let actual = span;
  await writeDurably(path, async (temporaryPath) => {
    const fromS = Math.max(span.fromS, footage.fromS);
    const toS = Math.min(span.toS, footage.toS);
    actual = await tools.writeClip({ input: footage.input, fromS, toS, path: temporaryPath }, signal);
  });
  return actual;
}
