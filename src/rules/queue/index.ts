import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type QueueConfig, queueConfigSchema } from './config.js';
import { createQueueRule } from './rule.js';

const work: StreetRuleWork<QueueConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createQueueRule,
  reinspection: lookForActivity('the queue'),
};

/** The rule `queue`, as the registry takes it. */
export const queue = { title: 'Queue', schema: queueConfigSchema, ...work };
