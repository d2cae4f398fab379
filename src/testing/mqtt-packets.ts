/** As much of MQTT's framing as a wrong broker needs: where a packet ends, and the number of a message. Section 2 of MQTT 3.1.1 and 5. */

export const packetTypes = { publish: 3, puback: 4 } as const;

/** Remaining lengths have four bytes at most. */
const MAX_LENGTH_BYTES = 4;

/** Takes pieces of a stream as they come and hands on whole packets, header included. */
export function createPacketSplitter(onPacket: (packet: Buffer) => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    for (let length = packetLength(rest); length !== null && length <= rest.length; length = packetLength(rest)) {
      const packet = rest.subarray(0, length);
      rest = rest.subarray(length);
      onPacket(packet);
    }
  };
}

/** Of the first packet, header included; `null` when not even its length has come. */
function packetLength(bytes: Buffer): number | null {
  let remaining = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const byte = bytes[1 + i];
    if (byte === undefined) return null;
    remaining += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return 2 + i + remaining;
  }
  throw new RangeError('not MQTT: a length of more than four bytes');
}

/** Number of a PUBLISH with QoS 1; `null` for every other packet. */
export function packetIdOf(packet: Buffer): number | null {
  const first = packet[0] ?? 0;
  if (first >> 4 !== packetTypes.publish || ((first >> 1) & 3) !== 1) return null;
  let start = 1;
  while (((packet[start] ?? 0) & 0x80) !== 0) start++;
  const topicBytes = packet.readUInt16BE(start + 1);
  return packet.readUInt16BE(start + 3 + topicBytes);
}

/** "Success" in both versions. */
export function pubackFor(id: number): Buffer {
  return Buffer.from([packetTypes.puback << 4, 2, id >> 8, id & 0xff]);
}
