import { createReadStream } from 'node:fs';

/** One line of a file of JSON lines. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** False for a last line without its line break: writing it was cut short. */
  readonly whole: boolean;
}

/** The lines of a file that may be larger than memory; empty ones are passed over. @throws what the file system says. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let number = 0;
  let rest = '';
  for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
    const parts = (rest + (piece as string)).split('\n');
    rest = parts.pop() ?? '';
    for (const text of parts) {
      number++;
      if (text !== '') yield { number, text, whole: true };
    }
  }
  if (rest !== '') yield { number: number + 1, text: rest, whole: false };
}
