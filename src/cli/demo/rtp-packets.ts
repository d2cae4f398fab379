/** Payload of a packet, bytes: with RTP, UDP and IP headers it stays below the 1,500 of Ethernet. */
const MAX_PAYLOAD_BYTES = 1400;
const RTP_HEADER_BYTES = 12;
/** Dynamic payload type, named in the session description. */
export const PAYLOAD_TYPE = 96;
/** RTP clock of video, Hz (RFC 6184). */
export const RTP_CLOCK_HZ = 90_000;
/** Type of a fragment of a NAL unit (RFC 6184, section 5.8). */
const FU_A = 28;

/** Numbers the packets of one RTP stream. */
export interface RtpStream {
  readonly ssrc: number;
  sequence: number;
}

/**
 * Packets of one picture, each framed for an interleaved RTSP connection (RFC 2326, section 10.12).
 *
 * @param timestamp in units of {@link RTP_CLOCK_HZ}, modulo 2³².
 * @param channel interleaved channel, 0..255.
 */
export function packetise(nals: readonly Uint8Array[], timestamp: number, stream: RtpStream, channel: number): Buffer {
  const payloads = nals.flatMap(fragment);
  return Buffer.concat(
    payloads.map((payload, i) => {
      const packet = Buffer.alloc(4 + RTP_HEADER_BYTES + payload.length);
      packet[0] = 0x24;
      packet[1] = channel;
      packet.writeUInt16BE(RTP_HEADER_BYTES + payload.length, 2);
      packet[4] = 0x80;
      packet[5] = PAYLOAD_TYPE | (i === payloads.length - 1 ? 0x80 : 0);
      packet.writeUInt16BE(stream.sequence, 6);
      packet.writeUInt32BE(timestamp >>> 0, 8);
      packet.writeUInt32BE(stream.ssrc, 12);
      packet.set(payload, 4 + RTP_HEADER_BYTES);
      stream.sequence = (stream.sequence + 1) & 0xffff;
      return packet;
    }),
  );
}

/** A NAL unit as it is, or in fragments when it is too large for a packet. */
function fragment(nal: Uint8Array): Uint8Array[] {
  if (nal.length <= MAX_PAYLOAD_BYTES) return [nal];
  const header = nal[0] ?? 0;
  const pieces: Uint8Array[] = [];
  const room = MAX_PAYLOAD_BYTES - 2;
  for (let at = 1; at < nal.length; at += room) {
    const end = Math.min(at + room, nal.length);
    const piece = new Uint8Array(2 + end - at);
    piece[0] = (header & 0xe0) | FU_A;
    piece[1] = (at === 1 ? 0x80 : 0) | (end === nal.length ? 0x40 : 0) | (header & 0x1f);
    piece.set(nal.subarray(at, end), 2);
    pieces.push(piece);
  }
  return pieces;
}
