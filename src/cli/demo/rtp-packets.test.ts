import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packetise } from './rtp-packets.js';

/** Takes interleaved packets apart again, as a viewer does. */
function unpack(bytes: Buffer): { nals: Buffer[]; sequences: number[]; markers: boolean[]; largest: number } {
  const nals: Buffer[] = [];
  const sequences: number[] = [];
  const markers: boolean[] = [];
  let largest = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2);
    const packet = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    largest = Math.max(largest, length);
    sequences.push(packet.readUInt16BE(2));
    markers.push(((packet[1] ?? 0) & 0x80) !== 0);
    const payload = packet.subarray(12);
    const [first = 0, second = 0] = payload;
    if ((first & 0x1f) !== 28) nals.push(payload);
    else if ((second & 0x80) !== 0) nals.push(Buffer.concat([Buffer.from([(first & 0xe0) | (second & 0x1f)]), payload.subarray(2)]));
    else nals.push(Buffer.concat([nals.pop() ?? Buffer.alloc(0), payload.subarray(2)]));
  }
  return { nals, sequences, markers, largest };
}

test('what a viewer puts together is what was sent, in packets that fit a network', () => {
  const nal = fc.tuple(fc.constantFrom(0x67, 0x68, 0x65, 0x41), fc.uint8Array({ minLength: 1, maxLength: 6000 }));
  fc.assert(
    fc.property(fc.array(nal, { minLength: 1, maxLength: 4 }), fc.nat(0xffff), (parts, sequence) => {
      const sent = parts.map(([header, body]) => Buffer.from([header, ...body]));
      const got = unpack(packetise(sent, 12345, { ssrc: 1, sequence }, 0));
      expect(got.nals).toEqual(sent);
      expect(got.largest).toBeLessThanOrEqual(1412);
      expect(got.sequences).toEqual(got.sequences.map((_, i) => (sequence + i) & 0xffff));
      expect(got.markers).toEqual(got.markers.map((_, i) => i === got.markers.length - 1));
    }),
    { numRuns: 50 },
  );
});
