import { AgentError, errorMessage } from '../../platform/errors.js';

/**
 * What a failure of PostgreSQL means: `away` for a server that cannot be talked to or does not take writes at the moment, `again` for
 * a transaction that it gave up for another's sake, `refused` for what somebody must mend, `bug` for a statement that is wrong.
 */
export type PostgresTrouble = 'away' | 'again' | 'refused' | 'full' | 'bug';

/** SQLSTATE (PostgreSQL's appendix A) by its first characters; the longest that fits counts. */
const bySqlState: Readonly<Record<string, PostgresTrouble>> = {
  '08': 'away',
  '40': 'again',
  '53': 'away',
  '53100': 'full',
  '55P03': 'again',
  '57': 'away',
  '58': 'away',
  XX: 'away',
  // A standby that has not been promoted yet, after a fail-over.
  '25006': 'away',
  '25P03': 'again',
  '28': 'refused',
  '3D': 'refused',
  '3F': 'refused',
  '42501': 'refused',
};

const mends: Readonly<Record<string, string>> = {
  '28': 'check user name and password in receiver.store, and the server’s pg_hba.conf',
  '3D': 'make the database: createdb',
  '3F': 'make the schema, or correct the search path',
  '42501': 'let this user make and write tables there',
};

export function postgresTrouble(error: unknown): PostgresTrouble {
  const state = sqlState(error);
  if (state !== null) return bySqlState[longest(state)] ?? 'bug';
  if (error instanceof AggregateError) return 'away';
  // Network errors bear a code of the system; what the client itself finds (a connection that ended, a time-out) bears none.
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    if (/^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(error.code)) return 'refused';
    return /^E[A-Z]+$/.test(error.code) ? 'away' : 'bug';
  }
  return error instanceof Error && /connection|timeout|timed out|closed/i.test(error.message) ? 'away' : 'bug';
}

/** @param name of the database, without credentials. */
export function postgresError(error: unknown, name: string): unknown {
  const trouble = postgresTrouble(error);
  const cause = { cause: error };
  if (error instanceof AgentError) return error;
  if (trouble === 'bug')
    return sqlState(error) === null ? error : new TypeError(`${name} refuses a statement: ${errorMessage(error)}`, cause);
  const why = firstMessage(error);
  if (trouble === 'full') return new AgentError('DISK_FULL', `the database ${name} has no room left on its disk; make some`, cause);
  if (trouble === 'refused') {
    const mend = mends[longest(sqlState(error) ?? '')] ?? 'check the certificate, and sslmode and sslrootcert in receiver.store.url';
    return new AgentError('STORE_FAILED', `the database ${name} refuses: ${why}; ${mend}`, cause);
  }
  const message = `the database ${name} does not answer (${why}); see that it runs and that this machine reaches it`;
  return new AgentError('STORE_FAILED', message, cause);
}

function sqlState(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string' && 'severity' in error)) return null;
  return error.code;
}

const longest = (state: string): string => [5, 2].map((length) => state.slice(0, length)).find((start) => start in bySqlState) ?? '';

/** Of several addresses tried in vain, the first. */
function firstMessage(error: unknown): string {
  return errorMessage(error instanceof AggregateError ? (error.errors[0] ?? error) : error);
}
