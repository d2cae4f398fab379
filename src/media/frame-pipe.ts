import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentError } from '../platform/errors.js';

/**
 * The way of pictures between ffmpeg and the thread that reads them. No name of it is left in the file system, so nothing
 * is left behind whatever happens.
 */
export interface FramePipe {
  /** For `fs.readSync` in any thread of this process. Stays open until {@link close}. */
  readonly readFd: number;
  /** For ffmpeg. */
  readonly writeFd: number;
  /** Call once ffmpeg has it: then the reader meets the end exactly when ffmpeg is gone. */
  closeWriter(): void;
  /** The other way round, where ffmpeg reads: then who writes learns that ffmpeg is gone. */
  closeReader(): void;
  /** Closes both ends. No thread may be reading: a closed descriptor's number is given out anew. */
  close(): void;
}

/** Longest path of a socket, bytes: what macOS can name; Linux can name four more. */
const maxPathBytes = 103;

/**
 * A pair of sockets as two blocking descriptors. Pictures pass through it in half of the kernel's time that they take through a pipe, which counts every page of
 * them in and out ([measured](../../docs/adr/0002-frames-by-fifo.md)). Node hands out no such pair: a socket in a private folder, removed at once, and one that
 * has called it are one.
 *
 * @throws {AgentError} MEDIA_FAILED when the folder for temporary files has too long a name for a socket in it.
 */
export async function createFramePipe(): Promise<FramePipe> {
  const folder = await mkdtemp(join(tmpdir(), 'parapet-'));
  const path = join(folder, 'frames');
  // Nobody may read what comes before it is asked for by descriptor.
  const server = createServer({ pauseOnConnect: true });
  try {
    if (Buffer.byteLength(path) > maxPathBytes) {
      throw new AgentError('MEDIA_FAILED', `${tmpdir()}: its name is too long for a socket in it; set TMPDIR to a shorter one`);
    }
    await once(server.listen(path), 'listening');
    const called = once(server, 'connection');
    const writer = connect(path).pause();
    await once(writer, 'connect');
    const [reader] = (await called) as [Socket];
    return {
      readFd: blockingDescriptorOf(reader),
      writeFd: blockingDescriptorOf(writer),
      closeWriter: () => void writer.destroy(),
      closeReader: () => void reader.destroy(),
      close: () => {
        writer.destroy();
        reader.destroy();
      },
    };
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What every socket of Node holds, and the documentation says nothing of. */
interface SocketHandle {
  readonly fd: number;
  setBlocking(blocking: boolean): number;
}

function blockingDescriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle: SocketHandle };
  handle.setBlocking(true);
  return handle.fd;
}
