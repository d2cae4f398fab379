import { expect, test } from 'vitest';
import { interpolate, shieldVariables, unshieldVariables } from './interpolate.js';

const env = { PASS: 'p@$$w{o}rd', EMPTY: '', HOST: 'cam' };

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are the placeholders under test
test.each([
  ['${PASS}', 'p@$$w{o}rd', []],
  ['rtsp://u:${PASS}@${HOST}/x', 'rtsp://u:p@$$w{o}rd@cam/x', []],
  ['$${PASS}', '${PASS}', []],
  ['pa$$word and $HOST', 'pa$$word and $HOST', []],
  ['${EMPTY}', '', ['EMPTY']],
  ['a ${NOPE} b ${HOST}', 'a  b cam', ['NOPE']],
  ['${toString}', '', ['toString']],
  ['${not a name}', '', ['not a name']],
  ['${}', '', ['']],
  ['${unclosed', '${unclosed', []],
])('%s', (text, expected, missing) => {
  const result = interpolate(shieldVariables(text), env);
  expect(result.text).toBe(expected);
  expect(result.missing).toEqual(missing);
});

test('shielding keeps every column and can be undone', () => {
  const source = 'mqtt: { url: ${URL}, password: "${PASS}" } # ${COMMENT}\nnext: 1';
  expect(shieldVariables(source)).toHaveLength(source.length);
  expect(shieldVariables(source)).not.toContain('${');
  expect(unshieldVariables(shieldVariables(source))).toBe(source);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: end of the placeholders
