import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type LoadedConfig, loadDocument, type ResolvedConfig } from '../../config/index.js';
import { nearest } from '../../domain/option/nearest.js';
import { systemClock } from '../../platform/clock.js';
import { isInUse } from '../../platform/database/sqlite.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import { createSigner, type Signer } from '../../platform/proof/index.js';
import {
  type CaseRules,
  type CaseView,
  createCaseEvidence,
  createCaseRules,
  createCaseView,
  createCentreCases,
  createPlaceFinder,
  type WebhookTarget,
} from '../../receiver/cases/index.js';
import { type CategoryTable, categoryFileSchema, createCategoryTable, hiddenRows } from '../../receiver/categories/category-table.js';
import { type BearerToken, createCaseRoutes, HttpProblem } from '../../receiver/http/index.js';
import { createCentreDatabase, type ReceiverOptions } from '../../receiver/index.js';
import { ruleTypes } from '../../rules/registry.js';
import type { CasesClient } from '../cases/client.js';
import { type CommandContext, createCommandLogger, quietLogLevel } from '../context.js';

/** What the config says of cases. */
export interface CentreParts {
  readonly view: CaseView;
  readonly rules: CaseRules;
  readonly webhooks: readonly WebhookTarget[];
  readonly tokens: readonly BearerToken[];
  /** Signs commands to agents; `null`: the receiver has a key of its own. */
  readonly signer: Signer | null;
}

/** @throws {AgentError} for a table of codes or a key that cannot be used. */
export function centreParts(context: CommandContext, { receiver }: ResolvedConfig): CentreParts {
  const { http, places } = receiver;
  const categories = receiver.categories === null ? null : readCategories(context, receiver.categories);
  const findPlace = createPlaceFinder(
    places.map(({ of, longitude, latitude, address }) => ({ of, longitudeDeg: longitude, latitudeDeg: latitude, address })),
  );
  const view = createCaseView(categories, findPlace);
  const webhooks = receiver.webhooks.map(({ url, secret }) => ({ url, secret }));
  return {
    view,
    rules: createCaseRules({ open: receiver.cases, categories, view, webhooks: webhooks.map(({ url }) => url) }),
    webhooks,
    tokens: [...(http.token === null ? [] : [{ name: null, token: http.token, sites: null, write: true }]), ...http.tokens],
    signer: receiver.command_key === null ? null : readSigner(resolve(context.cwd, receiver.command_key)),
  };
}

/** Where the receiver of a config keeps what it knows, as `createReceiver` takes it. */
export function centreStore(context: CommandContext, { receiver }: ResolvedConfig): Pick<ReceiverOptions, 'dataDir' | 'store'> {
  const { url, ...store } = receiver.store;
  return { dataDir: resolve(context.cwd, receiver.data_dir), ...(url === null ? {} : { store: { ...store, url } }) };
}

/** Looking must not make an empty database. @throws {AgentError} where no receiver has been. */
export function expectCentre({ store, dataDir }: Pick<ReceiverOptions, 'dataDir' | 'store'>): void {
  if (store !== undefined || existsSync(join(dataDir, '.receiver'))) return;
  const how = 'name its config with -c, or, for its cases, its address with --url';
  throw new AgentError('CENTRE_UNREACHABLE', `${dataDir}: no receiver has kept anything here; ${how}`);
}

/**
 * Opens a database that its receiver must have left.
 *
 * @throws {AgentError} how to ask a receiver that runs on it.
 */
export async function openLeft(database: { open(): Promise<void> }, { dataDir }: Pick<ReceiverOptions, 'dataDir'>): Promise<void> {
  try {
    await database.open();
  } catch (error) {
    if (!(error instanceof AgentError) || !isInUse(error)) throw error;
    const mend = 'give it receiver.http.listen and a token, and it is asked while it runs (docs/cases.md#over-http); or end it first';
    throw new AgentError(error.code, `${dataDir}: a receiver runs on it; ${mend}`, { cause: error });
  }
}

/** Reads a city's codes, and warns of what is probably not meant. */
function readCategories(context: CommandContext, file: string): CategoryTable {
  const kind = {
    name: 'table of codes',
    given: 'in receiver.categories',
    expected: 'keys and values, such as \'categories: [{ type: thrown_object, code: "0102" }]\'',
  };
  const { value, locate } = loadDocument(categoryFileSchema, file, context.cwd, kind);
  const warn = (line: string): void => void context.stderr.write(`parapet: warning: ${line}\n`);
  const known = Object.keys(ruleTypes);
  for (const [i, { type }] of value.categories.entries()) {
    const guess = type === '*' || known.includes(type) ? null : nearest(type, known);
    if (guess !== null) warn(`${locate(['categories', i, 'type'])}categories[${i}].type: no such type here; did you mean '${guess}'?`);
  }
  for (const [hidden, by] of hiddenRows(value)) {
    warn(`${locate(['categories', hidden])}categories[${hidden}]: no event gets this far: categories[${by}] takes them all; put it first`);
  }
  return createCategoryTable(value);
}

function readSigner(path: string): Signer {
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is of type ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519`);
    return createSigner(key);
  } catch (error) {
    const message = `receiver.command_key ${path}: no key to sign with (${errorMessage(error)}); make one with openssl genpkey -algorithm ed25519`;
    throw new AgentError('KEY_INVALID', message, { cause: error });
  }
}

/**
 * The cases in the database of a receiver that does not run; one that shares PostgreSQL may.
 *
 * @throws {AgentError}
 */
export async function openStoredCases(context: CommandContext, loaded: LoadedConfig): Promise<CasesClient> {
  const { config } = loaded;
  const store = centreStore(context, config);
  expectCentre(store);
  const logger = createCommandLogger(context, quietLogLevel(loaded)).child({ component: 'cases' });
  const { rules, view } = centreParts(context, config);
  const database = createCentreDatabase({ ...store, clock: systemClock, logger });
  await openLeft(database, store);
  const routes = createCaseRoutes({
    cases: createCentreCases(database, rules),
    evidence: createCaseEvidence(database, store.dataDir),
    view,
    clock: systemClock,
  });
  const everything = { name: null, sites: null, write: true };
  return {
    list: (query) => asAgentError(routes.list(everything, new URLSearchParams(query))),
    show: (id) => asAgentError(routes.show(everything, id)),
    locate: async (id, evidence) => (await asAgentError(routes.file(everything, id, evidence))).path,
    move: (id, order) => asAgentError(routes.move(everything, id, order)),
    hold: (id, order) => asAgentError(routes.hold(everything, id, order)),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** What is a status to a program is a code to a person. */
async function asAgentError<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    throw new AgentError(error.status === 404 ? 'CASE_UNKNOWN' : 'BAD_USAGE', error.message, { cause: error });
  }
}
