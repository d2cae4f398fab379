import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../testing/cli-process.js';
import { ffmpeg } from '../testing/clips.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../testing/mosquitto.js';
import { type RtspServer, rtspServerInstalled, startRtspServer } from '../testing/rtsp-server.js';

/** Must never be seen in any output. */
const SECRET = 'hunter2-in-clear';
const folder = mkdtempSync(join(tmpdir(), 'parapet-bad-input-'));
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=25:d=8', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', at('whole.mp4'));
  await ffmpeg('-i', at('whole.mp4'), '-c', 'copy', '-movflags', '+faststart', at('front.mp4'));
  const whole = readFileSync(at('front.mp4'));
  writeFileSync(at('cut.mp4'), whole.subarray(0, Math.floor(whole.length * 0.6)));
  writeFileSync(at('headless.mp4'), readFileSync(at('whole.mp4')).subarray(0, 20_000));
  writeFileSync(at('text.mp4'), 'this is a letter, not a video\n'.repeat(100));
  writeFileSync(at('empty.mp4'), '');
  for (const name of ['still.jpg', 'still.png']) await ffmpeg('-i', at('whole.mp4'), '-frames:v', '1', at(name));
  writeFileSync(
    at('two.yaml'),
    'cameras: [{ id: a, source: { url: rtsp://10.0.0.8/a } }, { id: b, source: { url: rtsp://10.0.0.8/b } }]\n',
  );
  writeFileSync(at('bad.yaml'), 'cameras: [{ id: a, source: { url: rtsp://10.0.0.8/a, stal: 5 s } }]\n');
  writeFileSync(at('range.yaml'), 'cameras: [{ id: a, source: { url: rtsp://10.0.0.8/a, stall: 1 d } }]\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: 1 | 2;
  /** What the line must say: what is wrong, and the mend. */
  readonly says: RegExp;
  /** Lines on standard error; one unless told otherwise. */
  readonly lines?: number;
}

/** One line for people: no stack, no secret, nothing on standard output. */
async function expectComplaint({ args, code, says, lines = 1 }: Case): Promise<void> {
  const result = await runCli(args, { cwd: folder });
  const said = result.stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('{'));
  expect(result.stderr).toMatch(says);
  expect(said).toHaveLength(lines);
  expect(result.stdout).toBe('');
  expect(result.stderr + result.stdout).not.toContain(SECRET);
  expect(result.stderr).not.toMatch(/\n\s+at |\.js:\d+/);
  expect(result.code).toBe(code);
}

const data = ['--set', 'data_dir=data', '--set', 'console.port=false', '--set', 'agent=test'];

