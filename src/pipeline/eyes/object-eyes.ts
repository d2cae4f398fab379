import type { Detection } from '../../core/detection/detection.js';
import type { ColourPicture } from '../../core/detection/fill-input.js';
import type { AgentError } from '../../platform/errors.js';
import type { DetectorSnapshot } from '../../platform/health/agent-snapshot.js';

/** What a model saw in one picture. */
export interface Sighting {
  /** Of the picture, milliseconds on the stream's clock. */
  readonly ptsMs: number;
  /** `null`: a newer picture took its turn, or the model failed. `no-model`: none can be asked, so that what moves is all that is known. */
  readonly detections: readonly Detection[] | null | 'no-model';
}

/** A camera's way to a model, as its pipeline sees it. */
export interface ObjectEyes {
  /** Gives a picture; its bytes may be used again afterwards. */
  look(picture: ColourPicture, ptsMs: number): void;
  /** What has come back since it was last asked, in any order. Where every picture counts it is there at once. */
  sightings(): readonly Sighting[];
}

/** The same on the main thread, where the models are. Disposing of it takes back what waits. */
export interface CameraEyes extends Disposable {
  /** Every picture is answered, and the camera's thread waits for it: for files. Otherwise the latest wins. */
  readonly every: boolean;
  /** Each picture is answered once. */
  look(picture: ColourPicture, ptsMs: number, answer: (sighting: Sighting) => void): void;
  /** Why nothing is seen; `null`: something is. */
  problem(): AgentError | null;
  /** In words, that the model is too slow for what moves; `null`: it keeps up. */
  slowness(): string | null;
  /** `null` before the first picture. */
  figures(): DetectorSnapshot | null;
}

/** What was found elsewhere in one picture. */
export interface RecordedSighting {
  /** Milliseconds on the stream's clock. */
  readonly ptsMs: number;
  readonly detections: readonly Detection[];
}

/** Boxes that were found elsewhere, in the place of a model: those of the nearest moment, no farther than `reachMs` away. @param record by time. */
export function createRecordedEyes(record: readonly RecordedSighting[], reachMs: number): CameraEyes {
  let at = 0;
  return {
    every: true,
    look(_picture, ptsMs, answer) {
      const distance = (i: number): number => Math.abs((record[i]?.ptsMs ?? Number.POSITIVE_INFINITY) - ptsMs);
      while (at + 1 < record.length && distance(at + 1) <= distance(at)) at++;
      answer({ ptsMs, detections: distance(at) <= reachMs ? (record[at]?.detections ?? []) : [] });
    },
    problem: () => null,
    slowness: () => null,
    figures: () => null,
    [Symbol.dispose]: () => undefined,
  };
}

/** What a camera's thread is given to reach the main thread's eyes. */
export interface ThreadEyesData {
  readonly every: boolean;
  /** One number, which grows with every answer that was sent. */
  readonly answered: SharedArrayBuffer;
}

/** A picture on its way to the main thread. */
export interface LookMessage {
  readonly kind: 'look';
  readonly ptsMs: number;
  readonly picture: ColourPicture;
}

/** How long a thread waits for one answer where it wants every one, milliseconds: a large model on a small box takes seconds. */
const LONGEST_WAIT_MS = 60_000;

/**
 * The thread's side: pictures go out as messages, and answers are fetched between pictures. Where every picture counts it sleeps until the answer
 * has come.
 *
 * @param fetch brings in the messages that have come since, and gives the sightings among them.
 */
export function createThreadEyes(
  { every, answered }: ThreadEyesData,
  post: (message: LookMessage, transfer: ArrayBuffer[]) => void,
  fetch: () => readonly Sighting[],
): ObjectEyes {
  const count = new Int32Array(answered);
  const come: Sighting[] = [];
  return {
    look(picture, ptsMs) {
      const data = picture.data.slice();
      post({ kind: 'look', ptsMs, picture: { ...picture, data } }, [data.buffer]);
      if (!every) return;
      for (;;) {
        const before = Atomics.load(count, 0);
        come.push(...fetch());
        if (come.some((sighting) => sighting.ptsMs === ptsMs)) return;
        if (Atomics.wait(count, 0, before, LONGEST_WAIT_MS) === 'timed-out') {
          come.push({ ptsMs, detections: null });
          return;
        }
      }
    },
    sightings() {
      come.push(...fetch());
      return come.splice(0);
    },
  };
}

/** The main thread's side: carries a picture to the eyes and the answer back. @param send posts to the thread. */
export function answerLooks(
  eyes: CameraEyes,
  { answered }: ThreadEyesData,
  send: (sighting: Sighting) => void,
): (message: LookMessage) => void {
  const count = new Int32Array(answered);
  return ({ picture, ptsMs }) =>
    eyes.look(picture, ptsMs, (sighting) => {
      send(sighting);
      Atomics.add(count, 0, 1);
      Atomics.notify(count, 0);
    });
}

/** Pictures that were given where the latest wins, until it is known what became of each. */
export interface AwaitedPictures {
  /** A picture was given. */
  add(ptsMs: number, answer: (sighting: Sighting) => void): void;
  /**
   * A picture was answered: what was given before it was never looked at. Pictures are known by their times alone and not by the order of these,
   * since a stream's clock begins anew when a camera is connected anew. A time that nobody waits for is passed over.
   */
  hear(sighting: Sighting): void;
  /** The last one but one was never looked at: the last one took its place. */
  replace(): void;
  /** Nothing that was given will be looked at. */
  giveUp(): void;
}

export function createAwaitedPictures(): AwaitedPictures {
  /** In the order in which they were given, which is that of the answers. */
  const awaited: { readonly ptsMs: number; readonly answer: (sighting: Sighting) => void }[] = [];

  function dismiss(count: number): void {
    for (const { ptsMs, answer } of awaited.splice(0, count)) answer({ ptsMs, detections: null });
  }

  return {
    add(ptsMs, answer) {
      awaited.push({ ptsMs, answer });
    },
    hear(sighting) {
      const at = awaited.findIndex(({ ptsMs }) => ptsMs === sighting.ptsMs);
      if (at < 0) return;
      dismiss(at);
      awaited.shift()?.answer(sighting);
    },
    replace() {
      const [gone] = awaited.splice(-2, 1);
      gone?.answer({ ptsMs: gone.ptsMs, detections: null });
    },
    giveUp: () => dismiss(awaited.length),
  };
}
