import { type AgentError, errorMessage } from '../../platform/errors.js';

/** Why a request is not answered as asked: a status, and one line for people. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 411 | 413 | 415 | 416 | 421 | 422 | 429 | 500 | 502 | 503 | 504,
    message: string,
    /** Sent with it. */
    readonly headers: Readonly<Record<string, string>> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

const statuses: Partial<Record<AgentError['code'], HttpProblem['status']>> = {
  CASE_UNKNOWN: 404,
  CASE_NOT_MOVED: 409,
  STORE_FAILED: 503,
  STORE_CORRUPT: 503,
  DISK_FULL: 503,
  EVIDENCE_INVALID: 422,
  AGENT_REFUSED: 502,
  AGENT_SILENT: 504,
};

/** What an error is to a stranger; the words of trouble of our own stay in the log. */
export function problemOf(error: AgentError): HttpProblem {
  const status = statuses[error.code] ?? 500;
  const message = status === 500 || status === 503 ? 'the centre cannot do it at the moment; its log says why' : errorMessage(error);
  return new HttpProblem(status, message, {}, { cause: error });
}
