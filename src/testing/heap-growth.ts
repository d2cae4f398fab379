import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a piece of work did to the heap. */
export interface HeapGrowth {
  /** Bytes asked for at each step, whether or not they were free again soon. */
  readonly perStep: number;
  /** Bytes still in use after the last step that were not before the first. */
  readonly kept: number;
}

/** Steps between two readings: few enough that nothing is collected in between, or the count of bytes would be too small. */
const STEPS_A_READING = 200;

/** Lets a step run until it is warm, then watches the heap of this thread. */
export function watchHeap(step: (n: number) => void, warmSteps: number, steps: number): HeapGrowth {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => getHeapStatistics().used_heap_size;
  for (let n = 0; n < warmSteps; n++) step(n);
  collect();
  const before = used();
  const readings: number[] = [];
  for (let n = 0; n < steps; n += STEPS_A_READING) {
    const from = used();
    for (let k = 0; k < STEPS_A_READING; k++) step(warmSteps + n + k);
    readings.push((used() - from) / STEPS_A_READING);
  }
  collect();
  // Half of the readings saw no collection, or it took next to nothing: the median counts.
  readings.sort((a, b) => a - b);
  return { perStep: readings[readings.length >> 1] as number, kept: used() - before };
}
