/** Votes are halved when so many are in, so that a label can still change after an hour: some 15 s at 5 a second. */
const HALVE_AT = 64;

/** What an object was called, weighted by score. */
export class LabelVotes {
  private readonly weights = new Map<string, number>();
  private count = 0;
  private best_ = '';

  add(label: string, score: number): void {
    this.weights.set(label, (this.weights.get(label) ?? 0) + score);
    this.count++;
    if (this.count >= HALVE_AT) {
      this.count /= 2;
      for (const [name, weight] of this.weights) this.weights.set(name, weight / 2);
    }
    if (this.best_ === '' || (this.weights.get(label) as number) > (this.weights.get(this.best_) as number)) this.best_ = label;
  }

  /** The label with the most votes, the earlier one of two alike. */
  get best(): string {
    return this.best_;
  }

  /** Mean score that the best label was given, 0 where another name was: 0..1. */
  get score(): number {
    return this.count === 0 ? 0 : Math.min(1, (this.weights.get(this.best_) ?? 0) / this.count);
  }

  /** Whether it was ever called so. */
  knows(label: string): boolean {
    return this.weights.has(label);
  }
}
