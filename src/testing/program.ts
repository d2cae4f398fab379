import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** One of the programs in this folder as a process, to be killed. */
export interface Program {
  /** Standard output so far. */
  readonly lines: string[];
  /** Lines that begin with a word, as words. */
  words(first: string): string[][];
  /** SIGKILL; a second call does nothing. */
  kill(): Promise<void>;
}

/** @param name of a compiled file in `dist/testing`. */
export function startProgram(name: string, ...args: string[]): Program {
  const path = fileURLToPath(new URL(`../../dist/testing/${name}.js`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout.on('data', (data: Buffer) => {
    const parts = (rest + data.toString('utf8')).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const closed = once(child, 'close');
  return {
    lines,
    words: (first) => lines.map((line) => line.split(' ')).filter(([word]) => word === first),
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
