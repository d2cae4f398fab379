import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { CentreStatusMessage } from '../../domain/wire/centre-status.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import { listen } from '../../platform/http/http-listen.js';
import type { Logger } from '../../platform/logger.js';
import { createTokenBucket } from '../../platform/time/token-bucket.js';
import { type Authenticate, type BearerToken, type Caller, createAuthenticate } from './bearer.js';
import { type CaseRoutes, holdOrderSchema, moveOrderSchema } from './case-routes.js';
import type { CentreHealth } from './centre-health.js';
import type { CentreMetrics } from './centre-metrics.js';
import { type EvidenceRoutes, fetchOrderSchema } from './evidence-routes.js';
import { HttpProblem, problemOf } from './problem.js';
import { readJson, securityHeaders, sendJson, sendProblem, sendText } from './respond.js';
import { sendFile } from './send-file.js';

export interface CentreServerOptions {
  /** `127.0.0.1:8788`, `[::1]:8788`; port 0: any free one. */
  readonly listen: string;
  readonly tokens: readonly BearerToken[];
  readonly routes: CaseRoutes;
  readonly evidence: EvidenceRoutes;
  readonly health: (withReasons: boolean) => CentreHealth;
  readonly metrics: CentreMetrics;
  /** @throws {AgentError} when the store does not answer. */
  readonly status: () => Promise<CentreStatusMessage>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The cases of a centre over HTTP. */
export interface CentreServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
}

/** Whoever is slower to send a request's head than this, milliseconds, holds a connection for its own sake. */
const HEADERS_TIMEOUT_MS = 10_000;
/** A connection on which nothing moves for this long is given up, milliseconds: an upload over a bad link, a reader who has gone. */
const IDLE_TIMEOUT_MS = 60_000;
/** Permissions that are tried in one second, in the long run; one has 256 bits. */
const UPLOAD_TRIES = { burst: 50, everyMs: 100 } as const;
/** Connections at once; more would hold files and memory for nobody. */
const MAX_CONNECTIONS = 500;

/**
 * Starts it. There are no cookies, so no web page can act for a person who visits it; every answer but that of `/healthz` asks for a token.
 *
 * @throws {AgentError} PORT_IN_USE when the port is taken or the address is not this machine's.
 */
export async function startCentreServer(options: CentreServerOptions): Promise<CentreServer> {
  const { logger } = options;
  const { host, port } = parseListen(options.listen);
  const answer = createAnswer(options, createAuthenticate(options.tokens, options.clock));
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 }, (request, response) => {
    for (const [header, value] of Object.entries(securityHeaders)) response.setHeader(header, value);
    answer(request, response).catch((error: unknown) => fail(request, response, error));
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT_MS);
  // A file is invited only when it is known to be wanted; small bodies at once.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'PUT') response.writeContinue();
    server.emit('request', request, response);
  });

  function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    // Whoever asked has gone: nobody to answer.
    if (response.destroyed) return;
    const problem = error instanceof HttpProblem ? error : error instanceof AgentError ? problemOf(error) : null;
    if (problem === null || problem.status >= 500) {
      const line = { event: 'http-failed', method: request.method, path: pathOf(request), reason: errorMessage(error) };
      logger.warn(line, 'a request could not be answered');
    }
    if (response.headersSent) response.destroy();
    else sendProblem(response, problem ?? new HttpProblem(500, 'something went wrong; the log says what'));
  }

  const place = { host, port, name: `receiver.http.listen ${options.listen}`, mend: 'set it to another address, or to null for none' };
  return await listen(server, place, (error) =>
    logger.error({ event: 'http-error', reason: errorMessage(error) }, 'the HTTP interface failed'),
  );
}

type Handler = (request: IncomingMessage, response: ServerResponse, caller: Caller, parts: readonly string[]) => Promise<void>;

/** By the path with its variable parts as `*`, then by method; `GET` answers `HEAD` too. */
type Routes = Readonly<Record<string, Readonly<Partial<Record<'GET' | 'POST' | 'PUT', Handler>>>>>;

