import { describe, expect, it } from 'vitest';
import { mediaFailure, tellingComplaint } from './failure.js';
import { authenticatedUrl, cameraAddress, inputArguments, inputName, type RtspInput } from './input.js';
import { createSummaryReader } from './stream-summary.js';

const camera: RtspInput = { kind: 'rtsp', url: 'rtsp://10.0.0.8/main', transport: 'tcp', timeoutMs: 10_000 };

describe('authenticatedUrl', () => {
  it.each([
    ['rtsp://10.0.0.8/main', null, null, 'rtsp://10.0.0.8/main'],
    ['rtsp://10.0.0.8/main', 'admin', 'p@ss', 'rtsp://admin:p%40ss@10.0.0.8/main'],
    ['rtsp://10.0.0.8/main', 'admin', null, 'rtsp://admin@10.0.0.8/main'],
    ['rtsp://admin:p%40ss@10.0.0.8/main', null, null, 'rtsp://admin:p%40ss@10.0.0.8/main'],
    ['rtsp://admin:p@ss@10.0.0.8/main', null, null, 'rtsp://admin:p%40ss@10.0.0.8/main'],
    ['rtsp://admin:a/b#c?d@10.0.0.8:554/main', null, null, 'rtsp://admin:a%2Fb%23c%3Fd@10.0.0.8:554/main'],
    ['rtsp://admin:50%@cam.local/x', null, null, 'rtsp://admin:50%25@cam.local/x'],
    ["rtsp://a:b'(c)*!@cam/x", null, null, 'rtsp://a:b%27%28c%29%2A%21@cam/x'],
    ['rtsp://old:secret@cam/x', 'new', 'other', 'rtsp://new:other@cam/x'],
    ['rtsp://admin:x@[fe80::1]:8554/s', null, null, 'rtsp://admin:x@[fe80::1]:8554/s'],
    ['rtsp://cam/path@2x', null, null, 'rtsp://cam/path@2x'],
    ['rtsp://cam:554/path@2x', null, null, 'rtsp://cam:554/path@2x'],
  ])('%s with %s and %s is %s', (url, username, password, expected) => {
    expect(authenticatedUrl({ url, username, password })).toBe(expected);
  });
});

describe('cameraAddress', () => {
  it.each([
    ['rtsp://10.0.0.8/main', '10.0.0.8', 554],
    ['rtsps://cam.local', 'cam.local', 322],
    ['rtsp://u:p@cam:8554/x', 'cam', 8554],
    ['rtsp://[fe80::1]:8554/s', 'fe80::1', 8554],
  ])('of %s is %s port %d', (url, host, port) => expect(cameraAddress(url)).toEqual({ host, port }));

  it('needs a host', () => expect(() => cameraAddress('rtsp:///main')).toThrow(/names no host/));
});

describe('inputArguments', () => {
  const whitelist = (input: Parameters<typeof inputArguments>[0]): string | undefined => {
    const { options } = inputArguments(input);
    return options[options.indexOf('-protocol_whitelist') + 1];
  };
  it.each([
    [camera, 'tcp'],
    [{ ...camera, transport: 'udp' as const }, 'tcp,rtp,udp'],
    [{ ...camera, url: 'rtsps://cam/x' }, 'tcp,tls'],
    [{ kind: 'file' as const, path: '/a.mp4' }, 'file'],
    [{ kind: 'segments' as const, paths: ['/a.ts'], startS: 0 }, 'concat,file'],
  ])('allow the fewest protocols: %o', (input, expected) => expect(whitelist(input)).toBe(expected));

  it('keep names what they are', () => {
    expect(inputArguments({ kind: 'file', path: '/tmp/-i' }).source).toBe('file:/tmp/-i');
    expect(() => inputArguments({ kind: 'segments', paths: ['/a|b.ts'], startS: 0 })).toThrow(/cannot join/);
  });

  it('never name credentials', () => {
    expect(inputName({ ...camera, url: 'rtsp://admin:hunter2@10.0.0.8/main' })).toBe('rtsp://***@10.0.0.8/main');
  });
});

