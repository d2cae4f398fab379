import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { fontMend } from '../drawing/svg-text.js';
import type { PictureMaker } from './picture-maker.js';

/** Logs what is wrong with making pictures on this machine, before the first is needed: no font, or no pictures at all. Never rejects. */
export async function warnOfPictures(pictures: Pick<PictureMaker, 'canDrawText'>, logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    if (!(await pictures.canDrawText(signal))) logger.error({ event: 'no-fonts' }, fontMend);
  } catch (error) {
    if (!signal.aborted) logger.error({ event: 'no-pictures', reason: errorMessage(error) }, 'pictures cannot be made on this machine');
  }
}
