import { expect, test } from 'vitest';
import { z } from 'zod';
import { inputProblems } from './input-problems.js';

const schema = z.strictObject({ state: z.array(z.enum(['new', 'closed'])), note: z.string().max(5).optional() });

test.each<[unknown, string]>([
  [{ state: ['new', 'open'] }, 'state[1]: expected one of "new"|"closed"'],
  [{ state: [], note: 7 }, 'note: expected string, received number'],
  [{ state: [], note: 'much too long' }, 'note: too big: expected string to have <=5 characters'],
  [{ state: [], 'no\nte': '' }, 'unrecognized key: "no te"'],
  [{ state: 'new', note: 7 }, 'state: expected array, received string; note: expected string, received number'],
  ['words', 'expected object, received string'],
])('%j', (given, line) => {
  const { error } = schema.safeParse(given);
  expect(inputProblems(error as z.ZodError)).toBe(line);
});

test('somebody else’s input makes no long line', () => {
  const { error } = schema.safeParse({ state: [], ['x'.repeat(10_000)]: 1 });
  expect(inputProblems(error as z.ZodError)).toHaveLength(500);
});
