import type { StreetFrame } from '../../domain/street.js';
import { createLeftByRule } from '../common/left-by.js';
import type { Rule, RuleContext } from '../contract.js';
import type { LitterConfig } from './config.js';

/** Smallest part of the picture that counts, by sensitivity: a shopping bag at 15 m takes 0.0005 of it, six by six pixels of 640. */
const LEAST_AREA = { low: 0.0004, normal: 0.0002, high: 0.0001 } as const;
/** And largest. */
const MOST_AREA = 0.04;

/** Tells of small things that were dropped and left. What nobody was seen to drop is none of them. */
export function createLitterRule(config: LitterConfig, context: RuleContext): Rule<StreetFrame> {
  return createLeftByRule(config, context, {
    owners: ['person'],
    leastArea: LEAST_AREA,
    mostArea: MOST_AREA,
    size: [config.min_size, config.max_size],
    unbroughtArea: null,
    endsWithCompany: false,
    namesBringer: true,
    reason: ({ size }) => (size === null ? null : { criterion: 'size_at_most', value: size, threshold: config.max_size, unit: 'people' }),
  });
}
