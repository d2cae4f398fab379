import type { SensorReading } from '../../domain/sensor.js';
import type { SensorCondition } from './config.js';

/** What a field holds that can be compared; `null`: it is not there, or holds a list or an object. */
export type Told = string | number | boolean | null;

/** Letters, digits and the like that a word from outside keeps in labels, characters. */
const SHOWN_WORD = 64;

/**
 * Reads a field, one inside another where its name has dots.
 *
 * @example tell({ fields: { state: { cover: 'open' } } }, 'state.cover') // 'open'
 */
export function tell({ fields }: SensorReading, path: string): Told {
  let at: unknown = fields;
  for (const part of path.split('.')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, part)) return null;
    at = (at as Readonly<Record<string, unknown>>)[part];
  }
  return typeof at === 'string' || typeof at === 'boolean' || (typeof at === 'number' && Number.isFinite(at)) ? at : null;
}

/** Whether what was told fits; `null`: the field is not there, or no number where one is compared. */
export function fits({ equals, above, below }: SensorCondition, told: Told): boolean | null {
  if (told === null) return null;
  if (equals !== null) return sameWord(told, equals);
  const value = numberOf(told);
  if (value === null) return null;
  return above !== null ? value > above : below !== null && value < below;
}

/** Devices write `1`, `"1"` and `1.0`, `OPEN` and `open`, `true` and `"true"` for the same. */
function sameWord(told: string | number | boolean, wanted: string | number | boolean): boolean {
  if (typeof told === typeof wanted && typeof told !== 'string') return told === wanted;
  const [a, b] = [String(told).trim().toLowerCase(), String(wanted).trim().toLowerCase()];
  if (a === b) return true;
  return typeof wanted === 'number' && numberOf(told) === wanted;
}

/** A number, also one that came as text. */
export function numberOf(told: Told): number | null {
  if (typeof told === 'number') return told;
  if (typeof told !== 'string' || !/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?\s*$/i.test(told)) return null;
  const value = Number(told);
  return Number.isFinite(value) ? value : null;
}

/** A word as a label: one line, without what could break a log or a page; empty of numbers. */
export function wordOf(told: Told): string {
  if (typeof told !== 'string' || numberOf(told) !== null) return '';
  return told
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, SHOWN_WORD);
}
