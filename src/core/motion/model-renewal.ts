import { type Kernels, ROW_STEP, type Threshold } from '../kernels/kernels.js';

/**
 * Time in which the background follows a change, seconds: longer than any fall, shorter than a cloud. Less, and what starts slowly melts
 * into it; more, and every cloud is foreground.
 */
const MODEL_MEMORY_S = 2.5;
/**
 * Differences move the mean by no more than this, grey: an object that passes leaves a trace of 1.5 grey, far below the threshold.
 * Doubled, bright things leave ghosts behind; halved, a lamp that went on takes a minute to fade.
 */
const CUT_GREY = 24;
/**
 * What an outlier may add to the deviation, grey: codec noise comes in bursts of about this (seen in H.264 at 2 to 4 Mbit/s). Less, and
 * keyframes flicker as candidates; more, and a passing bird blinds its way.
 */
const SLACK_GREY = 2;
/** The same while the noise is learnt anew. */
const SETTLING_SLACK_GREY = 8;

/** Renews the background, some rows with every picture. */
export class ModelRenewal {
  /** The next rows are every {@link ROW_STEP}-th from this one on. */
  private row = 0;
  /** Pictures that it was renewed by: ever, and since it was begun anew. */
  private pictures = 0;
  private picturesSinceAnew = 0;

  constructor(private readonly kernels: Kernels) {}

  /** The background is the picture of a slot from now on; what is known of the noise is kept. */
  beginAnew(slot: number, threshold: Threshold): void {
    this.kernels.updateModel(slot, 0, 1, { mean: 1, deviation: 0, cutGrey: 255, slackGrey: SLACK_GREY }, threshold);
    this.picturesSinceAnew = 0;
  }

  /**
   * Moves the rows whose turn it is towards the picture of a slot.
   *
   * @param frameS time from picture to picture, seconds.
   * @param settling whether the noise is learnt anew.
   */
  renew(slot: number, frameS: number, settling: boolean, threshold: Threshold): void {
    this.pictures++;
    this.picturesSinceAnew++;
    // The first rounds count alike (1/2, 1/3, …), so that the background is good after half a second.
    const steady = Math.min(0.5, (frameS * ROW_STEP) / MODEL_MEMORY_S);
    const mean = Math.max(steady, 1 / (Math.ceil(this.picturesSinceAnew / ROW_STEP) + 1));
    const deviation = Math.max(steady, 1 / (Math.ceil(this.pictures / ROW_STEP) + 3), settling ? mean / 2 : 0);
    const slackGrey = settling ? SETTLING_SLACK_GREY : SLACK_GREY;
    this.kernels.updateModel(slot, this.row, ROW_STEP, { mean, deviation, cutGrey: CUT_GREY, slackGrey }, threshold);
    this.row = (this.row + 1) % ROW_STEP;
  }
}
