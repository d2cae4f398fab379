/** Packets have a type, a length of one to four bytes, then so much (MQTT, 2.1). */
const MAX_LENGTH_BYTES = 4;

/**
 * Watches what a broker sends and tells of a packet that is larger than this client takes as soon as its length is known. MQTT 5 brokers were told the
 * limit; those of 3.1.1 cannot be, and a broker may lie: mqtt.js would hold up to 256 MB before it looked.
 *
 * @param limitBytes of a whole packet.
 * @returns takes the bytes as they come, in pieces of any size.
 */
export function createPacketGuard(limitBytes: number, onTooLarge: (bytes: number) => void): (data: Uint8Array) => void {
  /** Bytes of the present packet that are still to come. */
  let toCome = 0;
  /** Bytes of the header that have come: none, its type, and so on. */
  let header = 0;
  let length = 0;
  return (data) => {
    let at = 0;
    while (at < data.length) {
      if (toCome > 0) {
        const taken = Math.min(toCome, data.length - at);
        toCome -= taken;
        at += taken;
        continue;
      }
      const byte = data[at++] as number;
      if (header++ === 0) {
        length = 0;
        continue;
      }
      length += (byte & 0x7f) * 128 ** (header - 2);
      // A fifth byte is no MQTT: mqtt.js ends the link.
      if (byte >= 0x80 && header <= MAX_LENGTH_BYTES) continue;
      if (length + header > limitBytes) onTooLarge(length + header);
      toCome = length;
      header = 0;
    }
  };
}
