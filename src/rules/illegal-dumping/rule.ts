import type { StreetFrame } from '../../domain/street.js';
import { createLeftByRule } from '../common/left-by.js';
import { VEHICLES } from '../common/options.js';
import type { Rule, RuleContext } from '../contract.js';
import type { IllegalDumpingConfig } from './config.js';

/** Smallest part of the picture that counts, by sensitivity: two bags of rubbish at 40 m take 0.001 of it. */
const LEAST_AREA = { low: 0.002, normal: 0.001, high: 0.0005 } as const;
/** And largest: a heap that fills a third of the picture is a lorry before the lens. */
const MOST_AREA = 0.3;
/** Of something that nobody was seen to bring, so that nothing tells its size. */
const UNBROUGHT_AREA = 0.006;

/** Tells of rubbish that was brought and dumped. */
export function createIllegalDumpingRule(config: IllegalDumpingConfig, context: RuleContext): Rule<StreetFrame> {
  return createLeftByRule(config, context, {
    owners: ['person', 'bicycle', ...VEHICLES],
    leastArea: LEAST_AREA,
    mostArea: MOST_AREA,
    size: [config.min_size, config.max_size],
    unbroughtArea: UNBROUGHT_AREA,
    endsWithCompany: false,
    namesBringer: true,
    reason: ({ size }) => (size === null ? null : { criterion: 'size_at_least', value: size, threshold: config.min_size, unit: 'people' }),
  });
}
