import { expect, test } from 'vitest';
import { loadWorks } from './load-works.js';
import { type RuleConfig, type RuleTypeName, ruleTypes, workOf } from './registry.js';

const types = Object.keys(ruleTypes) as RuleTypeName[];
const configOf = (type: RuleTypeName): RuleConfig => ruleTypes[type].schema.parse({ type, ...ruleTypes[type].example }) as RuleConfig;

test.each(types)('%s is loaded as the registry has it', async (type) => {
  const config = configOf(type);
  expect(workOf(config)).toMatchObject((await loadWorks([type]))(config));
});

test('a type that was not asked for is not there', async () => {
  const loaded = await loadWorks(['crowd', 'crowd']);
  expect(loaded(configOf('crowd')).input).toBe('street');
  expect(() => loaded(configOf('queue'))).toThrow(new RangeError('rules of type queue are not loaded'));
});
