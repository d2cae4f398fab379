import type { StreetFrame } from '../../domain/street.js';
import { createLeftByRule } from '../common/left-by.js';
import type { Rule, RuleContext } from '../contract.js';
import type { AbandonedObjectConfig } from './config.js';

/** Smallest part of the picture that counts, by sensitivity: a bag at 30 m takes 0.0006 of it. */
const LEAST_AREA = { low: 0.0012, normal: 0.0006, high: 0.0003 } as const;

/** Tells of things that were put down and left alone, one incident each, until they are gone or somebody is with them again. */
export function createAbandonedObjectRule(config: AbandonedObjectConfig, context: RuleContext): Rule<StreetFrame> {
  return createLeftByRule(config, context, {
    owners: ['person'],
    leastArea: LEAST_AREA,
    mostArea: config.max_size,
    size: null,
    unbroughtArea: null,
    endsWithCompany: true,
    namesBringer: false,
    reason: ({ thing }) => ({
      ...{ criterion: 'seconds_there', value: (thing.seenPtsMs - thing.sincePtsMs) / 1000 },
      ...{ threshold: config.after / 1000, unit: 's' },
    }),
  });
}
