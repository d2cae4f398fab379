import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from '../core/median.js';

/** What a piece of work does to the heap at each step, bytes. */
export interface HeapGrowth {
  /** Asked for, whether or not it is free again soon. */
  readonly asked: number;
  /** Kept for good. */
  readonly kept: number;
}

/** Steps between two readings of what is asked for: few enough that mostly nothing is collected in between. */
const STEPS_A_READING = 200;

/** Readings of what is left after a collection. */
const COLLECTIONS = 9;

/**
 * Lets a step run until it is warm, then watches the heap of this thread. What is kept is the median slope between any
 * two collections (Theil and Sen): a leak shows in all of them, what V8 compiles late or lets go at once in a few.
 */
export function watchHeap(step: (n: number) => void, warmSteps: number, steps: number): HeapGrowth {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => getHeapStatistics().used_heap_size;
  const left = (): number => {
    collect();
    return used();
  };
  let done = 0;
  for (; done < warmSteps; done++) step(done);
  const lefts = [left()];
  const asked: number[] = [];
  for (let collection = 1; collection < COLLECTIONS; collection++) {
    for (const end = warmSteps + (steps * collection) / (COLLECTIONS - 1); done < end; ) {
      const from = used();
      for (let k = 0; k < STEPS_A_READING; k++) step(done++);
      asked.push((used() - from) / STEPS_A_READING);
    }
    lefts.push(left());
  }
  const between = steps / (COLLECTIONS - 1);
  const slopes = lefts.flatMap((early, i) => lefts.slice(i + 1).map((late, k) => (late - early) / ((k + 1) * between)));
  return { asked: median(asked), kept: median(slopes) };
}
