import { z } from 'zod';
import { type CaseFileMessage, type CaseMessage, type CentreState, caseFileSchema, caseSchema } from '../../domain/wire/case-file.js';
import { AgentError, type ErrorCode, errorMessage } from '../../platform/errors.js';

/** What `parapet cases` asks of a centre, wherever its cases are. All throw AgentError. */
export interface CasesClient extends AsyncDisposable {
  /** @param query as in the URL of `GET /cases`. */
  list(query: Readonly<Record<string, string>>): Promise<{ readonly cases: readonly CaseMessage[]; readonly next: string | null }>;
  show(id: string): Promise<CaseFileMessage>;
  /** Where a file of a case is that has come whole: a path on this machine, or a URL that wants the token. */
  locate(id: string, evidence: string): Promise<string>;
  move(id: string, order: { readonly state: CentreState; readonly note: string | null; readonly by: string }): Promise<CaseMessage>;
  hold(id: string, order: { readonly hold: boolean; readonly note: string | null; readonly by: string }): Promise<CaseMessage>;
}

const listSchema = z.object({ cases: z.array(caseSchema), next: z.string().nullable() });
const problemSchema = z.object({ detail: z.string() });
const TIMEOUT_MS = 15_000;

/** What each answer that is none means for the person at the terminal. */
const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_USAGE',
  401: 'CENTRE_REFUSED',
  403: 'CENTRE_REFUSED',
  404: 'CASE_UNKNOWN',
  409: 'CASE_NOT_MOVED',
  429: 'CENTRE_REFUSED',
};

/**
 * Asks a receiver over HTTP.
 *
 * @param base URL of the receiver, without a slash at its end.
 */
export function createHttpCases(base: string, token: string, signal: AbortSignal): CasesClient {
  async function ask<T>(schema: z.ZodType<T>, path: string, body?: object): Promise<T> {
    const text = await answerOf(path, body);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      throw new AgentError('CENTRE_UNREACHABLE', `${base} answers, but not as a Parapet receiver; check the URL`, { cause: error });
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new AgentError('CENTRE_UNREACHABLE', `${base} answers in words that this version does not know; upgrade the older of the two`);
  }

  async function answerOf(path: string, body: object | undefined): Promise<string> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(base + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A token must not follow whoever we are sent to.
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), signal]),
      });
      text = await response.text();
    } catch (error) {
      const why = errorMessage(error instanceof Error && error.cause !== undefined ? error.cause : error);
      const message = `${base} does not answer (${why}); is parapet receive running there, with receiver.http.listen?`;
      throw new AgentError('CENTRE_UNREACHABLE', message, { cause: error });
    }
    if (response.ok) return text;
    const problem = problemSchema.safeParse(parsed(text));
    const detail = problem.success ? problem.data.detail : `it answers ${response.status}`;
    const code = codes[response.status] ?? 'CENTRE_UNREACHABLE';
    throw new AgentError(code, code === 'CENTRE_REFUSED' || code === 'CENTRE_UNREACHABLE' ? `${base}: ${detail}` : detail);
  }

  return {
    list: (query) => ask(listSchema, `/cases?${new URLSearchParams(query)}`),
    show: (id) => ask(caseFileSchema, `/cases/${encodeURIComponent(id)}`),
    locate: async (id, evidence) => `${base}/cases/${encodeURIComponent(id)}/evidence/${encodeURIComponent(evidence)}`,
    move: (id, order) => ask(caseSchema, `/cases/${encodeURIComponent(id)}/state`, order),
    hold: (id, order) => ask(caseSchema, `/cases/${encodeURIComponent(id)}/hold`, order),
    async [Symbol.asyncDispose]() {
      // Nothing is kept between two questions.
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
