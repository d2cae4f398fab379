import type { Difference } from '../kernels/kernels.js';

/** Pixels that differ by no more than this are the same in a picture that is sent twice, grey: encoding ripples. */
export const SAME_GREY = 2;
/**
 * A picture is a repeat when no pixel differs by more than this from the one before, grey (re-encoding ripples stay below). Higher, and a
 * picture in which only a small thing moved counts as a repeat …
 */
const REPEAT_LARGEST_GREY = 16;
/**
 * … and fewer pixels differ than this share of what usually differs between two pictures: noise that is encoded anew changes far more.
 * Higher, and calm pictures are left out; lower, and repeats stop a path for a frame.
 */
const REPEAT_SHARE = 0.25;
/** Share of the usual difference that the latest picture makes up. Higher, and a calm second makes repeats of the pictures after it. */
const LATEST_SHARE = 0.1;

/** Recognises pictures that a stream gives twice: a fall seems to stop in them. */
export class RepeatWatch {
  private usualChange = 0;

  /** @param difference of a picture from the one before, by more than {@link SAME_GREY}. */
  isRepeat({ changed, largest }: Difference): boolean {
    const repeat = largest <= SAME_GREY || (largest <= REPEAT_LARGEST_GREY && changed < REPEAT_SHARE * this.usualChange);
    if (!repeat) this.usualChange += (changed - this.usualChange) * (this.usualChange === 0 ? 1 : LATEST_SHARE);
    return repeat;
  }
}
