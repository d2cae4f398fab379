import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorMessage } from '../../platform/errors.js';
import type { EvidenceFile } from '../files/evidence-file.js';

/** One try to put a file somewhere. */
export interface UploadRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly mediaType: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly file: Pick<EvidenceFile, 'chunks' | 'read'>;
  /** Content of the PEM file that the host's certificate is checked against; `null`: what the system trusts. */
  readonly ca: Buffer | null;
  /** Resolves when so many bytes may go. */
  readonly pace: (bytes: number) => Promise<void>;
  readonly onSent: (bytes: number) => void;
  /** A connection on which nothing moves for this long is given up, milliseconds. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
}

/** What became of it: taken, refused for ever, or failed for now. */
export interface UploadAnswer {
  readonly outcome: 'taken' | 'refused' | 'failed';
  /** `null` when the host did not answer. */
  readonly status: number | null;
  /** One line; nothing for what was taken. */
  readonly reason: string | null;
}

/** How long a host may think before it takes or refuses the body, milliseconds: those that do not know the question never answer it. */
const CONTINUE_MS = 3_000;
/** Most of an answer's text that is told, characters. */
const SHOWN_ANSWER = 200;
/** Answers that another try may turn: busy, too early, in conflict with what is still under way. All of 500 and above too. */
const passing: ReadonlySet<number> = new Set([408, 409, 423, 425, 429]);

/**
 * Puts a file to a URL in one request, with its length and hash (RFC 9530). Redirects are not followed: where files go says the config. The
 * host is asked before the body is sent (`Expect: 100-continue`), so that a refusal costs no volume.
 *
 * Never rejects, save when the signal aborts or the file cannot be read.
 */
export async function putFile(options: UploadRequest): Promise<UploadAnswer> {
  const { url, signal } = options;
  signal.throwIfAborted();
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(url, {
    method: 'PUT',
    agent: false,
    rejectUnauthorized: true,
    timeout: options.stallMs,
    ...(options.ca === null ? {} : { ca: options.ca }),
    headers: {
      ...options.headers,
      'content-type': options.mediaType,
      'content-length': options.bytes,
      'repr-digest': `sha-256=:${Buffer.from(options.sha256, 'hex').toString('base64')}:`,
      expect: '100-continue',
    },
  });
  request.on('timeout', () => request.destroy(new Error(`nothing moved for ${options.stallMs / 1000} s`)));
  const answered = answerOf(request);
  const onAbort = (): void => void request.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  let unreadable: unknown = null;
  try {
    request.flushHeaders();
    const early = await Promise.race([answered, invitation(request)]);
    if (early === null) {
      await pipeline(
        Readable.from(
          body(options, (error) => (unreadable = error)),
          { objectMode: false },
        ),
        request,
      ).catch(
        // Why the connection broke says the answer, when there is one, and otherwise the request's own error.
        (error: unknown) => request.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    }
    const answer = early ?? (await answered);
    signal.throwIfAborted();
    if (unreadable !== null && answer.outcome !== 'taken') throw unreadable;
    return answer;
  } finally {
    signal.removeEventListener('abort', onAbort);
    request.destroy();
  }
}

async function* body({ file, pace, onSent }: UploadRequest, onUnreadable: (error: unknown) => void): AsyncGenerator<Buffer> {
  let sent = 0;
  for (let index = 0; index < file.chunks; index++) {
    let piece: Buffer;
    try {
      piece = await file.read(index);
    } catch (error) {
      onUnreadable(error);
      throw error;
    }
    await pace(piece.length);
    yield piece;
    sent += piece.length;
    onSent(sent);
  }
}

/** Resolves with `null` when the body may be sent. */
function invitation(request: ClientRequest): Promise<null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), CONTINUE_MS);
    request.once('continue', () => resolve(null));
    request.once('close', () => clearTimeout(timer));
  });
}

function answerOf(request: ClientRequest): Promise<UploadAnswer> {
  return new Promise((resolve) => {
    let hasAnswered = false;
    const failed = (reason: string): void => void (hasAnswered || resolve({ outcome: 'failed', status: null, reason }));
    request.once('response', (response) => {
      hasAnswered = true;
      void readAnswer(response).then(resolve);
    });
    request.on('error', (error) => failed(connectionTrouble(error)));
    request.once('close', () => failed('the connection was closed without an answer'));
  });
}

async function readAnswer(response: IncomingMessage): Promise<UploadAnswer> {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) {
    response.resume();
    return { outcome: 'taken', status, reason: null };
  }
  const outcome = status >= 500 || passing.has(status) ? 'failed' : 'refused';
  if (status >= 300 && status < 400) {
    response.resume();
    return { outcome, status, reason: `the host answers ${status}; redirects are not followed` };
  }
  let text = '';
  try {
    for await (const piece of response.setEncoding('utf8')) {
      text += String(piece);
      if (text.length > SHOWN_ANSWER) break;
    }
  } catch (error) {
    // What it said until then must do.
    text += ` (${errorMessage(error)})`;
  }
  const shown = text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, SHOWN_ANSWER);
  return { outcome, status, reason: `the host answers ${status}${shown === '' ? '' : `: ${shown}`}` };
}

/** A certificate that is not trusted and a name that is not there read alike in no browser either; the code tells them apart. */
function connectionTrouble(error: NodeJS.ErrnoException): string {
  const code = error.code ?? '';
  const mend = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code) ? '; see mqtt.evidence.upload.ca' : '';
  return `${errorMessage(error)}${mend}`;
}
