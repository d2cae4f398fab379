import { createMediaTools } from '../../media/footage-tools.js';
import { errorMessage } from '../../platform/errors.js';
import { type AnyPictureJob, createPictureMaker, type PictureSpan } from './picture-maker.js';

/** What the process is asked. */
export type PictureRequest = { readonly ask: 'make'; readonly job: AnyPictureJob } | { readonly ask: 'canDrawText' };

/** What it answers, once. `code` is the system's, such as `ENOSPC`, where there is one. */
export type PictureAnswer =
  | { readonly span: PictureSpan }
  | { readonly canDrawText: boolean }
  | { readonly failed: string; readonly code: string | null };

const stop = new AbortController();
// Whoever asked does not wait any more, or is gone: ffmpeg must not go on by itself.
process.once('disconnect', () => stop.abort(new Error('nobody waits for the picture')));
process.once('message', (request: PictureRequest) => {
  void answer(request).then((reply) => {
    if (process.connected) process.send?.(reply, () => process.connected && process.disconnect());
  });
});

async function answer(request: PictureRequest): Promise<PictureAnswer> {
  const maker = createPictureMaker(createMediaTools());
  try {
    if (request.ask === 'canDrawText') return { canDrawText: await maker.canDrawText(stop.signal) };
    return { span: await maker.make(request.job, stop.signal) };
  } catch (error) {
    return { failed: errorMessage(error), code: (error as NodeJS.ErrnoException | null)?.code ?? null };
  }
}
