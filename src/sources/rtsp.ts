import { connect as connectSocket } from 'node:net';
import { cameraAddress, inputName, type RtspInput } from '../media/input.js';
import { lastComplaint, openConnection } from './connection.js';
import type { Source, SourceOptions } from './contract.js';

/** How long a camera may take to answer, milliseconds, when nothing else is said. Weak ones take 5 s to wake. */
const defaultTimeoutMs = 10_000;
/**
 * Shortest segment, seconds; ffmpeg cuts at the next keyframe. Shorter ones cost files, longer ones make evidence late
 * and lose more when the power fails.
 */
const segmentS = 1;
/** How long a camera's port may take to accept a connection, milliseconds: it is asked often, and a slow yes is a no. */
const reachableWithinMs = 1500;

/** A camera that is spoken to by RTSP, over TCP unless told otherwise. */
export function createRtspSource(options: SourceOptions): Source {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const input: RtspInput = {
    kind: 'rtsp',
    url: options.url,
    username: options.username ?? null,
    password: options.password ?? null,
    transport: options.transport ?? 'tcp',
    timeoutMs,
  };
  const { host, port } = cameraAddress(options.url);
  return {
    name: inputName(input),
    live: true,
    connect: (segmentsFolder, signal) =>
      openConnection(
        {
          input,
          segments: segmentsFolder === null ? null : { folder: segmentsFolder, segmentS },
          // Answering and sending a keyframe each get the time; ffmpeg itself has hung beyond its own timeout.
          firstPictureTimeoutMs: 2 * timeoutMs,
          wallClock: () => ({ kind: 'live' }),
          judge: (exit) =>
            exit.reason === 'killed'
              ? { reason: 'killed', detail: `ffmpeg was killed by ${exit.signal}` }
              : { reason: 'disconnected', detail: lastComplaint(exit) ?? 'the camera ended its stream' },
        },
        options,
        signal,
      ),
    reachable: (signal) => acceptsConnections(host, port, signal),
  };
}

function acceptsConnections(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host, port });
    const answer = (reachable: boolean): void => {
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(reachable);
    };
    const giveUp = (): void => answer(false);
    signal.addEventListener('abort', giveUp, { once: true });
    socket.setTimeout(reachableWithinMs, giveUp);
    socket.once('connect', () => answer(true));
    socket.once('error', giveUp);
    if (signal.aborted) giveUp();
  });
}
