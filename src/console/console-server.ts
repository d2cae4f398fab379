import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { errorMessage } from '../platform/errors.js';
import type { AgentSnapshot } from '../platform/health/agent-snapshot.js';
import { judgeHealth } from '../platform/health/health.js';
import { createMetrics } from '../platform/health/metrics.js';
import { parseRange, rangeHead } from '../platform/http/byte-range.js';
import { listen } from '../platform/http/http-listen.js';
import type { Logger } from '../platform/logger.js';
import { isAllowedHost } from './allowed-host.js';
import { type ConsoleIncident, renderPage, styleSheet } from './page.js';
import { type PostAnswer, type SensorPost, sensorOf, takeSensorPost } from './sensor-post.js';

export interface ConsoleOptions {
  /** A loopback address unless the owner opens the console to the network. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly snapshot: () => AgentSnapshot;
  /** The latest incidents, newest first. */
  readonly incidents: () => readonly ConsoleIncident[];
  /** Where a piece of evidence lies; `null` when there is none with this id. Ids come from strangers. */
  readonly evidence: (id: string) => { readonly path: string; readonly mediaType: string } | null;
  /** Devices in the street that may POST to `/sensors/<name>`; `null`: none may. */
  readonly sensors: SensorPost | null;
  readonly logger: Logger;
}

/** Health, metrics and a status page on HTTP. */
export interface ConsoleServer extends AsyncDisposable {
  readonly url: string;
}

/** Whoever is slower to send a request than this, milliseconds, is not a browser. */
const REQUEST_TIMEOUT_MS = 10_000;
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** Sent with everything: no script runs, nothing is loaded from elsewhere, nobody may frame or keep it. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/**
 * Starts the console.
 *
 * @throws {AgentError} PORT_IN_USE when the port is taken or the address is not this machine's.
 */
export async function startConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  const { host, logger } = options;
  const metrics = createMetrics(options.snapshot);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    answer(request, response).catch((error: unknown) => {
      // The browser has gone: nothing to answer.
      if (response.destroyed) return;
      logger.warn({ event: 'console-failed', path: request.url, reason: errorMessage(error) }, 'a request could not be answered');
      if (response.headersSent) response.destroy();
      else send(response, 500, 'text/plain', 'something went wrong; the log says what\n');
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAllowedHost(request.headers.host, host)) {
      return send(response, 421, 'text/plain', 'ask for this console by its address\n');
    }
    const path = (request.url ?? '').split('?')[0] ?? '';
    const sensor = sensorOf(path);
    if (sensor !== null && request.method === 'POST') return sendAnswer(response, await takeSensorPost(sensor, request, options.sensors));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return send(response, 405, 'text/plain', 'only GET\n');
    }
    switch (path) {
      case '/healthz': {
        const health = judgeHealth(options.snapshot());
        return send(response, health.ok ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`);
      }
      case '/metrics':
        return send(response, 200, metrics.contentType, await metrics.text());
      case '/':
      case '/still':
        return send(response, 200, 'text/html; charset=utf-8', renderPage(options.snapshot(), options.incidents(), path === '/still'));
      case '/style.css':
        return send(response, 200, 'text/css; charset=utf-8', styleSheet);
      default: {
        const id = /^\/evidence\/([^/]*)$/.exec(path)?.[1] ?? '';
        // Only an id that the database knows leads to a path; nothing of the request ever becomes part of one.
        const file = ULID.test(id) ? options.evidence(id) : null;
        return file === null ? send(response, 404, 'text/plain', 'there is nothing here\n') : await sendFile(request, response, file);
      }
    }
  }

  const place = {
    host,
    port: options.port,
    name: `console ${host}:${options.port}`,
    mend: 'set console.port to another one, or to false for none',
  };
  const listening = await listen(server, place, (error) =>
    logger.error({ event: 'console-error', reason: errorMessage(error) }, 'the console failed'),
  );
  return { url: `${listening.url}/`, [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose]() };
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

function sendAnswer(response: ServerResponse, { status, body, headers = {}, close }: PostAnswer): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (close === true) response.setHeader('connection', 'close');
  send(response, status, 'text/plain', body);
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: { readonly path: string; readonly mediaType: string },
): Promise<void> {
  const found = await stat(file.path).catch(() => null);
  if (found === null) return send(response, 410, 'text/plain', 'this file is no longer on the disk\n');
  // Players on phones play nothing that they cannot ask for in parts.
  const range = parseRange(request.headers.range, found.size);
  if (range === 'outside') {
    response.setHeader('content-range', `bytes */${found.size}`);
    return send(response, 416, 'text/plain', `the file has ${found.size} bytes\n`);
  }
  const { status, length, headers } = rangeHead(range, found.size);
  response.writeHead(status, { ...headers, 'content-type': file.mediaType });
  if (request.method === 'HEAD' || length === 0) response.end();
  else await pipeline(createReadStream(file.path, range === null ? {} : { start: range.first, end: range.last }), response);
}
