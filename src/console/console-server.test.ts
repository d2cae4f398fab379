import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Incident } from '../domain/incident.js';
import { agentSnapshot, cameraSnapshot } from '../testing/snapshot.js';
import { type ConsoleServer, startConsole } from './console-server.js';
import { type ConsoleIncident, renderPage } from './page.js';

const TRAIL = '01J00000000000000000000001';
const TOKEN = 'a-token-of-this-test';
const heard: string[] = [];
const GONE = '01J00000000000000000000002';
const folder = mkdtempSync(join(tmpdir(), 'parapet-console-'));
const nasty = '<script>alert("x")</script>';
let healthy = true;
let server: ConsoleServer;

beforeAll(async () => {
  writeFileSync(join(folder, 'trail.jpg'), 'picture');
  server = await startConsole({
    host: '127.0.0.1',
    port: 0,
    snapshot: () =>
      agentSnapshot({ site: nasty, cameras: [cameraSnapshot({ id: nasty, state: healthy ? 'online' : 'offline', reason: nasty })] }),
    incidents: () => [incident()],
    evidence: (id) =>
      id === TRAIL || id === GONE ? { path: join(folder, id === TRAIL ? 'trail.jpg' : 'gone.jpg'), mediaType: 'image/jpeg' } : null,
    sensors: {
      token: TOKEN,
      maxBytes: 100,
      hear(name, payload) {
        heard.push(`${name} ${Buffer.from(payload).toString()}`);
        return name === 'manhole-17' ? 'taken' : 'unknown';
      },
    },
    logger: pino({ level: 'silent' }),
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** With node:http, since fetch tidies paths and sets Host itself. */
function ask(
  path: string,
  options: { method?: string; host?: string; token?: string; body?: string; range?: string } = {},
): Promise<Answer> {
  const { hostname, port, host } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const headers = {
      host: options.host ?? host,
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.range === undefined ? {} : { range: options.range }),
    };
    request({ hostname, port, path, method: options.method ?? 'GET', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    })
      .on('error', reject)
      .end(options.body);
  });
}

test.each([
  ['/', 200],
  ['/still', 200],
  ['/style.css', 200],
  ['/metrics', 200],
  ['/healthz', 200],
  ['/healthz?probe=1', 200],
  [`/evidence/${TRAIL}`, 200],
  [`/evidence/${GONE}`, 410],
  ['/evidence/01J00000000000000000000003', 404],
  ['/evidence/../trail.jpg', 404],
  ['/evidence/..%2ftrail.jpg', 404],
  [`/evidence/${TRAIL}/../../etc/passwd`, 404],
  [`/evidence/${folder}/trail.jpg`, 404],
  ['/evidence/', 404],
  ['//etc/passwd', 404],
  ['/nothing', 404],
])('GET %s answers %i, with the security headers', async (path, status) => {
  const answer = await ask(path);
  expect(answer.status).toBe(status);
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
});

test.each([
  ['bytes=0-1', 206, 'bytes 0-1/7', 'pi'],
  ['bytes=3-', 206, 'bytes 3-6/7', 'ture'],
  ['bytes=9-', 416, 'bytes */7', 'the file has 7 bytes\n'],
])('a player that asks for %s of a file gets it', async (range, status, content, body) => {
  const answer = await ask(`/evidence/${TRAIL}`, { range });
  expect(answer).toMatchObject({ status, body, headers: { 'content-range': content, 'content-length': String(body.length) } });
});

test('pages may play our own clips', async () => {
  expect((await ask(`/evidence/${TRAIL}`)).headers).toMatchObject({
    'content-security-policy': expect.stringContaining("media-src 'self'"),
    'accept-ranges': 'bytes',
  });
});

test('the page is loaded anew, and holds still for who reads', async () => {
  expect((await ask('/')).body).toContain('http-equiv="refresh"');
  expect((await ask('/still')).body).not.toContain('http-equiv="refresh"');
});

test.each([
  ['127.0.0.1', 200],
  ['localhost:8787', 200],
  ['[::1]:80', 200],
  ['box-01.local', 200],
  ['parapet:8787', 200],
  ['evil.example', 421],
  ['evil.example:8787', 421],
  ['127.0.0.1.evil.example', 421],
  ['[::1', 421],
])('Host %s answers %i', async (host, status) => {
  expect((await ask('/healthz', { host })).status).toBe(status);
});

test('other methods are refused, HEAD has no body', async () => {
  expect((await ask('/', { method: 'POST' })).status).toBe(405);
  const head = await ask('/', { method: 'HEAD' });
  expect(head.status).toBe(200);
  expect(head.body).toBe('');
});

test('names from outside are escaped', async () => {
  const { body } = await ask('/');
  expect(body).not.toContain('<script');
  expect(body).toContain('&lt;script&gt;');
});

test('an incident is told in words, with readable times and the sense of each bound', async () => {
  const { body } = await ask('/');
  expect(body).toContain('<p>Something heavy, fell 45.0 m in 3.0 s, 94 km/h at impact</p>');
  expect(body).toContain('1970-01-01 00:00:00 UTC');
  expect(body).toContain('<li>drop floors: 15.5 floors (at least 2)</li>');
  expect(body).toContain('<li>seen: 97 % (at least 50 %)</li>');
  expect(body).toContain('<li>fall fit: 0.1 m (at most 0.9)</li>');
  expect(body).not.toContain('being made');
});

test('while its evidence is made an incident says so', () => {
  const page = renderPage(agentSnapshot(), [{ ...incident(), evidence: [], pending: true }]);
  expect(page).toContain('<p>Clip and picture are being made.</p>');
  expect(page).not.toContain('<p></p>');
});

test('health turns to 503 with a camera that is offline', async () => {
  healthy = false;
  const answer = await ask('/healthz');
  healthy = true;
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.body)).toMatchObject({ ok: false, cameras: { [nasty]: { ok: false, state: 'offline' } } });
});

