import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatQuantity, parseQuantity, type QuantityKind, quantityUnits } from './quantity.js';

describe('reading', () => {
  test.each<[QuantityKind, string | number, number | null]>([
    ['duration', '60 s', 60_000],
    ['duration', '500ms', 500],
    ['duration', '2 min', 120_000],
    ['duration', '3 d', 259_200_000],
    ['duration', '1.5 h', 5_400_000],
    ['duration', '.5 s', 500],
    ['duration', 5, 5000],
    ['duration', '5', 5000],
    ['duration', '5 S', 5000],
    ['duration', '5 hours', null],
    ['duration', '-5 s', null],
    ['duration', '1e3 s', null],
    ['duration', Number.NaN, null],
    ['duration', Number.POSITIVE_INFINITY, null],
    ['duration', '', null],
    ['duration', '5 s 3 ms', null],
    ['length', '2.9 m', 2.9],
    ['length', '290 cm', 2.9],
    ['length', '2900 mm', 2.9],
    ['length', 2.9, 2.9],
    ['length', '3 floors', null],
    ['size', '10 GB', 10e9],
    ['size', '512 MiB', 536_870_912],
    ['size', '10 gb', 10e9],
    ['size', '1.5 KiB', 1536],
    ['size', '1024', 1024],
    ['size', '1 m', null],
    ['rate', '2 Mbit/s', 250_000],
    ['rate', '64kbit/s', 8_000],
    ['rate', '1.5 MB/s', 1_500_000],
    ['rate', 125_000, 125_000],
    ['rate', '2 Mbit', null],
    ['size', '2 MB/s', null],
  ])('%s %j', (kind, input, expected) => {
    expect(parseQuantity(kind, input)).toBe(expected);
  });
});

describe('writing', () => {
  test.each<[QuantityKind, number, string]>([
    ['duration', 0, '0 s'],
    ['duration', 500, '500 ms'],
    ['duration', 1500, '1.5 s'],
    ['duration', 120_000, '2 min'],
    ['duration', 86_400_000, '1 d'],
    ['length', 2.9, '2.9 m'],
    ['size', 131_072, '128 KiB'],
    ['size', 20e9, '20 GB'],
    ['rate', 250_000, '2 Mbit/s'],
    ['rate', 8_000, '8 kB/s'],
  ])('%s %d', (kind, value, expected) => {
    expect(formatQuantity(kind, value)).toBe(expected);
  });

  test('what is written reads as the same value', () => {
    const kinds = fc.constantFrom<QuantityKind>('duration', 'length', 'size', 'rate');
    fc.assert(
      fc.property(kinds, fc.integer({ min: 0, max: 1e9 }), fc.nat(8), (kind, count, pick) => {
        const units = quantityUnits(kind);
        const value = parseQuantity(kind, `${count} ${units[pick % units.length]}`) ?? Number.NaN;
        expect(parseQuantity(kind, formatQuantity(kind, value))).toBe(value);
      }),
      // A number that JavaScript itself writes with an exponent.
      { examples: [['size', 1_000_000_000, 7]] },
    );
  });
});