describe('mediaFailure', () => {
  it.each([
    [camera, 'method DESCRIBE failed: 401 Unauthorized', 'SOURCE_UNAUTHORIZED', /user name or password/],
    [camera, 'method DESCRIBE failed: 404 Not Found', 'SOURCE_UNREACHABLE', /path/],
    [camera, 'Connection to tcp://10.0.0.8:554 failed: Connection refused', 'SOURCE_UNREACHABLE', /nothing listens/],
    [camera, 'No route to host', 'SOURCE_UNREACHABLE', /cable/],
    [camera, 'Failed to resolve hostname cam: Name or service not known', 'SOURCE_UNREACHABLE', /host name/],
    [camera, 'Connection timed out', 'SOURCE_UNREACHABLE', /in time/],
    [camera, 'method SETUP failed: 461 Unsupported transport', 'SOURCE_FAILED', /transport/],
    [camera, 'method DESCRIBE failed: 503 Service Unavailable', 'SOURCE_UNREACHABLE', /starting/],
    [{ kind: 'file', path: 'a.mp4' }, 'file:a.mp4: No such file or directory', 'SOURCE_NOT_FOUND', /path/],
    [{ kind: 'file', path: 'a.mp4' }, 'moov atom not found', 'SOURCE_NOT_VIDEO', /cut off/],
    [{ kind: 'file', path: 'a.mp4' }, '[error] something new', 'SOURCE_FAILED', /something new/],
  ] as const)('of %o saying %s is %s', (input, said, code, text) => {
    const error = mediaFailure(input, [`[rtsp @ 0x55d] [error] ${said}`]);
    expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
    expect(error.message).not.toContain('\n');
  });
});

describe('tellingComplaint', () => {
  it.each([
    [
      ['[rtsp @ 0x5] [error] Connection reset by peer', '[null @ 0x5] [warning] Invalid DTS: 90 PTS: 80 in output stream'],
      'Connection reset by peer',
    ],
    [['[nut @ 0x5] [warning] Non-monotonous DTS in output stream 0:0', '[rtsp @ 0x5] [warning] RTP: missed 3 packets'], null],
    [[], null],
  ])('of %j is %s', (complaints, said) => {
    expect(tellingComplaint(complaints)).toBe(said);
  });
});

describe('createSummaryReader', () => {
  it.each([
    [
      '[info]   Stream #0:0[0x1](eng): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709, progressive), 1920x1080, 10802 kb/s, 60.01 fps, 60 tbr, 90k tbn (default)',
      { codec: 'h264', pixelFormat: 'yuv420p', width: 1920, height: 1080, fps: 60.01 },
    ],
    [
      '[info]   Stream #0:0: Video: hevc (Main), yuvj420p(pc), 704x576 [SAR 12:11 DAR 4:3], 25 tbr, 90k tbn',
      { codec: 'hevc', pixelFormat: 'yuvj420p', width: 704, height: 576, fps: null },
    ],
  ])('reads %s', (line, expected) => {
    const reader = createSummaryReader();
    for (const before of [
      '[info] Input #0, mov, from',
      '[info]   Duration: 00:01:02.50, start: 0.000000',
      '[info]     creation_time   : 2022-11-08T13:52:38.000000Z',
      line,
    ]) {
      expect(reader.summary()).toBeNull();
      reader.take(before);
    }
    expect(reader.summary()).toEqual({ ...expected, durationS: 62.5, creationTimeMs: Date.UTC(2022, 10, 8, 13, 52, 38) });
  });

  it('skips sound and cover pictures', () => {
    const reader = createSummaryReader();
    reader.take('[info]   Stream #0:1: Audio: aac (LC), 48000 Hz');
    reader.take('[info]   Stream #0:0: Video: mjpeg, yuvj420p(pc), 300x300, 90k tbn (attached pic)');
    expect(reader.summary()).toBeNull();
  });
});
