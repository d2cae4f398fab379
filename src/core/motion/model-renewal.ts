import { type Kernels, ROW_STEP, type Threshold } from '../kernels/kernels.js';

/**
 * Time in which the background follows a change, seconds: longer than any fall, shorter than a cloud. Less, and what starts slowly melts
 * into it; more, and every cloud is foreground.
 */
const MODEL_MEMORY_S = 2.5;
/**
 * Every how many rows the background is renewed at one picture while it is new, where pictures come slowly, and where much moves: rain and shake are learnt from as many
 * pictures as there are. More, and they leave a sixth more that moves; fewer cost more.
 */
const QUICK_STEP = ROW_STEP / 2;
/** Time within which every row is renewed, seconds, for {@link ROW_STEP} to be the step: from 20 pictures a second. Longer, and a row lags behind a change of light. */
const RENEWED_WITHIN_S = 0.41;
/** How many things move in a usual picture, at most, for that: rain, snow, insects and noisy nights have tens to hundreds. Higher, and they are learnt too slowly. */
const CALM_MOVING = 10;
/** What counts of one picture: a flood is not remembered for longer than a shower. */
const MOST_MOVING = 4 * CALM_MOVING;
/** Share of that number that the latest picture makes up: it follows within a second or two. */
const LATEST_SHARE = 0.04;
/**
 * Differences move the mean by no more than this, grey: an object that passes leaves a trace of 3 grey at most, far below the threshold.
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

/** A picture that the background is renewed by. */
interface Renewed {
  /** Time from picture to picture, seconds. */
  readonly frameS: number;
  /** Things that move in it; `null`: nobody can tell, since most of it differs. */
  readonly moving: number | null;
  /** Whether the noise is learnt anew. */
  readonly settling: boolean;
}

/** Renews the background, some rows with every picture. */
export class ModelRenewal {
  /** The next rows are every `step`-th from this one on. */
  private row = 0;
  private step = QUICK_STEP;
  /** Pictures that it was renewed by: ever, and since it was begun anew. */
  private pictures = 0;
  private picturesSinceAnew = 0;
  /** Things that move in a usual picture. */
  private moving = 0;

  constructor(private readonly kernels: Kernels) {}

  /** The background is the picture of a slot from now on; what is known of the noise is kept. */
  beginAnew(slot: number, threshold: Threshold): void {
    this.kernels.updateModel(slot, 0, 1, { mean: 1, deviation: 0, cutGrey: 255, slackGrey: SLACK_GREY }, threshold);
    this.step = QUICK_STEP;
    this.row %= QUICK_STEP;
    this.picturesSinceAnew = 0;
  }

  /** Moves the rows whose turn it is towards the picture of a slot. */
  renew(slot: number, { frameS, moving, settling }: Renewed, threshold: Threshold): void {
    this.pictures++;
    this.picturesSinceAnew++;
    this.moving += (Math.min(MOST_MOVING, moving ?? MOST_MOVING) - this.moving) * LATEST_SHARE;
    // The first pictures count alike (1/2, 1/3, …), so that the background is good after half a second.
    const first = 1 / (Math.ceil(this.picturesSinceAnew / QUICK_STEP) + 1);
    if (this.row === 0) this.step = this.isSlow(frameS, first) ? ROW_STEP : QUICK_STEP;
    const steady = steadyShare(frameS, this.step);
    const mean = Math.max(steady, first);
    const deviation = Math.max(steady, 1 / (Math.ceil(this.pictures / QUICK_STEP) + 3), settling ? mean / 2 : 0);
    const slackGrey = settling ? SETTLING_SLACK_GREY : SLACK_GREY;
    this.kernels.updateModel(slot, this.row, this.step, { mean, deviation, cutGrey: CUT_GREY, slackGrey }, threshold);
    this.row = (this.row + 1) % this.step;
  }

  /** @param first what the picture at hand counts where all since the beginning count alike. */
  private isSlow(frameS: number, first: number): boolean {
    const isKnown = first <= steadyShare(frameS, QUICK_STEP);
    return isKnown && this.moving <= CALM_MOVING && frameS * ROW_STEP < RENEWED_WITHIN_S;
  }
}

/** Share of the difference that the background takes over at each renewal of a row, once it is known. */
function steadyShare(frameS: number, step: number): number {
  return Math.min(0.5, (frameS * step) / MODEL_MEMORY_S);
}
