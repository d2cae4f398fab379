/** Pictures over which the true rate is learnt: long enough for a 1-in-3 pattern to show, short enough to follow a change. */
const WINDOW = 24;
/** Share of repeated pictures from which the stream's clock is taken to lie. Below it, a repeat is an accident. */
const LYING_SHARE = 0.15;
/** How far a stamp may lie from the line, intervals: a picture held back for one beat is off by a third of one. */
const EVEN_SHARE = 0.5;

/**
 * Real clocks lie: a camera that makes 20 pictures a second but stamps 30 repeats every third one, and its stamps are wrong by
 * half a frame, which at 80 px a frame is 40 px. Where pictures repeat regularly, those that differ were taken evenly: their times
 * become the straight line through the last stamps. Elsewhere stamps are believed.
 */
export class Retimer {
  private readonly stamps: number[] = [];
  private readonly repeats: boolean[] = [];
  private lastS = Number.NEGATIVE_INFINITY;

  /** Notes that the picture at hand repeats the one before. */
  repeated(): void {
    this.note(true);
  }

  /**
   * Time of a new picture.
   *
   * @param ptsMs its stamp, milliseconds.
   * @returns seconds, strictly increasing.
   */
  time(ptsMs: number): number {
    this.note(false);
    this.stamps.push(ptsMs / 1000);
    if (this.stamps.length > WINDOW) this.stamps.shift();
    const share = this.repeats.filter(Boolean).length / this.repeats.length;
    const raw = ptsMs / 1000;
    const timeS = this.stamps.length >= 6 && share >= LYING_SHARE ? this.onLine() : raw;
    this.lastS = Math.max(timeS, this.lastS + 0.001);
    return this.lastS;
  }

  private note(repeat: boolean): void {
    this.repeats.push(repeat);
    if (this.repeats.length > WINDOW) this.repeats.shift();
  }

  /** The last stamp as the straight line through the window says it; the stamp itself where the stamps lie on no line. */
  private onLine(): number {
    const n = this.stamps.length;
    const origin = this.stamps[n - 1] as number;
    const meanIndex = (n - 1) / 2;
    let sum = 0;
    let sxy = 0;
    let sxx = 0;
    for (let i = 0; i < n; i++) {
      const y = (this.stamps[i] as number) - origin;
      sum += y;
      sxy += (i - meanIndex) * y;
      sxx += (i - meanIndex) ** 2;
    }
    const slope = sxy / sxx;
    const at = (index: number): number => origin + sum / n + slope * (index - meanIndex);
    const even = this.stamps.every((stamp, i) => Math.abs(stamp - at(i)) <= EVEN_SHARE * slope);
    return even ? at(n - 1) : origin;
  }
}
