import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseFileMessage, type CaseMessage, type CaseNotice, type CentreState, caseNoticeSchema } from './domain/wire/case-file.js';
import { createCaseDesk } from './pipeline/centre/case-desk.js';
import { systemClock } from './platform/clock.js';
import { signNotice } from './receiver/cases/webhook-signature.js';
import { openStore, type Store } from './store/index.js';
import { type CliProcess, runCli, startCli } from './testing/cli-process.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, silentLogger, type TestFolder, until } from './testing/delivery-fixtures.js';
import { makeUplink } from './testing/delivery-rig.js';
import { freePort, type Mosquitto, mosquittoInstalled, startMosquitto } from './testing/mosquitto.js';
import { type Postgres, postgresInstalled, startPostgres } from './testing/postgres.js';
import { noReferences } from './testing/reference-pictures.js';
import type { Uplink } from './uplink/index.js';

const TOKEN = 'the-token-of-this-test-0123';
const SECRET = 'a-secret-of-this-test';

/** The delivering and listening half of an agent, whose rule sees that what was thrown is gone. */
function createAgent(folder: TestFolder, url: string) {
  const logger = silentLogger();
  const signal = new AbortController().signal;
  const store: Store = openStore({ path: folder.of('agent.sqlite'), site: 'estate', agent: 'box', clock: systemClock, logger });
  const desk = createCaseDesk({
    store,
    requests: { look: (incident) => makeEvidence(makeIncident({ id: incident.id }), 'snapshot', folder.of('look.jpg'), 40) },
    references: noReferences,
    reinspectionOf: () => ({ place: () => null, judge: () => ({ presence: 'gone', reason: 'nothing lies there any more' }) }),
    uplink: {
      publishRetained: (topic, payload) => uplink.publishRetained(topic, payload),
      clearRetained: (topic) => uplink.clearRetained(topic),
    },
    clock: systemClock,
    logger,
    signal,
  });
  const uplink: Uplink = makeUplink(store, url, logger, {
    chunkBytes: 8 * 1024,
    ackTimeoutMs: 1_000,
    onCase: (message) => desk.onCase(message),
  });
  return { store, desk, uplink };
}

