import { join, posix, sep, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeName } from './safe-name.js';

/** Half a surrogate pair has no UTF-8, so no topic can hold one. */
const wellFormed = (text: string): boolean => Buffer.from(text).toString('utf8') === text;

describe('safeName', () => {
  it.each([
    ['tower-3_north.a', 'tower-3_north.a'],
    ['悦来嘉陵江', '悦来嘉陵江'],
    ['..', '%2E%2E'],
    ['.', '%2E'],
    ['.incoming', '%2Eincoming'],
    ['../../etc/passwd', '%2E.%2F..%2Fetc%2Fpasswd'],
    ['a/b\\c', 'a%2Fb%5Cc'],
    ['a\0b', 'a%00b'],
    ['trailing.', 'trailing%2E'],
    ['', '%'],
    ['CON', '%43ON'],
    ['nul.txt', '%6Eul.txt'],
    ['com1', '%63om1'],
    ['console', 'console'],
    ['events.jsonl', '%65vents.jsonl'],
    ['records.jsonl', '%72ecords.jsonl'],
    ['key.pem', '%6Bey.pem'],
    ['100%', '100%25'],
    ['a:b*c?"<>|', 'a%3Ab%2Ac%3F%22%3C%3E%7C'],
  ])('makes of %j the name %j', (text, name) => {
    expect(safeName(text)).toBe(name);
  });

  it('keeps any text inside its folder, in one part, short enough, and apart from any other', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('.', '/', '\\', '\0', '%', '~', 'a', 'é', '\uD800'), maxLength: 12 }),
    );
    fc.assert(
      fc.property(nasty, nasty, (one, other) => {
        const name = safeName(one);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(130);
        expect(name).not.toMatch(/[/\\\0]/);
        expect(join('/data', name)).toBe(`/data${sep}${name}`);
        for (const path of [posix, win32]) expect(path.basename(name)).toBe(name);
        if (wellFormed(one) && wellFormed(other) && one !== other) expect(safeName(other)).not.toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });

  it('cuts 10 kB names and tells them apart', () => {
    const long = 'x'.repeat(10_000);
    expect(safeName(long)).toMatch(/^x{80}~[0-9a-f]{16}$/);
    expect(safeName(`${long}a`)).not.toBe(safeName(`${long}b`));
  });
});
