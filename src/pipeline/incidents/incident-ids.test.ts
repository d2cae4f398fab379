import { expect, test } from 'vitest';
import { createIdFactory } from './incident-ids.js';

const take = (seed: string | null): string[] => {
  const createId = createIdFactory(seed);
  return [createId(0), createId(0), createId(1_700_000_000_000)];
};

test('the same seed gives the same ids, another one others', () => {
  expect(take('a')).toEqual(take('a'));
  expect(take('a')).not.toEqual(take('b'));
});

test.each([['a'], [null]])('ids from seed %s are ULIDs, all different, that begin with their time', (seed) => {
  const ids = take(seed);
  for (const id of ids) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(new Set(ids).size).toBe(3);
  expect(ids[0]).toMatch(/^0{10}/);
  expect(ids[2]?.slice(0, 10)).toBe('01HF7YAT00');
});
