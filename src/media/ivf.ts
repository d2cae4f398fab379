import type { TimeBase } from './nut-header.js';

/**
 * IVF, the simplest container in which every picture has a time of its own: pictures go to ffmpeg by it. Whatever the time
 * base, times arrive exactly as they left.
 *
 * @returns the header of a stream of pictures laid out as `yuv420p`, 32 bytes.
 * @throws {RangeError} when a side has no room in its 16 bits.
 */
export function ivfHeader(width: number, height: number, timeBase: TimeBase): Uint8Array {
  if (width > 0xffff || height > 0xffff) throw new RangeError(`a picture of ${width} × ${height} is too large`);
  const bytes = new DataView(new ArrayBuffer(32));
  writeText(bytes, 0, 'DKIF');
  bytes.setUint16(6, 32, true);
  writeText(bytes, 8, 'I420');
  bytes.setUint16(12, width, true);
  bytes.setUint16(14, height, true);
  bytes.setUint32(16, timeBase.den, true);
  bytes.setUint32(20, timeBase.num, true);
  return new Uint8Array(bytes.buffer);
}

/** What stands before each picture, 12 bytes. @param ticks time in units of the header's time base. */
export function ivfPictureHeader(pictureBytes: number, ticks: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(12));
  bytes.setUint32(0, pictureBytes, true);
  bytes.setBigInt64(4, BigInt(ticks), true);
  return new Uint8Array(bytes.buffer);
}

function writeText(bytes: DataView, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes.setUint8(at + i, text.charCodeAt(i));
}
