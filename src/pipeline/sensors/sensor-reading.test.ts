import { expect, it } from 'vitest';
import { parseReading } from './sensor-reading.js';

it.each<[string, unknown]>([
  ['{"a":{"b":1}}', { a: { b: 1 } }],
  ['12.5', { value: 12.5 }],
  ['true', { value: true }],
  ['Tür offen', { value: 'Tür offen' }],
])('reads %s', (text, fields) => {
  expect(parseReading(Buffer.from(text)).fields).toEqual(fields);
});
