import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPacketGuard } from './packet-guard.js';

function packet(bodyBytes: number): Buffer {
  const length: number[] = [];
  for (let rest = bodyBytes; length.length === 0 || rest > 0; rest = Math.floor(rest / 128))
    length.push((rest % 128) + (rest >= 128 ? 0x80 : 0));
  return Buffer.concat([Buffer.from([0x30, ...length]), Buffer.alloc(bodyBytes, 0xff)]);
}

test('finds every packet that is too large, however the bytes are cut, and no other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1 }),
      (sizes, cuts) => {
        const found: number[] = [];
        const guard = createPacketGuard(10_000, (bytes) => found.push(bytes));
        const packets = sizes.map(packet);
        const stream = Buffer.concat(packets);
        for (let at = 0, n = 0; at < stream.length; n++) {
          const next = at + (cuts[n % cuts.length] ?? 1);
          guard(stream.subarray(at, next));
          at = next;
        }
        expect(found).toEqual(packets.map(({ length }) => length).filter((length) => length > 10_000));
      },
    ),
  );
});

test('tells of it before it has come', () => {
  const found: number[] = [];
  createPacketGuard(10_000, (bytes) => found.push(bytes))(packet(200_000_000).subarray(0, 5));
  expect(found).toEqual([200_000_005]);
});
