import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { FramePipe } from './frame-pipe.js';

/**
 * Bytes that are asked of a socket to hold: Linux doubles them for what it needs besides, and holds some 3.5 MiB, a half of a 4K picture's region of
 * interest. More, and a camera that is not kept up with is seen later.
 */
const ASKED_BYTES = 2 << 20;
/** With less than this, a half of a 1080p picture, a pipe is as good. */
const LEAST_BYTES = 1 << 20;

/**
 * For descriptors 3, 4, …, by turns ends to read from and ends to write to: makes the latter hold more, says how many bytes that is by filling one with pieces as
 * ffmpeg's, and makes all of them wait, as Node's do not. Perl, which is part of Debian's base, can do that to a descriptor that it inherits.
 */
const PREPARE = `use Fcntl; use Socket;
alarm 10;
my ($asked, $ends) = @ARGV;
my @ends = map { open(my $end, '+<&=', $_) or exit 1; $end } 3 .. 2 + $ends;
for (@ends) { fcntl($_, F_SETFL, fcntl($_, F_GETFL, 0) | O_NONBLOCK) or exit 1 }
for (my $i = 1; $i < $ends; $i += 2) { setsockopt($ends[$i], SOL_SOCKET, SO_SNDBUF, $asked) or exit 1 }
my ($held, $piece) = (0, "\\0" x 32768);
while (my $wrote = syswrite($ends[1], $piece)) { $held += $wrote }
for (my $left = $held; $left > 0; ) { $left -= sysread($ends[0], $piece, 32768) || exit 1 }
for (@ends) { fcntl($_, F_SETFL, fcntl($_, F_GETFL, 0) & ~O_NONBLOCK) or exit 1 }
print $held;`;

interface Pair {
  readonly reading: Socket;
  readonly writing: Socket;
}

/**
 * Pairs of connected sockets as blocking descriptors. They do what pipes do at half the price: Linux takes 32 KiB at once from its memory for what is
 * written into one, and a page for every 4 KiB of a pipe.
 *
 * @returns `null` where they cannot be had: without Perl, where Linux lets them hold less than a mebibyte (`net.core.wmem_max`), or Node does not tell their descriptors.
 */
export async function createFrameSockets(count: number): Promise<readonly FramePipe[] | null> {
  if (process.platform !== 'linux') return null;
  const pairs: Pair[] = [];
  const dispose = (): void => {
    for (const { reading, writing } of pairs) {
      reading.destroy();
      writing.destroy();
    }
  };
  const folder = await mkdtemp(join(tmpdir(), 'parapet-'));
  try {
    while (pairs.length < count) pairs.push(await connectedPair(join(folder, String(pairs.length))));
    const fds = pairs.flatMap(({ reading, writing }) => [descriptorOf(reading), descriptorOf(writing)]);
    const holdsBytes = fds.every((fd) => fd !== null) ? await prepare(fds) : 0;
    if (holdsBytes >= LEAST_BYTES) return pairs.map((pair) => asPipe(pair, holdsBytes));
  } catch {
    // No Perl, a name too long for a socket, or too many open files: pipes do without the first two, and tell of the third.
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  dispose();
  return null;
}

/** Two sockets of this process, connected, from which the event loop reads nothing. */
async function connectedPair(path: string): Promise<Pair> {
  const server = createServer({ pauseOnConnect: true });
  const writing = new Socket().pause();
  try {
    await once(server.listen(path), 'listening');
    const [[reading]] = (await Promise.all([once(server, 'connection'), once(writing.connect(path), 'connect')])) as [[Socket], unknown];
    for (const end of [reading, writing]) end.unref().on('error', () => undefined);
    return { reading, writing };
  } catch (error) {
    writing.destroy();
    throw error;
  } finally {
    server.close();
  }
}

/** Node keeps it to itself, in every version that we support alike; `null` where it does not. */
function descriptorOf(socket: Socket): number | null {
  const fd = (socket as unknown as { readonly _handle?: { readonly fd?: unknown } | null })._handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : null;
}

/** @returns bytes that each of the sockets holds. */
async function prepare(fds: readonly number[]): Promise<number> {
  const perl = spawn('perl', ['-e', PREPARE, String(ASKED_BYTES), String(fds.length)], { stdio: ['ignore', 'pipe', 'ignore', ...fds] });
  const [said] = await Promise.all([text(perl.stdout as Readable), once(perl, 'close')]);
  return Number(said);
}

function asPipe({ reading, writing }: Pair, holdsBytes: number): FramePipe {
  return {
    readFd: descriptorOf(reading) as number,
    writeFd: descriptorOf(writing) as number,
    holdsBytes,
    closeWriter: () => writing.destroy(),
    closeReader: () => reading.destroy(),
    close: () => {
      writing.destroy();
      reading.destroy();
    },
  };
}