function createAnswer(
  { routes, evidence, health, metrics, status, clock }: CentreServerOptions,
  authenticate: Authenticate,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const table: Routes = {
    metrics: { GET: async (_request, response) => sendText(response, 200, metrics.contentType, await metrics.text()) },
    status: {
      GET: async (_request, response, caller) => {
        // It names the cameras of all sites.
        if (caller.sites !== null)
          throw new HttpProblem(403, 'this token is for some sites; the state of the centre is for one that sees all');
        sendJson(response, 200, await status());
      },
    },
    cases: {
      GET: async (request, response, caller) =>
        sendJson(response, 200, await routes.list(caller, new URLSearchParams(request.url?.split('?')[1] ?? ''))),
    },
    'cases/*': { GET: async (_request, response, caller, [, id = '']) => sendJson(response, 200, await routes.show(caller, id)) },
    'cases/*/state': {
      POST: async (request, response, caller, [, id = '']) =>
        sendJson(response, 200, await routes.move(caller, id, await readJson(request, moveOrderSchema))),
    },
    'cases/*/hold': {
      POST: async (request, response, caller, [, id = '']) =>
        sendJson(response, 200, await routes.hold(caller, id, await readJson(request, holdOrderSchema))),
    },
    'cases/*/evidence/*': {
      GET: async (request, response, caller, [, id = '', , file = '']) => sendFile(request, response, await routes.file(caller, id, file)),
    },
    'cases/*/evidence/*/fetch': {
      POST: async (request, response, caller, [, id = '', , file = '']) => {
        const record = await routes.find(caller, id);
        if (!caller.write) throw new HttpProblem(403, 'this token may look, not ask for evidence');
        sendJson(response, 202, await evidence.fetch(record, file, await readJson(request, fetchOrderSchema)));
      },
    },
  };
  const uploads = createTokenBucket(clock, UPLOAD_TRIES.burst, UPLOAD_TRIES.everyMs);

  /** Its token is its path: an agent has no other. */
  async function upload(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    // Whatever is answered before all was read: the rest of the body is nobody's.
    response.setHeader('connection', 'close');
    if (request.method !== 'PUT') throw new HttpProblem(405, 'here one may PUT', { allow: 'PUT' });
    if (!uploads.take())
      throw new HttpProblem(429, 'too many uploads at once', { 'retry-after': String(Math.ceil(uploads.waitMs() / 1000)) });
    const { 'content-length': length, 'repr-digest': digest } = request.headers;
    await evidence.upload(token, { length, digest: Array.isArray(digest) ? digest.join(',') : digest }, () => {
      if (request.headers.expect !== undefined) response.writeContinue();
      return request as AsyncIterable<Buffer>;
    });
    response.writeHead(204).end();
  }

  return async (request, response) => {
    const path = pathOf(request);
    if (path === '/healthz' && isReading(request)) {
      const full = request.headers.authorization !== undefined && authenticate(request.headers.authorization).sites === null;
      const state = health(full);
      return sendJson(response, state.ok ? 200 : 503, state);
    }
    const parts = path.slice(1).split('/');
    if (parts[0] === 'upload' && parts.length === 2) return upload(request, response, parts[1] ?? '');
    const caller = authenticate(request.headers.authorization);
    const methods = table[patternOf(parts)];
    if (methods === undefined) throw new HttpProblem(404, 'there is nothing here');
    const handler = methods[(request.method === 'HEAD' ? 'GET' : request.method) as 'GET'];
    if (handler === undefined) {
      const allow = Object.keys(methods).join(', ').replace('GET', 'GET, HEAD');
      throw new HttpProblem(405, `here one may ${allow}`, { allow });
    }
    await handler(request, response, caller, parts);
  };
}

/** @example patternOf(['cases', '01J…', 'state']) // 'cases/*\/state' */
function patternOf(parts: readonly string[]): string {
  return parts.map((part, i) => (i % 2 === 1 && parts[0] === 'cases' ? '*' : part)).join('/');
}

const isReading = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';
const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?')[0] ?? '';

function parseListen(listen: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(listen) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}
