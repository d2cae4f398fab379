import type { CameraQueue } from './camera-detector.js';

/** Whose picture comes next: cameras take turns, whose last one is longest ago first, however many models look at a camera. */
export interface CameraTurns extends Iterable<CameraQueue> {
  add(queue: CameraQueue): void;
  /** Forgets a queue, and its camera when it has no other. */
  remove(queue: CameraQueue): void;
  /** The queue that is to be served; `null` while none has a picture. */
  next(): CameraQueue | null;
  /** It is being served: its camera has had its turn, and it comes behind the camera's other queues. */
  taken(queue: CameraQueue): void;
}

export function createCameraTurns(): CameraTurns {
  const queues = new Set<CameraQueue>();
  /** Turns taken so far, and each camera's last one. */
  let turns = 0;
  const lastTurn = new Map<string, number>();
  const turnOf = ({ cameraId }: CameraQueue): number => lastTurn.get(cameraId) ?? 0;
  return {
    [Symbol.iterator]: () => queues.values(),
    add: (queue) => void queues.add(queue),
    remove(queue) {
      queues.delete(queue);
      if (![...queues].some(({ cameraId }) => cameraId === queue.cameraId)) lastTurn.delete(queue.cameraId);
    },
    next() {
      let next: CameraQueue | null = null;
      for (const queue of queues) if (queue.ready() && (next === null || turnOf(queue) < turnOf(next))) next = queue;
      return next;
    },
    taken(queue) {
      lastTurn.set(queue.cameraId, ++turns);
      if (queues.delete(queue)) queues.add(queue);
    },
  };
}
