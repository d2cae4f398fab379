import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildEvent } from '../../domain/event.js';
import { type CaseFileMessage, type CaseMessage, caseFileSchema, caseSchema } from '../../domain/wire/case-file.js';
import { systemClock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import { describeCentreDatabases } from '../../testing/centre-databases.js';
import { makeIncident, makeTestFolder, noise, recordingLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import type { AgentAsker } from '../cases/ask-agents.js';
import { createCaseEvidence } from '../cases/case-evidence.js';
import { createCaseRules, createPlainCaseRules } from '../cases/case-rules.js';
import type { CaseStore } from '../cases/case-store.js';
import { createCaseView } from '../cases/case-view.js';
import { caseOfEvent, createCentreCases } from '../cases/centre-cases.js';
import { createCentreWebhooks } from '../cases/centre-webhooks.js';
import { createUploadDesk } from '../cases/uploads.js';
import { createReceiverCounters } from '../context.js';
import type { CentreDatabase } from '../database/index.js';
import { migrations } from '../schema.js';
import { createCaseRoutes } from './case-routes.js';
import { judgeCentre } from './centre-health.js';
import { createCentreMetrics } from './centre-metrics.js';
import { type CentreServer, type CentreServerOptions, startCentreServer } from './centre-server.js';
import { createEvidenceRoutes } from './evidence-routes.js';

const MAIN = 'main-token-0123456789';
const LOOKER = 'looker-token-0123456789';
const DISPATCH = 'dispatch-token-0123456789';

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
  json<T = unknown>(): T;
}

describeCentreDatabases('a centre over HTTP', (databases) => {
  let folder: TestFolder;
  let database: CentreDatabase;
  let cases: CaseStore;
  let options: CentreServerOptions;
  let server: CentreServer;
  let log: ReturnType<typeof recordingLogger>;
  let seq: number;

  beforeEach(async () => {
    seq = 0;
    folder = await makeTestFolder();
    log = recordingLogger();
    database = await databases.at(await databases.place(), migrations);
    const view = createCaseView(null, () => ({ of: 'estate', longitudeDeg: 106.55, latitudeDeg: 29.56, address: null }));
    const rules = createCaseRules({ open: 'confirmed', categories: null, view, webhooks: ['https://city.example/hook?key=hidden'] });
    cases = createCentreCases(database, rules);
    const webhooks = createCentreWebhooks(database);
    const files = createCaseEvidence(database, folder.path);
    chunks = [];
    asked = [];
    const uploads = createUploadDesk({
      database,
      dataDir: folder.path,
      takeChunk: async (topic, payload) => {
        chunks.push([topic.index, Buffer.from(payload)]);
        if (chunks.length === 5)
          await database.write((sql) => sql.run("UPDATE evidence SET state = 'verified' WHERE id = ?", topic.evidence));
      },
      clock: systemClock,
    });
    const asker: Pick<AgentAsker, 'ask'> = {
      async ask(site, agent, command, payload) {
        if (refusal !== null) throw new AgentError('AGENT_REFUSED', refusal);
        asked.push({ site, agent, command, payload: payload as Record<string, string> });
        return { schema: 'parapet/reply/v1', command, ok: true, at: '', code: null, error: null, result: {} };
      },
    };
    opened = async (site = 'estate') => {
      const event = buildEvent(makeIncident(), { site, agent: 'box' }, ++seq, []);
      await database.write((sql) => caseOfEvent(sql, rules, event, JSON.stringify(event), Date.now()));
      return event.id;
    };
    options = {
      listen: '127.0.0.1:0',
      tokens: [
        { name: null, token: MAIN, sites: null, write: true },
        { name: 'looker', token: LOOKER, sites: ['estate'], write: false },
        { name: 'dispatch', token: DISPATCH, sites: ['estate'], write: true },
      ],
      routes: createCaseRoutes({ cases, evidence: files, view, clock: systemClock }),
      evidence: createEvidenceRoutes({ evidence: files, uploads, asker, publicUrl: 'https://centre.example/parapet' }),
      health: (withReasons) =>
        judgeCentre(
          {
            version: '1',
            uptimeS: 12.3,
            broker: { connected: false, lastError: null },
            store: database.health(),
          },
          withReasons,
        ),
      metrics: createCentreMetrics({
        counters: createReceiverCounters(),
        webhookCounters: { delivered: 0, failures: 0, givenUp: 0 },
        cases,
        webhooks,
        brokerConnected: () => true,
        storeReachable: () => true,
      }),
      clock: systemClock,
      logger: log.logger,
    };
    server = await startCentreServer(options);
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  let opened: (site?: string) => Promise<string>;
  /** Pieces of files that came by HTTP; with the fifth the file counts as put together. */
  let chunks: [index: number, bytes: Buffer][];
  /** What agents were asked for, and what they refuse with. */
  let asked: { site: string; agent: string; command: string; payload: Record<string, string> }[];
  let refusal: string | null = null;

  /** With node:http, since fetch tidies paths and headers. */
  function ask(
    path: string,
    options: { method?: string; token?: string | null; body?: string | Buffer; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const { method = 'GET', token = MAIN, body, headers = {} } = options;
    const { hostname, port } = new URL(server.url);
    const all = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, path, method, headers: all }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, json: () => JSON.parse(bytes.toString()) });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
  const move = (id: string, order: object, token = MAIN): Promise<Answer> =>
    ask(`/cases/${id}/state`, { method: 'POST', token, body: JSON.stringify(order) });

  /** A verified file of a case, as the receiver keeps it. */
  async function keepFile(event: string, bytes: Buffer, mediaType = 'video/mp4', file = 'clip.mp4'): Promise<string> {
    const id = ulid();
    const place = folder.of('estate', 'box', 'tower', event);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, file), bytes);
    await database.write((sql) =>
      sql.run(
        `INSERT INTO evidence (site, agent, id, event, camera, kind, media_type, bytes, sha256, chunk_bytes, chunks, file, state)
         VALUES ('estate', 'box', ?, ?, 'tower', 'clip', ?, ?, ?, 1024, 1, ?, 'verified')`,
        id,
        event,
        mediaType,
        bytes.length,
        'a'.repeat(64),
        file,
      ),
    );
    return id;
  }

  it('asks for a token everywhere but for its health, and tells strangers no reasons', async () => {
    const id = await opened();
    for (const path of ['/cases', `/cases/${id}`, '/metrics', '/nothing', `/cases/${id}/evidence/${ulid()}`]) {
      for (const token of [null, 'wrong-token-0123456789']) {
        const answer = await ask(path, { token });
        expect(answer.status).toBe(401);
        expect(answer.headers['www-authenticate']).toContain('Bearer');
      }
    }
    const health = await ask('/healthz', { token: null });
    expect(health.json()).toEqual({
      ok: true,
      version: '1',
      uptime_s: 12,
      broker: { ok: false, reason: null },
      store: { ok: true, reason: null },
    });
    expect((await ask('/healthz', { token: 'wrong-token-0123456789' })).status).toBe(401);
    const tries = await Promise.all(Array.from({ length: 20 }, () => ask('/cases', { token: 'wrong-token-0123456789' })));
    expect(tries.some(({ status }) => status === 429)).toBe(true);
    // Whoever knows the token does not suffer by it.
    expect((await ask('/cases')).status).toBe(200);
    for (const { status, headers } of [health, ...tries]) {
      expect(status).toBeLessThan(500);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('lists cases by page and by what is asked, within what a token may see', async () => {
    const ids = [await opened(), await opened(), await opened('elsewhere')];
    const seen: string[] = [];
    for (let path: string | null = '/cases?limit=2'; path !== null; ) {
      const { cases: page, next }: { cases: CaseMessage[]; next: string | null } = (await ask(path)).json();
      for (const one of page) seen.push(caseSchema.parse(one).id);
      path = next === null ? null : `/cases?limit=2&after=${next}`;
    }
    expect(seen.sort()).toEqual(ids.toSorted());
    const count = async (query: string, token = MAIN): Promise<number> =>
      (await ask(`/cases?${query}`, { token })).json<{ cases: unknown[] }>().cases.length;
    expect(await count('site=elsewhere')).toBe(1);
    expect(await count('site=elsewhere', LOOKER)).toBe(0);
    expect(await count('', LOOKER)).toBe(2);
    await move(ids[0] ?? '', { state: 'accepted' });
    expect(await count('state=accepted,filed')).toBe(1);
    expect(await count('state=new')).toBe(2);
    expect(await count('type=thrown_object&camera=tower&agent=box')).toBe(3);
    expect(await count(`since=${new Date(Date.now() + 60_000).toISOString()}`)).toBe(0);
    const [one] = (await ask('/cases?state=accepted')).json<{ cases: CaseMessage[] }>().cases;
    expect(one?.place).toEqual({ type: 'Point', coordinates: [106.55, 29.56] });
  });

  it.each([
    ['sate=new', "sate: unknown; did you mean 'state'?"],
    ['state=open', 'Invalid option'],
    ['limit=0', '>=1'],
    ['limit=1e9', '<=500'],
    ['after=%27%20OR%201%3D1', 'give the `next` of the page before'],
    ['since=yesterday', 'since'],
    ['state=new&state=filed', 'several parted by commas'],
  ])('refuses ?%s', async (query, says) => {
    const answer = await ask(`/cases?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json<{ detail: string }>().detail).toContain(says);
  });

  it('shows a case with its history, evidence and event, and moves it', async () => {
    const id = await opened();
    const evidence = await keepFile(id, noise(10, 'a'));
    const moved = await move(id, { state: 'accepted', note: 'seen on site', by: 'anna' });
    expect([moved.status, moved.json<CaseMessage>().state]).toEqual([200, 'accepted']);
    expect((await move(id, { state: 'filed' }, DISPATCH)).status).toBe(200);
    expect((await move(id, { state: 'dispatched', by: 'bob', from: 'filed' }, DISPATCH)).status).toBe(200);
    const file: CaseFileMessage = caseFileSchema.parse((await ask(`/cases/${id}`)).json());
    expect(file.history.map(({ to, by, note }) => [to, by, note])).toEqual([
      ['new', 'agent:estate/box', null],
      ['accepted', 'anna', 'seen on site'],
      ['filed', 'dispatch', null],
      ['dispatched', 'dispatch/bob', null],
    ]);
    expect(file.evidence).toEqual([
      { id: evidence, kind: 'clip', media_type: 'video/mp4', bytes: 10, sha256: 'a'.repeat(64), status: 'verified' },
    ]);
    expect(file.event).toMatchObject({ id, schema: 'parapet/event/v1' });
    expect(file.moves).toEqual(['solved', 'false_alarm']);
  });

  it('refuses moves with a reason, and changes nothing', async () => {
    const id = await opened();
    const other = await opened('elsewhere');
    const at = (path: string): string => `/cases/${path}/state`;
    const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> =>
      ask(path, { method: 'POST', body, headers });
    for (const [answer, status, says] of [
      [await move(id, { state: 'closed' }), 409, 'cannot become closed; it can become accepted'],
      [await move(id, { state: 'accepted', from: 'filed' }), 409, 'is new by now'],
      [await move(id, { state: 'accepted' }, LOOKER), 403, 'may look'],
      [await move(other, { state: 'accepted' }, DISPATCH), 404, 'no such case'],
      [await move(ulid(), { state: 'accepted' }), 404, 'no such case'],
      [await move('..%2f..%2fetc', { state: 'accepted' }), 404, 'no such case'],
      [await move(id, { state: 'done' }), 400, 'state'],
      [await move(id, { state: 'accepted', stat: 1 }), 400, 'stat'],
      [await move(id, { state: 'accepted', by: 'x'.repeat(101) }), 400, 'by'],
      [await post(at(id), '{'), 400, 'not JSON'],
      [await post(at(id), '[]'), 400, 'expected object'],
      [await post(at(id), 'state=accepted', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'application/json'],
      [await post(at(id), '{}', { 'content-type': 'text/plain' }), 415, 'application/json'],
      [await post(at(id), JSON.stringify({ state: 'accepted', note: 'x'.repeat(20_000) })), 413, '16384'],
      [await ask(at(id)), 405, 'POST'],
      [await ask(`/cases/${id}`, { method: 'DELETE' }), 405, 'GET, HEAD'],
      [await ask('/nothing'), 404, 'nothing here'],
      [await ask('/cases/'), 404, 'no such case'],
      [await ask('//etc/passwd'), 404, 'nothing here'],
    ] as const) {
      expect([answer.status, answer.json<{ detail: string }>().detail]).toEqual([status, expect.stringContaining(says)]);
    }
    expect(await cases.history(id)).toHaveLength(1);
  });

  it('hands out evidence, whole and in parts, of its own case alone', async () => {
    const bytes = noise(5_000, 'clip');
    const [id, other, elsewhere] = [await opened(), await opened(), await opened('elsewhere')];
    const evidence = await keepFile(id, bytes);
    const path = `/cases/${id}/evidence/${evidence}`;
    const whole = await ask(path, { token: LOOKER });
    expect(whole.status).toBe(200);
    expect(whole.body.equals(bytes)).toBe(true);
    expect(whole.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '5000',
      'accept-ranges': 'bytes',
      'content-disposition': 'attachment; filename="clip.mp4"',
      etag: `"${'a'.repeat(64)}"`,
    });
    const part = await ask(path, { headers: { range: 'bytes=1000-1999' } });
    expect([part.status, part.headers['content-range'], part.body.equals(bytes.subarray(1_000, 2_000))]).toEqual([
      206,
      'bytes 1000-1999/5000',
      true,
    ]);
    expect(await ask(path, { headers: { range: 'bytes=5000-' } })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */5000' },
    });
    const head = await ask(path, { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '5000', 0]);
    for (const wrong of [
      `/cases/${other}/evidence/${evidence}`,
      `/cases/${elsewhere}/evidence/${evidence}`,
      `/cases/${id}/evidence/${ulid()}`,
      `/cases/${id}/evidence/clip.mp4`,
      `/cases/${id}/evidence/..%2f..%2fkey.pem`,
      `/cases/${id}/evidence/../../../key.pem`,
    ]) {
      expect([wrong, (await ask(wrong)).status]).toEqual([wrong, 404]);
    }
    expect((await ask(`/cases/${elsewhere}`, { token: LOOKER })).status).toBe(404);
  });

  it('lets no page out of evidence, follows no link, and says what is gone', async () => {
    const id = await opened();
    const page = await keepFile(id, Buffer.from('<script>alert(1)</script>'), 'text/html', 'snapshot.bin');
    expect((await ask(`/cases/${id}/evidence/${page}`)).headers['content-type']).toBe('application/octet-stream');
    const bytes = noise(10, 'x');
    const gone = await keepFile(id, bytes, 'image/jpeg', 'gone.jpg');
    await writeFile(folder.of('estate', 'box', 'tower', id, 'gone.jpg'), 'another length');
    expect((await ask(`/cases/${id}/evidence/${gone}`)).status).toBe(410);
    await writeFile(folder.of('secret'), bytes);
    const linked = await keepFile(id, bytes, 'image/jpeg', 'linked.jpg');
    await rm(folder.of('estate', 'box', 'tower', id, 'linked.jpg'));
    await symlink(folder.of('secret'), folder.of('estate', 'box', 'tower', id, 'linked.jpg'));
    expect((await ask(`/cases/${id}/evidence/${linked}`)).status).toBe(410);
  });

  /** A file that an agent has announced, and that has not come. */
  async function announce(event: string, bytes: Buffer): Promise<string> {
    const id = await keepFile(event, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await database.write((sql) => sql.run("UPDATE evidence SET state = 'incoming', sha256 = ? WHERE id = ?", sha256, id));
    return id;
  }
  const put = (path: string, bytes: Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
    ask(path, { method: 'PUT', token: null, body: bytes, headers: { 'content-type': 'video/mp4', ...headers } });
  const uploadPath = (): string => new URL(asked.at(-1)?.payload['url'] ?? '').pathname.replace('/parapet', '');

  it('has a file fetched over MQTT or by HTTPS, and takes what is put, once, if it is the one of the manifest', async () => {
    const id = await opened();
    const bytes = noise(5_000, 'upload');
    const evidence = await announce(id, bytes);
    const fetchIt = (via: string, token = MAIN, of = evidence): Promise<Answer> =>
      ask(`/cases/${id}/evidence/${of}/fetch`, { method: 'POST', token, body: JSON.stringify({ via }) });
    expect((await fetchIt('mqtt', LOOKER)).status).toBe(403);
    expect((await fetchIt('mqtt', MAIN, ulid())).status).toBe(404);
    expect((await fetchIt('post')).status).toBe(400);
    expect((await fetchIt('mqtt')).status).toBe(202);
    expect(asked).toEqual([{ site: 'estate', agent: 'box', command: 'fetch', payload: { event: id, evidence } }]);
    expect((await fetchIt('https')).status).toBe(202);
    expect(asked[1]?.payload['url']).toMatch(/^https:\/\/centre\.example\/parapet\/upload\/[A-Za-z0-9_-]{43}$/);
    const path = uploadPath();
    for (const [answer, status, says] of [
      [await put(path, noise(4_999, 'upload')), 422, 'the manifest says 5000 bytes, not 4999'],
      [await put(path, noise(5_000, 'another')), 422, 'its SHA-256 is'],
      [await put(path, bytes, { 'repr-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` }), 422, 'the hash in the request'],
      [await put(path, bytes, { 'transfer-encoding': 'chunked' }), 411, 'Content-Length'],
      [await put(`/upload/${'x'.repeat(43)}`, bytes), 404, 'unknown'],
      [await put('/upload/..%2fcases', bytes), 404, 'unknown'],
      [await ask(path, { token: MAIN }), 405, 'PUT'],
    ] as const) {
      expect([answer.status, answer.json<{ detail: string }>().detail]).toEqual([status, expect.stringContaining(says)]);
    }
    expect(chunks).toEqual([]);
    const digest = `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
    expect((await put(path, bytes, { 'repr-digest': digest, expect: '100-continue', 'content-length': '5000' })).status).toBe(204);
    expect(chunks.map(([index]) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(Buffer.concat(chunks.map(([, piece]) => piece)).equals(bytes)).toBe(true);
    // The answer was lost: the same again is welcome, and changes nothing.
    expect((await put(path, noise(5_000, 'another'))).status).toBe(204);
    expect(chunks).toHaveLength(5);
    expect(await readdir(folder.of('.uploads'))).toEqual([]);
    expect((await fetchIt('https')).status).toBe(409);
  });

  it('says what an agent says, and asks for no file without its manifest', async () => {
    const id = await opened();
    const evidence = await announce(id, noise(10, 'a'));
    refusal = 'estate/box refuses fetch: fetch is not allowed here';
    const answer = await ask(`/cases/${id}/evidence/${evidence}/fetch`, { method: 'POST', body: '{}' });
    refusal = null;
    expect([answer.status, answer.json<{ detail: string }>().detail]).toEqual([502, 'estate/box refuses fetch: fetch is not allowed here']);
    const named = ulid();
    const event = buildEvent(makeIncident({ phase: 'end', endedAtMs: 1 }), { site: 'estate', agent: 'box' }, ++seq, [
      { id: named, kind: 'clip' },
    ]);
    await database.write((sql) => caseOfEvent(sql, createPlainCaseRules(), event, JSON.stringify(event), Date.now()));
    const early = await ask(`/cases/${event.id}/evidence/${named}/fetch`, { method: 'POST', body: '{"via":"https"}' });
    expect([early.status, early.json<{ detail: string }>().detail]).toEqual([
      409,
      expect.stringContaining('its manifest has not come yet'),
    ]);
  });

  it('counts for Prometheus, and shows no secret of a webhook', async () => {
    await move(await opened(), { state: 'accepted' });
    await opened();
    const { status, body } = await ask('/metrics');
    expect(status).toBe(200);
    expect(body.toString()).toContain('parapet_centre_cases{state="new"} 1\n');
    expect(body.toString()).toContain('parapet_centre_cases{state="accepted"} 1\n');
    expect(body.toString()).toContain('parapet_centre_webhooks_waiting{host="city.example"} 3\n');
    expect(body.toString()).not.toContain('hidden');
  });

  it('says where it cannot listen', async () => {
    const { host } = new URL(server.url);
    await expect(startCentreServer({ ...options, listen: host })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`receiver.http.listen ${host}: another program listens there`),
    });
  });
});
