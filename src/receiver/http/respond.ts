import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { errorMessage } from '../../platform/errors.js';
import { inputProblems } from '../../platform/input/input-problems.js';
import { HttpProblem } from './problem.js';

/** Sent with everything: nobody may keep, frame or run it, and no web page may read it. */
export const securityHeaders = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** Largest JSON body that is taken, bytes: a note of 2,000 characters and its keys. */
const MAX_BODY_BYTES = 16 * 1024;
/** Whoever is slower to send one than this, milliseconds, holds a connection for its own sake. */
const BODY_TIMEOUT_MS = 10_000;

export function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

export function sendJson(response: ServerResponse, status: number, value: object): void {
  sendText(response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

/** As RFC 9457 has it. */
export function sendProblem(response: ServerResponse, { status, message, headers }: HttpProblem): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const body = JSON.stringify({ type: 'about:blank', status, detail: message });
  sendText(response, status, 'application/problem+json; charset=utf-8', `${body}\n`);
}

/**
 * Reads a JSON body. It must say that it is JSON: a form of a web page from elsewhere cannot.
 *
 * @throws {HttpProblem} 400, 413, 415.
 */
export async function readJson<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new HttpProblem(415, 'send JSON, with Content-Type: application/json');
  }
  const bytes = await readBody(request);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new HttpProblem(400, `the body is not JSON (${errorMessage(error).slice(0, 200)})`, {}, { cause: error });
  }
  return parseInput(schema, json);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const late = setTimeout(() => request.destroy(), BODY_TIMEOUT_MS);
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) throw new HttpProblem(413, `the body is larger than ${MAX_BODY_BYTES} bytes`, { connection: 'close' });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(late);
  }
}

/** @throws {HttpProblem} 400 with every problem on one line. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new HttpProblem(400, inputProblems(result.error));
}
