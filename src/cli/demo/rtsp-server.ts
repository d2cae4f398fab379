import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Clock } from '../../platform/clock.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { type AccessUnit, parameterSets } from './annex-b.js';
import { PAYLOAD_TYPE, packetise, RTP_CLOCK_HZ, type RtpStream } from './rtp-packets.js';

/** A clip that is shown over and over, as a camera would show it. */
export interface LiveClip {
  /** In the order in which they are shown; the first one is a keyframe. */
  readonly pictures: readonly AccessUnit[];
  /** Pictures a second. */
  readonly fps: number;
}

/** A small RTSP camera on a loopback port: H.264 over the RTSP connection itself (RTP interleaved), any number of viewers. */
export interface RtspServer extends AsyncDisposable {
  readonly url: string;
}

interface Viewer {
  readonly socket: Socket;
  readonly rtp: RtpStream;
  channel: number;
  /** Playing, and a keyframe has been sent: everything after it can be decoded. */
  state: 'idle' | 'waiting' | 'playing';
}

/** A viewer that lags by more than this is dropped, as a camera does: about eight seconds at 4 Mbit/s. */
const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;
/** Requests are some hundred bytes; who sends more without an end is not a viewer. */
const MAX_REQUEST_BYTES = 16 * 1024;
const SESSION_ID_BYTES = 8;

/**
 * Serves a clip in a loop as a live camera. The picture begins to run with the first viewer and then runs on, whoever
 * looks; later viewers join at the next keyframe. RTSP 1.0 (RFC 2326), TCP only: UDP is refused with 461.
 *
 * @param clip its pictures must be stored in the order in which they are shown (no B-frames).
 */
export async function startRtspServer(clip: LiveClip, clock: Clock, logger: Logger): Promise<RtspServer> {
  const viewers = new Set<Viewer>();
  const stopping = new AbortController();
  let running: Promise<void> | null = null;

  const server = createServer((socket) => {
    const viewer: Viewer = {
      socket,
      rtp: { ssrc: randomBytes(4).readUInt32BE(), sequence: randomBytes(2).readUInt16BE() },
      channel: 0,
      state: 'idle',
    };
    viewers.add(viewer);
    socket.setNoDelay(true);
    socket.on('close', () => viewers.delete(viewer));
    socket.on('error', (error) => logger.debug({ event: 'viewer-lost', reason: errorMessage(error) }));
    readRequests(socket, (request) => {
      socket.write(answer(request, viewer));
      if (viewer.state === 'waiting') running ??= run();
      if (request.method === 'TEARDOWN') socket.end();
    });
  });

  function answer(request: RtspRequest, viewer: Viewer): string {
    switch (request.method) {
      case 'OPTIONS':
        return reply(request, '200 OK', ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN']);
      case 'DESCRIBE': {
        const sdp = describe(clip);
        return reply(request, '200 OK', [`Content-Base: ${request.url}/`, 'Content-Type: application/sdp'], sdp);
      }
      case 'SETUP': {
        const channels = /interleaved=(\d{1,3})-(\d{1,3})/.exec(request.headers.get('transport') ?? '');
        if (channels === null) return reply(request, '461 Unsupported Transport');
        viewer.channel = Number(channels[1]) & 0xff;
        const session = randomBytes(SESSION_ID_BYTES).toString('hex');
        return reply(request, '200 OK', [`Transport: RTP/AVP/TCP;unicast;${channels[0]}`, `Session: ${session};timeout=60`]);
      }
      case 'PLAY':
        viewer.state = 'waiting';
        return reply(request, '200 OK', ['Range: npt=now-']);
      case 'GET_PARAMETER':
      case 'TEARDOWN':
        return reply(request, '200 OK');
      default:
        return reply(request, '501 Not Implemented');
    }
  }

  async function run(): Promise<void> {
    const startMs = clock.monotonic();
    // RFC 3550 asks for a random start; ffmpeg takes 0 for "not known yet" and would give the second picture the first one's time.
    const firstTimestamp = 1 + randomBytes(4).readUInt32BE();
    for (let number = 0; !stopping.signal.aborted; number++) {
      const waitMs = startMs + (number * 1000) / clip.fps - clock.monotonic();
      if (waitMs > 0) await clock.delay(waitMs, stopping.signal).catch(() => undefined);
      const picture = clip.pictures[number % clip.pictures.length];
      if (picture !== undefined) show(picture, firstTimestamp + Math.round((number * RTP_CLOCK_HZ) / clip.fps));
    }
  }

  function show(picture: AccessUnit, timestamp: number): void {
    for (const viewer of viewers) {
      if (viewer.state === 'waiting' && picture.keyframe) viewer.state = 'playing';
      if (viewer.state !== 'playing') continue;
      if (viewer.socket.writableLength > MAX_BACKLOG_BYTES) viewer.socket.destroy();
      else viewer.socket.write(packetise(picture.nals, timestamp, viewer.rtp, viewer.channel));
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `rtsp://127.0.0.1:${port}/camera`,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      const closed = once(server, 'close');
      server.close();
      for (const viewer of viewers) viewer.socket.destroy();
      await closed;
      await running;
    },
  };
}

interface RtspRequest {
  readonly method: string;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Requests have no body here; interleaved data from the viewer (RTCP reports) is passed over. */
function readRequests(socket: Socket, onRequest: (request: RtspRequest) => void): void {
  let waiting = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    for (;;) {
      if (waiting[0] === 0x24) {
        const length = waiting.length < 4 ? Number.POSITIVE_INFINITY : 4 + waiting.readUInt16BE(2);
        if (waiting.length < length) break;
        waiting = waiting.subarray(length);
        continue;
      }
      const end = waiting.indexOf('\r\n\r\n');
      if (end < 0) break;
      onRequest(parseRequest(waiting.toString('latin1', 0, end)));
      waiting = waiting.subarray(end + 4);
    }
    if (waiting.length > MAX_REQUEST_BYTES && waiting[0] !== 0x24) socket.destroy();
  });
}

function parseRequest(text: string): RtspRequest {
  const [first = '', ...lines] = text.split('\r\n');
  const [method = '', url = ''] = first.split(' ');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { method, url: url.replace(/\/+$/, ''), headers: new Map(headers) };
}

function reply(request: RtspRequest, status: string, headers: readonly string[] = [], body = ''): string {
  const session = request.headers.get('session');
  const lines = [
    `RTSP/1.0 ${status}`,
    `CSeq: ${request.headers.get('cseq') ?? '0'}`,
    ...(session === undefined ? [] : [`Session: ${session}`]),
    ...headers,
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function describe(clip: LiveClip): string {
  const { sps, pps } = parameterSets(clip.pictures);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const profile = Buffer.from(sps.subarray(1, 4)).toString('hex');
  return [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=Parapet demo camera',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    `m=video 0 RTP/AVP ${PAYLOAD_TYPE}`,
    `a=rtpmap:${PAYLOAD_TYPE} H264/${RTP_CLOCK_HZ}`,
    `a=fmtp:${PAYLOAD_TYPE} packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${base64(sps)},${base64(pps)}`,
    `a=framerate:${clip.fps}`,
    'a=control:track1',
    '',
  ].join('\r\n');
}
