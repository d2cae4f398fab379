import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildEvent } from '../../domain/event.js';
import { caseNoticeSchema } from '../../domain/wire/case-file.js';
import { makeIncident, makeTestFolder, recordingLogger, type TestFolder, until } from '../../testing/delivery-fixtures.js';
import { createTestClock, type TestClock } from '../../testing/test-clock.js';
import { type CentreDatabase, createSqliteDatabase } from '../database/index.js';
import { migrations } from '../schema.js';
import { createCaseRules } from './case-rules.js';
import type { CaseRules, WebhookQueue } from './case-store.js';
import { createCaseView } from './case-view.js';
import { caseOfEvent } from './centre-cases.js';
import { createCentreWebhooks } from './centre-webhooks.js';
import { createWebhookSender, type WebhookSender } from './webhook-sender.js';
import { signNotice } from './webhook-signature.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

interface Taken {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('webhooks', () => {
  let folder: TestFolder;
  let database: CentreDatabase;
  let clock: TestClock;
  let log: ReturnType<typeof recordingLogger>;
  let server: Server;
  let base: string;
  let taken: Taken[];
  /** What the server answers, by path: a status, or nothing at all. */
  let answers: Record<string, number | 'nothing' | ((count: number) => number)>;
  let rules: CaseRules;
  let queue: WebhookQueue;
  const senders: WebhookSender[] = [];

  beforeEach(async () => {
    folder = await makeTestFolder();
    clock = createTestClock();
    log = recordingLogger();
    taken = [];
    answers = {};
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = request.url ?? '';
        taken.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
        const answer = answers[path] ?? 204;
        if (answer === 'nothing') return response.destroy();
        const status = typeof answer === 'number' ? answer : answer(taken.length);
        return response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('x');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    database = createSqliteDatabase({ path: folder.of('index.sqlite'), migrations, clock, logger: log.logger });
    await database.open();
    queue = createCentreWebhooks(database);
  });
  afterEach(async () => {
    for (const sender of senders.splice(0)) await sender[Symbol.asyncDispose]();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await database[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const counters = { delivered: 0, failures: 0, givenUp: 0 };
  function make(...paths: readonly string[]): WebhookSender {
    Object.assign(counters, { delivered: 0, failures: 0, givenUp: 0 });
    const targets = paths.map((path) => ({ url: base + path, secret: SECRET }));
    rules = createCaseRules({
      open: 'confirmed',
      categories: null,
      view: createCaseView(null, () => null),
      webhooks: targets.map(({ url }) => url),
    });
    const sender = createWebhookSender({ queue, targets, counters, clock, logger: log.logger, random: () => 0.5 });
    senders.push(sender);
    return sender;
  }
  let seq = 0;
  async function open(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) {
      const event = buildEvent(makeIncident(), { site: 'estate', agent: 'box' }, ++seq, []);
      await database.write((sql) => caseOfEvent(sql, rules, event, JSON.stringify(event), clock.now()));
    }
  }
  const waiting = async (path: string): Promise<number> => (await queue.waiting()).get(base + path) ?? 0;

  it('are signed as Standard Webhooks has it', () => {
    // Checked with `openssl dgst -sha256 -mac HMAC -macopt hexkey:…`.
    expect(signNotice(SECRET, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', 1_614_265_330_999)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
    expect(signNotice('plain words that are long', 'msg_1', '{}', 0)).not.toEqual(signNotice(SECRET, 'msg_1', '{}', 0));
  });

  it('get each notice once, as a signed CloudEvent', async () => {
    const sender = make('/a');
    await open(3);
    await sender.round();
    await sender.round();
    expect(taken).toHaveLength(3);
    const [{ headers, body }] = taken as [Taken];
    const notice = caseNoticeSchema.parse(JSON.parse(body));
    expect(headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'idempotency-key': notice.id,
      'webhook-id': notice.id,
    });
    expect(headers['webhook-signature']).toBe(signNotice(SECRET, notice.id, body, clock.now())['webhook-signature']);
    expect(counters).toEqual({ delivered: 3, failures: 0, givenUp: 0 });
    expect(await waiting('/a')).toBe(0);
  });

  it.each([[500], [429], [302], ['nothing' as const]])(
    'that answer %s are tried again with growing pauses, and hold up no other',
    async (answer) => {
      const sender = make('/bad', '/good');
      answers['/bad'] = answer;
      open(4);
      const tries: number[] = [];
      for (let second = 0; second < 40; second++) {
        const before = taken.filter(({ path }) => path === '/bad').length;
        await sender.round();
        if (taken.filter(({ path }) => path === '/bad').length > before) tries.push(second);
        await clock.advance(1_000);
      }
      expect(taken.filter(({ path }) => path === '/good')).toHaveLength(4);
      expect(taken.some(({ path }) => path === '/elsewhere')).toBe(false);
      // 2 s, 3.5 s, 5.75 s, …: each between 1 s and three times the last.
      expect(tries).toEqual([0, 2, 6, 12, 22, 37]);
      expect(taken.filter(({ path }) => path === '/bad')).toHaveLength(tries.length);
      expect(await waiting('/bad')).toBe(4);
      answers['/bad'] = 200;
      await clock.advance(3_600_000);
      await sender.round();
      expect(await waiting('/bad')).toBe(0);
    },
  );

  it('that refuse one notice still get the others', async () => {
    const sender = make('/a');
    answers['/a'] = (count) => (count === 1 ? 422 : 200);
    await open(3);
    await sender.round();
    expect(taken).toHaveLength(3);
    expect(await waiting('/a')).toBe(1);
    await clock.advance(3_600_000);
    await sender.round();
    expect(await waiting('/a')).toBe(0);
    expect(new Set(taken.map(({ headers }) => headers['idempotency-key'])).size).toBe(3);
  });

  it('are given up after a day, with a line', async () => {
    const sender = make('/a');
    answers['/a'] = 503;
    await open();
    for (let hour = 0; hour <= 25; hour++) {
      await sender.round();
      await clock.advance(3_600_000);
    }
    expect(await waiting('/a')).toBe(0);
    expect(counters.givenUp).toBe(1);
    expect(log.lines().some(({ event }) => event === 'webhook-given-up')).toBe(true);
    expect(JSON.stringify(log.lines())).not.toContain(SECRET);
  });

  it('that are not configured any more are forgotten, and the rest goes on after a restart', async () => {
    make('/a', '/b');
    await open(2);
    const again = make('/b');
    again.start();
    await until('both are delivered', () => taken.length === 2);
    expect(taken.every(({ path }) => path === '/b')).toBe(true);
    await until('the queue is empty', async () => (await queue.waiting()).size === 0);
  });
});
