import type { SensorReading } from '../../domain/sensor.js';
import { parseBoundedJson } from '../../platform/input/bounded-json.js';

/** Longest word that is taken of a message that is no JSON, characters. */
const LONGEST_WORD = 256;

/**
 * A message as rules read it. @throws {RangeError} when it is neither JSON nor a short text; {SyntaxError} when its JSON is too deep.
 *
 * @example parseReading(Buffer.from('open')) // { fields: { value: 'open' } }
 */
export function parseReading(payload: Uint8Array): SensorReading {
  let json: unknown;
  try {
    json = parseBoundedJson(payload);
  } catch (error) {
    const text = new TextDecoder('utf-8', { fatal: false }).decode(payload).trim();
    // Whatever begins like JSON was meant to be some.
    if (/^[{["]/.test(text) || text === '' || text.length > LONGEST_WORD || text.includes('\ufffd')) throw error;
    return { fields: { value: text } };
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { fields: json as Readonly<Record<string, unknown>> };
  if (typeof json === 'object') throw new RangeError('neither an object nor a word or number');
  return { fields: { value: json } };
}
