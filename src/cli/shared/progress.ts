import type { TextSink } from '../context.js';

/** Least time between two drawings, milliseconds: ten a second look smooth and cost nothing beside decoding. */
const REDRAW_MS = 100;
/** Width of the bar, characters. */
const BAR_WIDTH = 24;
/** Clears the line and goes to its start. */
const CLEAR_LINE = '\r\u001B[2K';

/** How far long work has come. Draws on a terminal and stays quiet in a pipe. */
export interface Progress {
  /**
   * @param fraction 0..1, or `null` where the end is not known.
   * @param note a few words beside the bar, such as `12.4 s of 60 s`.
   */
  update(fraction: number | null, note: string): void;
  /** Takes the bar off the screen so that a line can be written; the next update draws it again. */
  clear(): void;
}

/**
 * A progress bar on one line of a terminal.
 *
 * @param monotonic milliseconds that never go back: limits how often the bar is drawn.
 */
export function createProgress(sink: TextSink, label: string, monotonic: () => number): Progress {
  if (sink.isTTY !== true) return { update: () => undefined, clear: () => undefined };
  let lastDrawnMs = Number.NEGATIVE_INFINITY;
  let drawn = false;
  return {
    update: (fraction, note) => {
      const now = monotonic();
      if (now - lastDrawnMs < REDRAW_MS && fraction !== 1) return;
      lastDrawnMs = now;
      drawn = true;
      const line = fraction === null ? `${label} ${note}` : `${label} ${bar(fraction)} ${note}`;
      sink.write(`${CLEAR_LINE}${[...line].slice(0, Math.max((sink.columns ?? 80) - 1, 0)).join('')}`);
    },
    clear: () => {
      if (drawn) sink.write(CLEAR_LINE);
      drawn = false;
      lastDrawnMs = Number.NEGATIVE_INFINITY;
    },
  };
}

function bar(fraction: number): string {
  const part = Math.min(1, Math.max(0, fraction));
  const full = Math.round(part * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${String(Math.floor(part * 100)).padStart(3)} %`;
}
