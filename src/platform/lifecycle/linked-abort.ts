/** An abort controller that also follows another signal, until released. */
export interface LinkedAbort extends Disposable {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Forgets the parent. */
  [Symbol.dispose](): void;
}

/**
 * Composes a lifetime out of its own end and its parent's. Unlike `AbortSignal.any`, which in Node 20 leaves something
 * with the parent for ever, this leaves nothing: an agent's one signal outlives thousands of processes and connections.
 */
export function createLinkedAbort(parent?: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => parent?.removeEventListener('abort', follow),
  };
}
