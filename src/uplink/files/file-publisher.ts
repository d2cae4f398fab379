import { readFile, stat } from 'node:fs/promises';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { BrokerRefusal, LinkClosed } from '../../platform/mqtt/index.js';
import { type Flow, PACKET_OVERHEAD_BYTES } from '../link/flow.js';

/** What a link offers to files: its lowest place, which pieces of evidence have too. */
export interface FilePort extends Pick<Flow, 'offer'> {
  readonly maximumPacketBytes: number;
}

/** Publishes pictures as retained messages, one at a time, behind everything else. */
export interface FilePublisher {
  /** Takes the place of an earlier file of the topic that has not gone out yet. Topic below the base. */
  publish(topic: string, path: string): void;
  linkUp(port: FilePort): void;
  linkDown(port: FilePort): void;
}

/** Largest file, bytes: a picture of the whole fall has some 200 to 550 KB, and one message cannot be interrupted by an event. */
const MAX_FILE_BYTES = 1024 * 1024;

export interface FilePublisherOptions {
  /** Of the agent's topics. */
  readonly base: string;
  /** Size above which files are held now, bytes; `null` when none is: a link that is paid by volume carries no picture twice. */
  readonly heldAbove: () => number | null;
  readonly logger: Logger;
}

export function createFilePublisher({ base, heldAbove, logger }: FilePublisherOptions): FilePublisher {
  /** Paths by topic, in the order in which they came. */
  const waiting = new Map<string, string>();
  let port: FilePort | null = null;
  let busy = false;

  async function run(): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      for (let next = first(); next !== undefined && port !== null; next = first()) await send(port, ...next);
    } finally {
      busy = false;
    }
  }

  const first = (): [string, string] | undefined => waiting.entries().next().value;

  async function send(over: FilePort, topic: string, path: string): Promise<void> {
    try {
      const { size } = await stat(path);
      const limit = Math.min(MAX_FILE_BYTES, over.maximumPacketBytes - PACKET_OVERHEAD_BYTES);
      if (size > limit) throw new RangeError(`${size} bytes, at most ${limit}`);
      if (size <= (heldAbove() ?? Number.POSITIVE_INFINITY))
        await over.offer({ topic: `${base}/${topic}`, payload: await readFile(path), retain: true });
      else logger.debug({ event: 'picture-held', topic, bytes: size }, `${topic}: evidence is held, and this picture is left out`);
    } catch (error) {
      if (error instanceof LinkClosed) {
        if (port === over) port = null;
        return;
      }
      const why = error instanceof BrokerRefusal ? 'the broker does not take it' : 'it cannot be sent';
      logger.warn({ event: 'picture-unsent', topic, reason: errorMessage(error) }, `${topic}: ${why} (${errorMessage(error)})`);
    }
    // A newer one may have come meanwhile.
    if (waiting.get(topic) === path) waiting.delete(topic);
  }

  return {
    publish(topic, path) {
      waiting.delete(topic);
      waiting.set(topic, path);
      void run();
    },
    linkUp(next) {
      port = next;
      void run();
    },
    linkDown(ended) {
      if (port === ended) port = null;
    },
  };
}