const cases: readonly Case[] = [
  {
    name: 'analyze: no such file',
    args: ['analyze', 'nope.mp4', '--events', '-'],
    code: 1,
    says: /nope\.mp4: there is no such file; check the path/,
  },
  { name: 'analyze: a folder', args: ['analyze', '.', '--events', '-'], code: 1, says: /this is a folder; name a video file/ },
  {
    name: 'analyze: text named .mp4',
    args: ['analyze', 'text.mp4', '--events', '-'],
    code: 1,
    says: /text\.mp4: .*not a video.*name a video file/,
  },
  { name: 'analyze: an empty file', args: ['analyze', 'empty.mp4', '--events', '-'], code: 1, says: /empty\.mp4: / },
  {
    name: 'analyze: a file without its index',
    args: ['analyze', 'headless.mp4', '--events', '-'],
    code: 1,
    says: /cut off before its index was written.*copy it again/,
  },
  { name: 'analyze: no video named', args: ['analyze'], code: 2, says: /missing required argument 'video'/ },
  {
    name: 'analyze: a camera that is not there',
    args: ['analyze', 'whole.mp4', '-c', 'two.yaml', '--camera', 'c'],
    code: 2,
    says: /no camera 'c'; the config has 'a', 'b'/,
  },
  {
    name: 'analyze: two cameras and none chosen',
    args: ['analyze', 'whole.mp4', '-c', 'two.yaml'],
    code: 2,
    says: /choose one with --camera/,
  },
  {
    name: 'analyze: a start without a zone',
    args: ['analyze', 'whole.mp4', '--start', '2026-03-01T07:00:00'],
    code: 2,
    says: /such as 2026-03-01T07:41:00Z/,
  },
  {
    name: 'analyze: events to a place that cannot be written',
    args: ['analyze', 'whole.mp4', '--events', 'no/such/folder/e.jsonl'],
    code: 1,
    says: /cannot be written.*choose another file/,
  },
  {
    name: 'analyze: no place for the events is said before the video is looked at',
    args: ['analyze', 'nope.mp4', '--events', 'no/such/folder/e.jsonl'],
    code: 1,
    says: /no\/such\/folder\/e\.jsonl cannot be written/,
  },
  {
    name: 'analyze: evidence into a file',
    args: ['analyze', 'whole.mp4', '--out', 'text.mp4'],
    code: 1,
    says: /text\.mp4 is a file; --out needs a folder/,
  },
  {
    name: 'analyze: evidence to a place that takes no folders',
    args: ['analyze', 'whole.mp4', '--out', '/proc/found'],
    code: 1,
    says: /\/proc\/found cannot be made \(no folder can be made in \/proc\); choose another folder/,
  },
  {
    name: 'run: data to a place that takes no folders',
    args: ['run', '--camera', 'rtsp://127.0.0.1:9/x', '--set', 'data_dir=/proc/data'],
    code: 1,
    says: /\/proc\/data cannot be made \(no folder can be made in \/proc\); choose another data_dir/,
  },
  {
    name: 'analyze: a picture',
    args: ['analyze', 'still.jpg', '--events', '-'],
    code: 1,
    says: /still\.jpg: one picture only; name a video/,
  },
  { name: 'probe: a picture', args: ['probe', 'still.png'], code: 1, says: /still\.png: one picture only; name a video/ },
  {
    name: 'run: a camera without its scheme',
    args: ['run', '--camera', `u:${SECRET}@10.0.0.8:554/main`, ...data],
    code: 2,
    says: /did you mean rtsp:\/\/\*\*\*@10\.0\.0\.8:554\/main\?/,
  },
  {
    name: 'receive: a broker without its scheme',
    args: ['receive', '--mqtt', '10.0.0.2'],
    code: 2,
    says: /did you mean mqtt:\/\/10\.0\.0\.2:1883\?/,
  },
  { name: 'probe: no such file', args: ['probe', 'nope.mp4'], code: 1, says: /nope\.mp4: there is no such file; check the path/ },
  { name: 'probe: text named .mp4', args: ['probe', 'text.mp4'], code: 1, says: /text\.mp4: .*not a video/ },
  {
    name: 'probe: nobody listens',
    args: ['probe', `rtsp://u:${SECRET}@127.0.0.1:1/x`],
    code: 1,
    says: /rtsp:\/\/\*\*\*@127\.0\.0\.1:1\/x: nothing listens there; check address and port/,
  },
  { name: 'probe: a timeout out of bounds', args: ['probe', 'whole.mp4', '--timeout', '0'], code: 2, says: /from 1 to 120/ },
  { name: 'run: no camera', args: ['run', ...data], code: 2, says: /no camera is given; add one with --camera/ },
  {
    name: 'run: no such file',
    args: ['run', '--camera', 'nope.mp4', ...data],
    code: 1,
    says: /nope\.mp4: there is no such file; check the path/,
  },
  { name: 'run: no such config', args: ['run', '-c', 'nope.yaml'], code: 2, says: /nope\.yaml/ },
  { name: 'run: an unknown key', args: ['run', '-c', 'bad.yaml'], code: 2, says: /bad\.yaml:1:\d+ .*stal: .*did you mean 'stall'/ },
  { name: 'run: a number out of bounds', args: ['run', '-c', 'range.yaml'], code: 2, says: /range\.yaml:1:\d+ .*stall.*10 min/ },
  {
    name: 'run: a source of no known kind',
    args: ['run', '--camera', `http://u:${SECRET}@10.0.0.8/x`, ...data],
    code: 2,
    says: /no source reads http:\/\/; expected rtsp:/,
  },
  {
    name: 'run: data where none can be',
    args: ['run', '--camera', 'whole.mp4', '--set', 'data_dir=/dev/null/data', '--set', 'agent=test'],
    code: 1,
    says: /\/dev\/null\/data.*choose another data_dir/,
  },
  { name: 'receive: no broker', args: ['receive'], code: 2, says: /no broker is given; name one with --mqtt/ },
  { name: 'receive: not a broker', args: ['receive', '--mqtt', `ftp://u:${SECRET}@10.0.0.8`], code: 2, says: /mqtt/ },
  {
    name: 'doctor: an unknown option',
    args: ['doctor', '--confg', 'x'],
    code: 2,
    says: /unknown option '--confg'; did you mean '--config'/,
  },
];