test.each<[string, string, string | undefined, string | undefined, number, string[]]>([
  ['a device', '/sensors/manhole-17', TOKEN, '{"tilt":40}', 202, ['manhole-17 {"tilt":40}']],
  ['a device that nobody listens to', '/sensors/other', TOKEN, '1', 404, ['other 1']],
  ['nobody', '/sensors/manhole-17', undefined, '{"tilt":40}', 401, []],
  ['somebody else', '/sensors/manhole-17', `${TOKEN}x`, '{"tilt":40}', 401, []],
  ['a flood', '/sensors/manhole-17', TOKEN, 'x'.repeat(101), 413, []],
  ['a strange name', '/sensors/../healthz', TOKEN, '1', 405, []],
  ['any other place', '/healthz', TOKEN, '1', 405, []],
])('POST by %s', async (_, path, token, body, status, takes) => {
  heard.length = 0;
  const answer = await ask(path, { method: 'POST', ...(token === undefined ? {} : { token }), ...(body === undefined ? {} : { body }) });
  expect(answer.status).toBe(status);
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  expect(heard).toEqual(takes);
});

test('nothing is taken by POST without a token in the config', async () => {
  const options = { host: '127.0.0.1', port: 0, snapshot: agentSnapshot, incidents: () => [], evidence: () => null };
  await using closed = await startConsole({ ...options, sensors: null, logger: pino({ level: 'silent' }) });
  const answer = await fetch(new URL('/sensors/manhole-17', closed.url), {
    method: 'POST',
    body: '1',
    headers: { authorization: 'Bearer x' },
  });
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('console.sensor_token')]);
});

test('a port in use is said in one line', async () => {
  const port = Number(new URL(server.url).port);
  const options = {
    host: '127.0.0.1',
    port,
    snapshot: agentSnapshot,
    incidents: () => [],
    evidence: () => null,
    sensors: null,
    logger: pino({ level: 'silent' }),
  };
  await expect(startConsole(options)).rejects.toMatchObject({ code: 'PORT_IN_USE', message: expect.stringContaining('set console.port') });
});

function incident(): ConsoleIncident {
  const origin = { point: { x: 0.5, y: 0.2 }, floor: 17, floorInterval: [16, 18], unit: nasty, heightM: 47 } as const;
  const shown: Incident = {
    id: '01J00000000000000000000000',
    cameraId: nasty,
    rule: 'thrown_object',
    type: 'thrown_object',
    phase: 'end',
    severity: 'critical',
    verdict: 'confirmed',
    confidence: 0.97,
    startedAtMs: 0,
    endedAtMs: 1000,
    streamTime: { start: 0, end: 1 },
    box: { x1: 0, y1: 0, x2: 1, y2: 1 },
    zone: null,
    labels: [],
    throw: {
      trajectory: [],
      origin,
      landing: { point: { x: 0.5, y: 0.9 }, extrapolated: true },
      fall: { dropM: 45, dropFloors: 15, durationS: 3, impactSpeedMps: 26 },
      massClass: 'heavy',
      terminalSpeedMps: [22, null],
      pathShape: 'straight',
      fit: { model: 'drag', rmsPx: 1 },
    },
    reasons: [
      { criterion: 'drop_floors', value: 15.5, threshold: 2, unit: 'floors' },
      { criterion: 'seen', value: 0.974, threshold: 0.5, unit: 'share' },
      { criterion: 'fall_fit', value: 0.1, threshold: 0.9, unit: 'm' },
    ],
  };
  return { incident: shown, evidence: [{ id: TRAIL, kind: 'trail' }], pending: false };
}
