import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { OutboxTransfer } from '../../domain/outbox.js';

/** Why a file cannot be sent any more: it is gone, or is not what it was. */
export class EvidenceAltered extends Error {
  override readonly name = 'EvidenceAltered';
}

/** A file being sent in chunks. Its hash is computed along the way. */
export interface EvidenceFile extends AsyncDisposable {
  readonly chunks: number;
  /** @throws {EvidenceAltered} when the file has become shorter. */
  read(index: number): Promise<Buffer>;
  /** Takes chunks below `end` into the hash without keeping them. */
  hashUpTo(end: number): Promise<void>;
  /** Takes a chunk into the hash; chunks come in order. */
  hash(chunk: Buffer): void;
  /** @throws {EvidenceAltered} when what was hashed is not the file that was recorded. */
  verify(): void;
}

/** Number of chunks of a file. @example chunkCount(300_000, 131_072) // 3 */
export function chunkCount(bytes: number, chunkBytes: number): number {
  return Math.ceil(bytes / chunkBytes);
}

/** @throws {EvidenceAltered} when the file is gone or has another size; what the file system throws otherwise. */
export async function openEvidenceFile(
  transfer: Pick<OutboxTransfer, 'path' | 'bytes' | 'sha256'>,
  chunkBytes: number,
): Promise<EvidenceFile> {
  let file: FileHandle;
  try {
    file = await open(transfer.path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new EvidenceAltered('the file is gone', { cause: error });
    throw error;
  }
  try {
    const { size } = await file.stat();
    if (size !== transfer.bytes) throw new EvidenceAltered(`the file has ${size} bytes instead of ${transfer.bytes}`);
  } catch (error) {
    await file.close();
    throw error;
  }
  const hash: Hash = createHash('sha256');
  const read = async (index: number): Promise<Buffer> => {
    const start = index * chunkBytes;
    const wanted = Math.min(chunkBytes, transfer.bytes - start);
    const chunk = Buffer.allocUnsafe(wanted);
    const { bytesRead } = await file.read(chunk, 0, wanted, start);
    if (bytesRead !== wanted) throw new EvidenceAltered(`the file ends at ${start + bytesRead} of ${transfer.bytes} bytes`);
    return chunk;
  };
  return {
    chunks: chunkCount(transfer.bytes, chunkBytes),
    read,
    async hashUpTo(end) {
      for (let index = 0; index < end; index++) hash.update(await read(index));
    },
    hash: (chunk) => {
      hash.update(chunk);
    },
    verify() {
      const found = hash.digest('hex');
      if (found !== transfer.sha256) throw new EvidenceAltered(`the file has the hash ${found} instead of ${transfer.sha256}`);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