test.each(cases)('$name', expectComplaint);

test('a file that is cut off gives a warning, the events so far, and exit code 1', async () => {
  const result = await runCli(['analyze', 'cut.mp4', '--events', '-'], { cwd: folder });
  expect(result.stderr).toMatch(/warning: .*cut\.mp4: .*cut off.*the events are those found so far/);
  expect(result.stderr).toMatch(/0 confirmed, 0 suspected; 1\d\d pictures/);
  expect(result.code).toBe(1);
});

test('a whole file ends with 0 and nothing but events on standard output', async () => {
  const result = await runCli(['analyze', 'whole.mp4', '--events', '-'], { cwd: folder });
  expect(result).toMatchObject({ code: 0, stdout: '' });
  expect(result.stderr).toMatch(/^0 confirmed, 0 suspected; 200 pictures, 8\.0 s of video in /);
});

test('without ffmpeg it says what to install', async () => {
  const result = await runCli(['run', '--camera', 'whole.mp4', ...data], { cwd: folder, env: { PATH: '/nowhere' } });
  expect(result.stderr).toMatch(/ffmpeg is in no folder of PATH; install it \(apt-get install ffmpeg\)/);
  expect(result.code).toBe(1);
});

test('a port in use is said in one line', async () => {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const port = (server.address() as { port: number }).port;
  await expectComplaint({
    name: '',
    args: ['run', '--camera', 'whole.mp4', ...data, '--set', `console.port=${port}`],
    code: 1,
    says: /another program listens there; set console\.port/,
  });
  server.close();
});

describe.skipIf(!mosquittoInstalled())('a broker that refuses the password', () => {
  let broker: Mosquitto;
  beforeAll(async () => {
    // A password file with one user whose password is not the one given.
    broker = await startMosquitto({ config: ['allow_anonymous false'] });
  });
  afterAll(async () => await broker[Symbol.asyncDispose]());
  const url = (): string => broker.url.replace('mqtt://', `mqtt://box:${SECRET}@`);

  test('ends receive with one line', async () => {
    await expectComplaint({
      name: '',
      args: ['receive', '--mqtt', url(), '--data', 'received'],
      code: 1,
      says: /not authorised.*check mqtt\.username and mqtt\.password/,
    });
  });

  test('is one line of doctor', async () => {
    const result = await runCli(['doctor', '--mqtt', url(), ...data, '--set', 'data_dir=untouched'], { cwd: folder });
    expect(result.stdout.match(/mqtt:\/\//g)).toHaveLength(1);
    expect(existsSync(at('untouched'))).toBe(false);
    expect(result.stdout).toMatch(/✗ broker mqtt:\/\/127\.0\.0\.1:\d+: .*not authorised.*check mqtt\.username/);
    expect(result.stdout).toMatch(/✓ ffmpeg: version /);
    expect(result.stdout + result.stderr).not.toContain(SECRET);
    expect(result.code).toBe(1);
  });
});

describe.skipIf(!rtspServerInstalled())('a camera that refuses the password', () => {
  let camera: RtspServer;
  beforeAll(async () => {
    camera = await startRtspServer({ path: at('whole.mp4'), lengthS: 8, credentials: { username: 'admin', password: 'another one' } });
  });
  afterAll(async () => await camera[Symbol.asyncDispose]());
  const url = (): string => camera.url.replace('rtsp://', `rtsp://admin:${SECRET}@`);

  test('ends probe with one line', async () => {
    await expectComplaint({ name: '', args: ['probe', url()], code: 1, says: /the camera refuses the user name or password; check/ });
  });

  test('is one line of doctor', async () => {
    const result = await runCli(['doctor', '--camera', url(), ...data], { cwd: folder });
    expect(result.stdout).toMatch(/✗ camera camera-1: rtsp:\/\/\*\*\*@127\.0\.0\.1:\d+\/stream: the camera refuses/);
    expect(result.stdout + result.stderr).not.toContain(SECRET);
    expect(result.code).toBe(1);
  });
});
