import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence } from '../../domain/evidence.js';
import type { UploadMessage } from '../../domain/wire/upload.js';
import { systemClock } from '../../platform/clock.js';
import { openStore, type Store } from '../../store/index.js';
import { createCertificateWorkshop, opensslInstalled } from '../../testing/certificates.js';
import {
  ended,
  makeEvidence,
  makeIncident,
  makeTestFolder,
  recordingLogger,
  type TestFolder,
  until,
} from '../../testing/delivery-fixtures.js';
import { createBandwidth } from '../link/bandwidth.js';
import { createUplinkCounters } from '../link/counters.js';
import { createUploadSender } from './upload-sender.js';

interface Put {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly sha256: string;
  readonly bytes: number;
}

const SIZE = 300_000;

describe.skipIf(!opensslInstalled())('uploads to a real HTTPS server', () => {
  let folder: TestFolder;
  let store: Store;
  let clip: Evidence;
  let puts: Put[];
  /** What the server does once it has a whole body; takes it by default. */
  let respond: (request: IncomingMessage, response: ServerResponse) => void;
  let reports: UploadMessage[];
  let taken: string[];
  let altered: string[];
  let endings: (() => Promise<void>)[];
  const log = recordingLogger();

  beforeEach(async () => {
    folder = await makeTestFolder();
    store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock: systemClock, logger: log.logger });
    const incident = makeIncident();
    clip = await makeEvidence(incident, 'clip', folder.of('clip.mp4'), SIZE);
    store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
    store.recordEvidence(clip);
    store.outbox.transferAnnounced(clip.id);
    [puts, reports, taken, altered, endings] = [[], [], [], [], []];
    respond = (_, response) => void response.writeHead(201).end();
  });
  afterEach(async () => {
    for (const end of endings.reverse()) await end();
    store.close();
    await folder[Symbol.asyncDispose]();
  });

  const listener: RequestListener = (request, response) => {
    const hash = createHash('sha256');
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      hash.update(piece);
    });
    request.on('end', () => {
      puts.push({ url: request.url ?? '', headers: request.headers, sha256: hash.digest('hex'), bytes });
      respond(request, response);
    });
  };

  /** @returns `https://localhost:<port>` with a certificate that only the workshop's authority vouches for. */
  async function serve(handler: RequestListener = listener, options: object = {}): Promise<string> {
    const workshop = createCertificateWorkshop(folder.path);
    workshop.authority('ca');
    await workshop.certificate('server');
    const secrets = { key: readFileSync(workshop.of('server.key')), cert: readFileSync(workshop.of('server.pem')) };
    const server = createSecureServer({ ...secrets, ...options }, handler);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  }

  function start(hosts: readonly string[], differ: { ca?: string | null; allowHttp?: boolean; stallMs?: number } = {}) {
    const stop = new AbortController();
    const counters = createUplinkCounters();
    const sender = createUploadSender({
      uploads: store.uploads,
      policy: () => ({ hosts, ca: differ.ca === undefined ? folder.of('ca.pem') : differ.ca, allowHttp: differ.allowHttp ?? false }),
      bandwidth: createBandwidth(systemClock, null),
      messagesGo: () => false,
      report: (message) => reports.push(message),
      onTaken: (id) => taken.push(id),
      onGivenUp: () => undefined,
      onAltered: (id) => altered.push(id),
      counters,
      clock: systemClock,
      logger: log.logger,
      stallMs: differ.stallMs ?? 5_000,
      random: () => 0,
    });
    const running = sender.run(stop.signal);
    let stopped = false;
    const end = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      stop.abort();
      await running;
    };
    endings.push(end);
    return { sender, counters, end };
  }
  const give = (url: string, headers: Record<string, string> = {}, expiresAtMs = Date.now() + 60_000): void =>
    store.uploads.give(clip.id, { url, headers, expiresAtMs });
  /** As the uplink does it once it has told the centre of the file. */
  const announced = (): void => store.outbox.transferAnnounced(clip.id);
  const hostOf = (url: string): string => new URL(url).host;

  it('puts the file with its length, hash and type, and the headers that were given', async () => {
    const url = await serve();
    give(`${url}/upload/secret?sig=1`, { authorization: 'Bearer x' });
    announced();
    const { counters } = start([hostOf(url)]);
    await until('it was taken', () => taken.length === 1);
    expect(puts).toMatchObject([{ url: '/upload/secret?sig=1', sha256: clip.sha256, bytes: SIZE }]);
    expect(puts[0]?.headers).toMatchObject({
      'content-length': String(SIZE),
      'content-type': 'video/mp4',
      authorization: 'Bearer x',
      'repr-digest': `sha-256=:${Buffer.from(clip.sha256, 'hex').toString('base64')}:`,
    });
    expect(reports.map(({ state }) => state)).toEqual(['sending', 'sent']);
    expect(counters).toMatchObject({ uploadsDone: 1, uploadsFailed: 0, uploadedBytes: SIZE });
    expect(store.uploads.due()).toBeNull();
    expect(log.lines().some((line) => JSON.stringify(line).includes('secret'))).toBe(false);
  });

  it('waits until the centre has been told of the file', async () => {
    const url = await serve();
    give(url);
    // Asked for later, and announced: its turn comes after the other's would have.
    const incident = makeIncident();
    const later = await makeEvidence(incident, 'clip', folder.of('later.mp4'), 10);
    store.recordIncident(ended(incident), [{ id: later.id, kind: 'clip' }]);
    store.recordEvidence(later);
    store.uploads.give(later.id, { url, headers: {}, expiresAtMs: Date.now() + 60_000 });
    store.outbox.transferAnnounced(later.id);
    const { sender } = start([hostOf(url)]);
    await until('the later one was taken', () => taken.includes(later.id));
    expect(puts.map(({ bytes }) => bytes)).toEqual([10]);
    announced();
    sender.wake();
    await until('it was taken', () => taken.includes(clip.id));
  });

  it.each([503, 429, 409])('tries again after %d, also when it was restarted meanwhile', async (status) => {
    const url = await serve();
    respond = (_, response) => void response.writeHead(status).end('not\nnow');
    give(url);
    announced();
    const first = start([hostOf(url)]);
    await until('it waits', () => reports.at(-1)?.state === 'waiting');
    expect(reports.at(-1)).toMatchObject({ http_status: status, reason: `the host answers ${status}: not now`, attempts: 1 });
    expect(store.uploads.due()).toBeNull();
    expect(store.uploads.untilDueMs()).toBeGreaterThan(1_500);
    await first.end();
    // What was written for a restart, brought forward.
    store.uploads.retryIn(clip.id, 0);
    respond = (_, response) => void response.writeHead(200).end();
    start([hostOf(url)]);
    await until('it was taken', () => taken.length === 1);
    expect(reports.at(-1)).toMatchObject({ state: 'sent', attempts: 3 });
  });

  it.each([
    [403, 'the host answers 403: no'],
    [301, 'the host answers 301; redirects are not followed'],
  ])('gives up after %d, and sends over MQTT what it may then', async (status, reason) => {
    const url = await serve();
    respond = (_, response) => void response.writeHead(status, { location: `${url}/elsewhere` }).end('no');
    give(url);
    announced();
    expect(store.outbox.transfers(1)).toEqual([]);
    start([hostOf(url)]);
    await until('it is given up', () => reports.at(-1)?.state === 'failed');
    expect(reports.at(-1)).toMatchObject({ http_status: status, reason });
    expect(puts).toHaveLength(1);
    expect(store.outbox.transfers(1)).toMatchObject([{ evidenceId: clip.id }]);
  });

  it('sends no body where the host refuses before it', async () => {
    let bytes = 0;
    const workshop = createCertificateWorkshop(folder.path);
    workshop.authority('ca');
    await workshop.certificate('server');
    const secrets = { key: readFileSync(workshop.of('server.key')), cert: readFileSync(workshop.of('server.pem')) };
    const server = createSecureServer(secrets);
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      request.on('data', (piece: Buffer) => (bytes += piece.length));
      response.writeHead(404, { connection: 'close' }).end('no such upload');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const url = `https://localhost:${(server.address() as AddressInfo).port}`;
    give(url);
    announced();
    start([hostOf(url)]);
    await until('it is given up', () => reports.at(-1)?.state === 'failed');
    expect(reports.at(-1)).toMatchObject({ http_status: 404, sent_bytes: 0 });
    expect(bytes).toBe(0);
  });

  it.each([
    ['an authority that it does not know', { ca: null }, /certificate.*mqtt\.evidence\.upload\.ca/],
    ['an authority file that is not there', { ca: '/nowhere/ca.pem' }, /ENOENT.*\/nowhere\/ca\.pem/],
  ])('tells of %s', async (_what, differ, reason) => {
    const url = await serve();
    give(url);
    announced();
    start([hostOf(url)], differ);
    await until('it waits', () => reports.at(-1)?.state === 'waiting');
    expect(reports.at(-1)?.reason).toMatch(reason);
    expect(puts).toEqual([]);
  });

  it('tells of a certificate for another name', async () => {
    const url = (await serve()).replace('localhost', '127.0.0.1');
    give(url);
    announced();
    start([hostOf(url)]);
    await until('it waits', () => reports.at(-1)?.state === 'waiting');
    expect(reports.at(-1)?.reason).toMatch(/127\.0\.0\.1.*mqtt\.evidence\.upload\.ca/);
    expect(puts).toEqual([]);
  });

  it('gives a host up that falls silent, for now', async () => {
    const url = await serve(() => undefined);
    give(url);
    announced();
    start([hostOf(url)], { stallMs: 300 });
    await until('it waits', () => reports.at(-1)?.state === 'waiting');
    expect(reports.at(-1)?.reason).toBe('nothing moved for 0.3 s');
  });

  it('goes on after a connection that breaks in the middle', async () => {
    let broken = 0;
    const url = await serve((request, response) => {
      if (broken++ === 0) request.once('data', () => request.socket.destroy());
      else listener(request, response);
    });
    give(url);
    announced();
    const { sender } = start([hostOf(url)]);
    await until('it waits', () => reports.at(-1)?.state === 'waiting');
    expect(reports.at(-1)?.http_status).toBeNull();
    store.uploads.retryIn(clip.id, 0);
    sender.wake();
    await until('it was taken', () => taken.length === 1);
    expect(puts.at(-1)).toMatchObject({ sha256: clip.sha256 });
  });

  it.each([
    ['altered', () => appendFile(clip.path, 'x'), 'the file has 300001 bytes instead of 300000'],
    ['gone', () => rm(clip.path), 'the file is gone'],
  ])('never sends a file that is %s', async (_what, harm, reason) => {
    const url = await serve();
    await harm();
    give(url);
    announced();
    start([hostOf(url)]);
    await until('it is given up', () => reports.at(-1)?.state === 'failed');
    expect(reports.at(-1)?.reason).toBe(reason);
    expect(altered).toEqual([clip.id]);
    expect(puts).toEqual([]);
  });

  it('does not try a URL after its time, nor a host that the config no longer names', async () => {
    const url = await serve();
    give(url, {}, Date.now() - 1);
    announced();
    const first = start([hostOf(url)]);
    await until('it is given up', () => reports.at(-1)?.reason === 'the URL has expired');
    await first.end();
    give(url);
    announced();
    start(['elsewhere.example']);
    await until('it is given up', () => (reports.at(-1)?.reason ?? '').includes('upload.hosts'));
    expect(puts).toEqual([]);
  });

  it('takes plain HTTP where the config allows it', async () => {
    const server = createServer(listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    give(url);
    announced();
    start([hostOf(url)], { ca: null, allowHttp: true });
    await until('it was taken', () => taken.length === 1);
  });
});
