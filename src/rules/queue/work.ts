import { figureShapes } from '../common/figure-shapes.js';
import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { QueueConfig } from './config.js';
import { createQueueRule } from './rule.js';

/** What the rule `queue` does. */
export const work: StreetRuleWork<QueueConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createQueueRule,
  figures: ({ zone }) => {
    const of = { zone: zone ?? '' };
    return [
      ...figureShapes({ gauges: ['queue_length'], counters: ['waited_seconds_sum', 'waited_seconds_count'], of }),
      ...['longest', 'mean'].flatMap((statistic) => figureShapes({ gauges: ['wait_seconds'], of: { ...of, statistic } })),
    ];
  },
  reinspection: lookForActivity('the queue'),
};
