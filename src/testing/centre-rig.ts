import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { buildEvent, type EvidenceRef } from '../domain/event.js';
import { systemClock } from '../platform/clock.js';
import { AgentError } from '../platform/errors.js';
import type { AgentAsker } from '../receiver/cases/ask-agents.js';
import { createCaseEvidence } from '../receiver/cases/case-evidence.js';
import { createCaseRules } from '../receiver/cases/case-rules.js';
import type { CaseStore } from '../receiver/cases/case-store.js';
import { createCaseView } from '../receiver/cases/case-view.js';
import { caseOfEvent, createCentreCases } from '../receiver/cases/centre-cases.js';
import { createCentreWebhooks } from '../receiver/cases/centre-webhooks.js';
import { createUploadDesk } from '../receiver/cases/uploads.js';
import { createReceiverCounters } from '../receiver/context.js';
import type { CentreDatabase } from '../receiver/database/index.js';
import { createCaseRoutes } from '../receiver/http/case-routes.js';
import { judgeCentre } from '../receiver/http/centre-health.js';
import { createCentreMetrics } from '../receiver/http/centre-metrics.js';
import { type CentreServerOptions, startCentreServer } from '../receiver/http/centre-server.js';
import { createEvidenceRoutes } from '../receiver/http/evidence-routes.js';
import { migrations } from '../receiver/schema.js';
import { readStatus, statusMessage } from '../receiver/status.js';
import type { DatabaseKind } from './centre-databases.js';
import { makeIncident, makeTestFolder, recordingLogger, type TestFolder } from './delivery-fixtures.js';

/** Of the whole centre. */
export const MAIN = 'main-token-0123456789';
/** Sees the site `estate`, and changes nothing. */
export const LOOKER = 'looker-token-0123456789';
/** Works on the cases of the site `estate`; its name is `dispatch`. */
export const DISPATCH = 'dispatch-token-0123456789';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
  json<T = unknown>(): T;
}

export interface Question {
  readonly method?: string;
  /** `MAIN` unless told otherwise; `null` for none. */
  readonly token?: string | null;
  /** JSON unless `headers` say otherwise. */
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

/** A centre's HTTP interface over a fresh database, with no broker and no agents: what is sent to them is kept. */
export interface CentreRig extends AsyncDisposable {
  readonly folder: TestFolder;
  readonly database: CentreDatabase;
  readonly cases: CaseStore;
  readonly url: string;
  /** What the server was started with. */
  readonly options: CentreServerOptions;
  /** Pieces of files that came by HTTP; with the fifth the file counts as put together. */
  readonly chunks: readonly (readonly [index: number, bytes: Buffer])[];
  /** What agents were asked for. */
  readonly asked: readonly { site: string; agent: string; command: string; payload: Record<string, string> }[];
  /** From here on agents refuse, and say this. */
  refuse(why: string): void;
  /** A case, freshly opened by an event. @returns its id. */
  opened(site?: string, evidence?: readonly EvidenceRef[]): Promise<string>;
  ask(path: string, question?: Question): Promise<Answer>;
  move(id: string, order: object, token?: string): Promise<Answer>;
  /** A verified file of a case, as the receiver keeps it. @returns its id. */
  keepFile(event: string, bytes: Buffer, mediaType?: string, file?: string): Promise<string>;
}

export async function startCentreRig(databases: DatabaseKind): Promise<CentreRig> {
  const folder = await makeTestFolder();
  const log = recordingLogger();
  const database = await databases.at(await databases.place(), migrations);
  const view = createCaseView(null, () => ({ of: 'estate', longitudeDeg: 106.55, latitudeDeg: 29.56, address: null }));
  const rules = createCaseRules({ open: 'confirmed', categories: null, view, webhooks: ['https://city.example/hook?key=hidden'] });
  const cases = createCentreCases(database, rules);
  const webhooks = createCentreWebhooks(database);
  const files = createCaseEvidence(database, folder.path);
  const chunks: [number, Buffer][] = [];
  const asked: CentreRig['asked'][number][] = [];
  let refusal: string | null = null;
  let seq = 0;
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
  const options: CentreServerOptions = {
    listen: '127.0.0.1:0',
    tokens: [
      { name: null, token: MAIN, sites: null, write: true },
      { name: 'looker', token: LOOKER, sites: ['estate'], write: false },
      { name: 'dispatch', token: DISPATCH, sites: ['estate'], write: true },
    ],
    routes: createCaseRoutes({ cases, evidence: files, view, clock: systemClock }),
    evidence: createEvidenceRoutes({ evidence: files, uploads, asker, publicUrl: 'https://centre.example/parapet' }),
    health: (withReasons) =>
      judgeCentre({ version: '1', uptimeS: 12.3, broker: { connected: false, lastError: null }, store: database.health() }, withReasons),
    metrics: createCentreMetrics({
      counters: createReceiverCounters(),
      webhookCounters: { delivered: 0, failures: 0, givenUp: 0 },
      cases,
      webhooks,
      brokerConnected: () => true,
      storeReachable: () => true,
    }),
    status: async () => statusMessage(await readStatus(database)),
    clock: systemClock,
    logger: log.logger,
  };
  const server = await startCentreServer(options);

  /** With node:http, since fetch tidies paths and headers. */
  function ask(path: string, { method = 'GET', token = MAIN, body, headers = {} }: Question = {}): Promise<Answer> {
    const { hostname, port } = new URL(server.url);
    const all = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, path, method, headers: all }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const bytes = Buffer.concat(parts);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, json: () => JSON.parse(bytes.toString()) });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  return {
    folder,
    database,
    cases,
    url: server.url,
    options,
    chunks,
    asked,
    refuse: (why) => {
      refusal = why;
    },
    async opened(site = 'estate', evidence = []) {
      const event = buildEvent(makeIncident(), { site, agent: 'box' }, ++seq, evidence);
      await database.write((sql) => caseOfEvent(sql, rules, event, JSON.stringify(event), Date.now()));
      return event.id;
    },
    ask,
    move: (id, order, token = MAIN) => ask(`/cases/${id}/state`, { method: 'POST', token, body: JSON.stringify(order) }),
    async keepFile(event, bytes, mediaType = 'video/mp4', file = 'clip.mp4') {
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
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
