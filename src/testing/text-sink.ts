import type { CommandContext, TextSink } from '../cli/context.js';

/** A stream that keeps what is written to it. */
export interface CollectingSink extends TextSink {
  text(): string;
}

export function createCollectingSink(terminal: { readonly isTTY?: boolean; readonly columns?: number } = {}): CollectingSink {
  const parts: string[] = [];
  return { ...terminal, write: (text) => parts.push(text), text: () => parts.join('') };
}

/** A command's surroundings for tests: nothing of the process's own. */
export function createTestContext(cwd: string, env: CommandContext['env'] = {}) {
  const stdout = createCollectingSink();
  const stderr = createCollectingSink();
  return { stdout, stderr, env, cwd, version: '0.0.0-test', signal: new AbortController().signal };
}
