/** Shortest stretches that are sorted by insertion before they are merged. */
const RUN = 12;

/**
 * Sorts places by their keys, largest first, equal ones in the order in which they were given: what `Array.sort` does, without memory
 * of its own at each call.
 */
export class DescendingOrder {
  private order = new Int32Array(0);
  private spare = new Int32Array(0);

  /** Places 0 to `count` − 1 in order. Valid until the next call. */
  sort(keys: Float64Array, count: number): Int32Array {
    if (count > this.order.length) {
      this.order = new Int32Array(2 * count);
      this.spare = new Int32Array(2 * count);
    }
    for (let from = 0; from < count; from += RUN) this.insert(keys, from, Math.min(count, from + RUN));
    for (let size = RUN; size < count; size *= 2) {
      for (let from = 0; from < count; from += 2 * size) {
        this.merge(keys, from, Math.min(count, from + size), Math.min(count, from + 2 * size));
      }
      const merged = this.spare;
      this.spare = this.order;
      this.order = merged;
    }
    return this.order;
  }

  private insert(keys: Float64Array, from: number, to: number): void {
    const { order } = this;
    for (let i = from; i < to; i++) {
      const key = keys[i] as number;
      let at = i;
      for (; at > from && (keys[order[at - 1] as number] as number) < key; at--) order[at] = order[at - 1] as number;
      order[at] = i;
    }
  }

  private merge(keys: Float64Array, from: number, middle: number, to: number): void {
    const { order, spare } = this;
    let left = from;
    let right = middle;
    for (let at = from; at < to; at++) {
      const takeLeft =
        left < middle && (right >= to || (keys[order[left] as number] as number) >= (keys[order[right] as number] as number));
      spare[at] = order[takeLeft ? left++ : right++] as number;
    }
  }
}