describe.skipIf(!mosquittoInstalled()).each([['SQLite'], ['PostgreSQL']])('the loop of a case, with %s', (kind) => {
  describe.skipIf(kind === 'PostgreSQL' && !postgresInstalled())('at the reference centre', () => {
    let folder: TestFolder;
    let broker: Mosquitto;
    let postgres: Postgres | null = null;
    let hook: Server;
    let centre: CliProcess;
    let agent: ReturnType<typeof createAgent>;
    let base: string;
    const notices: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];

    beforeAll(async () => {
      folder = await makeTestFolder();
      broker = await startMosquitto();
      if (kind === 'PostgreSQL') postgres = await startPostgres();
      hook = createServer((request, response) => {
        void request.toArray().then((pieces: Buffer[]) => {
          notices.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
          // The first try of each is refused, as by a server that is just starting.
          response
            .writeHead(notices.filter(({ headers }) => headers['webhook-id'] === request.headers['webhook-id']).length === 1 ? 422 : 204)
            .end();
        });
      });
      hook.listen(0, '127.0.0.1');
      await once(hook, 'listening');
      const port = await freePort();
      base = `http://127.0.0.1:${port}`;
      await writeFile(folder.of('codes.yaml'), 'categories: [{ type: thrown_object, code: "0102", name: exposed rubbish }]\n');
      await writeFile(
        folder.of('centre.yaml'),
        `mqtt: { url: "${broker.url}" }
receiver:
  data_dir: ${folder.of('received')}
  store: { url: ${postgres === null ? 'null' : `"${await postgres.createDatabase()}"`} }
  http: { listen: "127.0.0.1:${port}", token: "${TOKEN}" }
  categories: codes.yaml
  places: [{ of: estate/box, longitude: 106.55, latitude: 29.56 }]
  webhooks: [{ url: "http://127.0.0.1:${(hook.address() as AddressInfo).port}/cases", secret: ${SECRET}, allow_http: true }]
`,
        { mode: 0o600 },
      );
      startCentre();
      await until('the centre answers', async () => (await ask('/healthz').catch(() => null)) !== null);
      agent = createAgent(folder, broker.url);
      agent.uplink.start();
    });

    afterAll(async () => {
      centre?.child.kill('SIGKILL');
      await agent?.uplink[Symbol.asyncDispose]();
      agent?.store.close();
      hook?.close();
      await broker?.[Symbol.asyncDispose]();
      await postgres?.[Symbol.asyncDispose]();
      await folder?.[Symbol.asyncDispose]();
    });

    function startCentre(): void {
      centre = startCli(['receive', '-c', 'centre.yaml'], { cwd: folder.path });
    }
    async function ask<T>(path: string, body?: object, headers: Record<string, string> = {}): Promise<T> {
      const response = await fetch(base + path, {
        headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    }
    const caseOf = (id: string): Promise<CaseFileMessage> => ask(`/cases/${id}`);
    const move = (id: string, state: CentreState): Promise<CaseMessage> => ask(`/cases/${id}/state`, { state, by: 'anna' });
    const parapet = (...args: string[]) => runCli(['cases', ...args, '-c', 'centre.yaml'], { cwd: folder.path, env: { USER: 'bob' } });

    test('throw, event, case, dispatched, solved, looked at again, verified, closed', async () => {
      const incident = makeIncident();
      const clip = await makeEvidence(incident, 'clip', folder.of('clip.mp4'), 20_000);
      agent.store.recordIncident(incident);
      agent.store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
      agent.store.recordEvidence(clip);
      agent.uplink.wake();
      const { id } = incident;
      await until('the event is a case', async () => (await ask<{ cases: CaseMessage[] }>('/cases')).cases[0]?.id === id);

      const listed = await parapet('list', '--state', 'new');
      expect(listed).toMatchObject({ code: 0, stderr: '' });
      expect(listed.stdout).toMatch(/^CASE +STATE +SEVERITY +TYPE +CODE +CAMERA/);
      expect(listed.stdout).toContain(`${id}  new    critical  thrown object  0102  estate/box/tower`);
      expect((await parapet('list', '--type', 'thrown_objct')).stderr).toBe(
        "parapet: no cases; no rule here is of the type 'thrown_objct': did you mean 'thrown_object'?\n",
      );
      const status = await runCli(['receive', '--status', '-c', 'centre.yaml'], { cwd: folder.path });
      if (kind === 'PostgreSQL') expect(status).toMatchObject({ code: 0, stderr: '' });
      else
        expect(status).toMatchObject({ code: 1, stderr: expect.stringMatching(/: a receiver runs on it; give it receiver\.http\.listen/) });
      expect(await parapet('move', id, 'closed')).toMatchObject({
        code: 1,
        stderr: `parapet: case ${id} is new and cannot become closed; it can become accepted or false_alarm\n`,
      });
      expect(await parapet('move', id, 'accepted', '--note', 'seen on site')).toMatchObject({
        code: 0,
        stdout: `case ${id} is accepted; it may become filed or false_alarm\n`,
      });

      await until('the agent keeps it open', () => agent.store.cases.counts().accepted === 1);
      await move(id, 'filed');
      // Whatever the centre had in hand: it takes up where it was.
      centre.child.kill('SIGKILL');
      await centre.ended;
      startCentre();
      await until('the centre answers again', async () => (await move(id, 'dispatched').catch(() => null))?.state === 'dispatched');
      expect((await move(id, 'solved')).moves).toEqual(['verified', 'reopened', 'false_alarm']);

      await until('the agent has looked again, and the centre knows', async () => (await caseOf(id)).state === 'verified');
      await until('the clip has come', async () => (await caseOf(id)).evidence[0]?.status === 'verified');
      const file = await caseOf(id);
      expect(file.history.map(({ to, by, note }) => [to, by, note])).toEqual([
        ['new', 'agent:estate/box', null],
        ['accepted', 'bob', 'seen on site'],
        ['filed', 'anna', null],
        ['dispatched', 'anna', null],
        ['solved', 'anna', null],
        ['verified', 'agent:estate/box', 'nothing lies there any more'],
      ]);
      expect(file.history[5]?.evidence).toMatch(/^[0-9A-Z]{26}$/);
      expect(file.place?.coordinates).toEqual([106.55, 29.56]);
      expect(file.evidence).toMatchObject([{ id: clip.id, kind: 'clip', bytes: 20_000, sha256: clip.sha256 }]);
      const part = await fetch(`${base}/cases/${id}/evidence/${clip.id}`, {
        headers: { authorization: `Bearer ${TOKEN}`, range: 'bytes=-100' },
      });
      expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 100]);

      const mayGo = (): readonly string[] => agent.store.evictableEvidence(10).map((one) => one.id);
      expect(await parapet('hold', id, '--note', 'court order 12/2026')).toMatchObject({
        code: 0,
        stdout: `case ${id} is held: its evidence stays at the agent whatever becomes of it\n`,
      });
      await move(id, 'closed');
      await until('the agent knows that it is closed', () => agent.store.cases.counts().closed === 1);
      expect(mayGo()).not.toContain(clip.id);
      expect((await parapet('release', id)).stdout).toContain(`case ${id} is not held`);
      await until('the agent lets its evidence go', () => mayGo().includes(clip.id));
      const shown = await parapet('show', id);
      expect(shown.stdout).toMatch(/verified +agent:estate\/box +nothing lies there any more; picture /);
      expect((await parapet('show', id, '--json')).stdout).toContain('"state":"closed"');

      await until('all are told', () => new Set(notices.map(({ headers }) => headers['webhook-id'])).size === 7 && notices.length >= 14);
      const told = new Map<string, CaseNotice>();
      for (const { headers, body } of notices) {
        const notice = caseNoticeSchema.parse(JSON.parse(body));
        const sentAtMs = Number(headers['webhook-timestamp']) * 1000;
        expect(headers['webhook-signature']).toBe(signNotice(SECRET, notice.id, body, sentAtMs)['webhook-signature']);
        told.set(notice.id, notice);
      }
      const inOrder = [...told.values()].sort((a, b) => a.data.change.number - b.data.change.number);
      expect(inOrder.map(({ data }) => data.case.state)).toEqual(file.history.map(({ to }) => to).concat('closed'));
      expect(inOrder[0]?.data.case.category).toEqual({ code: '0102', name: 'exposed rubbish' });
    });

    test('goes on by the database alone while the centre does not run, and the agent hears of it later', async () => {
      const incident = makeIncident();
      agent.store.recordIncident(incident);
      agent.uplink.wake();
      await until('the event is a case', async () => (await ask<{ cases: CaseMessage[] }>('/cases')).cases[0]?.id === incident.id);
      centre.child.kill('SIGTERM');
      await centre.ended;
      const moved = await parapet('move', incident.id, 'false_alarm', '--by', 'carla');
      expect(moved).toMatchObject({ code: 0, stdout: `case ${incident.id} is false_alarm; it may become accepted\n` });
      expect(moved.stderr).toContain('reading its database instead');
      expect(await parapet('show', 'nonsense')).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no such case') });
      startCentre();
      await until('the agent knows', () => agent.store.cases.counts().false_alarm === 1);
      await until('the webhook knows', () => notices.some(({ body }) => body.includes('"by":"carla"')));
      centre.child.kill('SIGTERM');
      expect((await centre.ended).stderr).not.toContain('"level":"error"');
    });
  });
});

test('says how to reach a centre that is not there', async () => {
  await using folder = await makeTestFolder();
  const missing = await runCli(['cases', 'list', '--set', 'receiver.data_dir=nowhere'], { cwd: folder.path });
  expect(missing).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no receiver has kept anything here; name its config with -c'),
  });
  const away = await runCli(['cases', 'list', '--url', 'http://127.0.0.1:9', '--set', `receiver.http.token=${TOKEN}`], {
    cwd: folder.path,
  });
  expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('http://127.0.0.1:9 does not answer') });
  expect(away.stderr).not.toContain(TOKEN);
  const tokenless = await runCli(['cases', 'list', '--url', 'http://127.0.0.1:9'], { cwd: join(folder.path) });
  expect(tokenless).toMatchObject({ code: 1, stderr: expect.stringContaining('PARAPET_RECEIVER__HTTP__TOKEN') });
});
