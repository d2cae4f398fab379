import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_JSON_DEPTH, parseBoundedJson } from './bounded-json.js';

const bytes = (text: string): Buffer => Buffer.from(text);
const nested = (depth: number, inside = ''): string => `${'['.repeat(depth)}${inside}${']'.repeat(depth)}`;

test('gives what JSON.parse gives, of whatever is not too deep', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value);
      expect(parseBoundedJson(bytes(text))).toEqual(JSON.parse(text));
    }),
  );
});

test.each([
  ['as deep as may be', nested(MAX_JSON_DEPTH), null],
  ['one deeper', nested(MAX_JSON_DEPTH + 1), 'nested more than 32 deep'],
  ['objects too', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'nested more than 32 deep'],
  ['a million brackets that nobody closes', '['.repeat(1e6), 'nested more than 32 deep'],
  ['brackets in a text count for nothing', JSON.stringify('[{'.repeat(100)), null],
  ['nor after a quote that is escaped', String.raw`"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["`, null],
  ['a text may end in backslashes', nested(2, String.raw`"\\"`), null],
  ['side by side is not deep', `[${Array(1_000).fill('[]').join(',')}]`, null],
])('%s', (_name, text, refused) => {
  if (refused === null) expect(parseBoundedJson(bytes(text))).toEqual(JSON.parse(text));
  else expect(() => parseBoundedJson(bytes(text))).toThrow(new SyntaxError(refused));
});

test('refuses what is not UTF-8 or not JSON', () => {
  expect(() => parseBoundedJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(new SyntaxError('it is not UTF-8'));
  expect(() => parseBoundedJson(bytes('{'))).toThrow(SyntaxError);
  expect(() => parseBoundedJson(bytes(''))).toThrow(SyntaxError);
});
