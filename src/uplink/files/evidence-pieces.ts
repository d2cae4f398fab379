import type { EvidenceFile } from './evidence-file.js';

/** Chunks between two notes of progress: 1 MiB at the default size is sent again after a crash, at most. */
const CHUNKS_A_NOTE = 8;
/** Chunks read ahead of the broker's acknowledgement. */
const READ_AHEAD = 2;

/** One sending of a file, chunk by chunk. */
export interface PieceRun {
  /** First chunk that has not arrived yet; what lies before it is only hashed. */
  readonly from: number;
  /** Asked before each chunk. */
  readonly goesOn: () => boolean;
  /** Resolves when the chunk has arrived. */
  readonly offer: (chunk: Buffer, index: number) => Promise<void>;
  /** So many chunks have arrived, without a gap from the first. Not told of the last few. */
  readonly note: (arrived: number) => void;
}

/**
 * Sends a file from a chunk on, a little ahead of what has arrived, and hashes all of it.
 *
 * @returns how many chunks of the file have arrived: all, or fewer when it did not go on.
 */
export async function sendPieces(file: EvidenceFile, { from, goesOn, offer, note }: PieceRun): Promise<number> {
  await file.hashUpTo(from);
  const ahead: Promise<void>[] = [];
  let noted = from;
  let index = from;
  for (; index < file.chunks && goesOn(); index++) {
    const chunk = await file.read(index);
    file.hash(chunk);
    if (ahead.length >= READ_AHEAD) await ahead.shift();
    const sent = offer(chunk, index);
    // It is awaited below; until then a lost link must not count as an error that nobody handles.
    sent.catch(() => undefined);
    ahead.push(sent);
    const arrived = index + 1 - ahead.length;
    if (arrived - noted < CHUNKS_A_NOTE) continue;
    note(arrived);
    noted = arrived;
  }
  await Promise.all(ahead);
  return index;
}
