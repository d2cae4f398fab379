import { Argument, type Command, Option } from 'commander';
import type { LoadedConfig } from '../config/index.js';
import { nearest } from '../domain/option/nearest.js';
import { type CentreState, centreStates } from '../domain/wire/case-file.js';
import { AgentError } from '../platform/errors.js';
import { type CasesClient, createHttpCases } from './cases/client.js';
import { caseSheet, caseTable } from './cases/text.js';
import { addConfigOptions, type CommandContext, type ConfigOptions, createCommand, loadConfigFromFlags, numberBetween } from './context.js';

interface CasesOptions extends ConfigOptions {
  readonly url?: string;
  readonly json?: true;
}

/** What goes into the history. */
interface WordOptions extends CasesOptions {
  readonly note?: string;
  readonly by?: string;
}

interface ListOptions extends CasesOptions {
  readonly state?: string;
  readonly site?: string;
  readonly agent?: string;
  readonly camera?: readonly string[];
  readonly cameraId?: string;
  readonly type?: string;
  readonly since?: string;
  readonly limit: number;
}

/** Cases asked for in one request. */
const PAGE = 500;
const DEFAULT_LIMIT = 50;

/** `parapet cases`: what the centre made of events, and what becomes of it. */
export function createCasesCommand(context: CommandContext): Command {
  return createCommand(
    'cases',
    'Lists, shows, moves and holds the cases of a receiver: over its HTTP interface, or in its database while it does not run.',
    'parapet cases list -c centre.yaml --state new\nparapet cases move 01KJM3QZ80T7V9C2M4N6P8R0S2 accepted -c centre.yaml --note "seen on site"',
  )
    .addCommand(createListCommand(context))
    .addCommand(createShowCommand(context))
    .addCommand(createMoveCommand(context))
    .addCommand(createHoldCommand(context))
    .addCommand(createReleaseCommand(context));
}

function withCentre(command: Command): Command {
  return addConfigOptions(command)
    .option('--url <url>', 'the receiver, such as https://centre.example/parapet; its token is receiver.http.token')
    .option('--json', 'JSON for programs, one object a line');
}

function createListCommand(context: CommandContext): Command {
  const command = createCommand(
    'list',
    'Lists cases, the newest first.',
    'parapet cases list -c centre.yaml --state new,accepted --since 2026-03-01',
  );
  return withCentre(command)
    .option('--state <states>', `only these, parted by commas: ${centreStates.join(', ')}`)
    .option('--site <name>', 'only of this site')
    .option('--agent <name>', 'only of this agent')
    .option('--camera-id <name>', 'only of this camera')
    .option('--type <type>', 'only of this type, such as thrown_object')
    .option('--since <time>', 'only those that changed since, such as 2026-03-01 or 2026-03-01T07:00:00Z')
    .addOption(new Option('--limit <n>', 'how many at most').argParser(numberBetween(1, 100_000)).default(DEFAULT_LIMIT))
    .action((options: ListOptions) => list(context, options));
}

async function list(context: CommandContext, options: ListOptions): Promise<void> {
  checkStates(options.state);
  await using client = await openClient(context, options);
  const { state, site, agent, cameraId: camera, type, since, limit } = options;
  const asked = { state, site, agent, camera, type, since: since === undefined ? undefined : instantOf(since) };
  const filter = Object.fromEntries(Object.entries(asked).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  const cases = [];
  let next: string | null = '';
  while (next !== null && cases.length < limit) {
    const page = await client.list({
      ...filter,
      limit: String(Math.min(PAGE, limit - cases.length)),
      ...(next === '' ? {} : { after: next }),
    });
    cases.push(...page.cases);
    next = page.next;
  }
  if (options.json === true) for (const one of cases) context.stdout.write(`${JSON.stringify(one)}\n`);
  else if (cases.length > 0) context.stdout.write(caseTable(cases));
  else context.stderr.write(`parapet: no cases${await mistypedType(type)}\n`);
  if (next !== null) context.stderr.write(`parapet: note: there are more; --limit ${limit * 10} shows more of them\n`);
}

/** @throws {AgentError} BAD_USAGE for what is no state of a case. */
function checkStates(states: string | undefined): void {
  for (const state of states?.split(',') ?? []) {
    if (centreStates.some((known) => known === state)) continue;
    const guess = nearest(state, centreStates);
    const mend = guess === null ? '' : `; did you mean '${guess}'?`;
    throw new AgentError('BAD_USAGE', `--state '${state}': expected some of ${centreStates.join(', ')}, parted by commas${mend}`);
  }
}

/** Nothing is found of a type that is spelt wrongly, either; an agent of another version may have types that are not known here. */
async function mistypedType(type: string | undefined): Promise<string> {
  if (type === undefined) return '';
  const { ruleTypes } = await import('../rules/registry.js');
  const known = Object.keys(ruleTypes);
  if (known.includes(type)) return '';
  const guess = nearest(type, known);
  return `; no rule here is of the type '${type}'${guess === null ? '' : `: did you mean '${guess}'?`}`;
}

function createShowCommand(context: CommandContext): Command {
  return withCentre(
    createCommand(
      'show <id>',
      'Shows a case with its history and evidence.',
      'parapet cases show 01KJM3QZ80T7V9C2M4N6P8R0S2 -c centre.yaml',
    ),
  ).action(async (id: string, options: CasesOptions) => {
    await using client = await openClient(context, options);
    const file = await client.show(id);
    if (options.json === true) return void context.stdout.write(`${JSON.stringify(file)}\n`);
    const places = new Map<string, string>();
    for (const { id: evidence, status } of file.evidence) {
      if (status === 'verified') places.set(evidence, await client.locate(id, evidence));
    }
    context.stdout.write(caseSheet(file, places));
  });
}

function createMoveCommand(context: CommandContext): Command {
  const command = createCommand(
    'move <id>',
    'Moves a case to another state. Its agent and the webhooks are told.',
    'parapet cases move 01KJM3QZ80T7V9C2M4N6P8R0S2 false_alarm -c centre.yaml --by anna --note "a bird"',
  );
  return withWord(withCentre(command).addArgument(new Argument('<state>', 'the new state').choices(centreStates))).action(
    async (id: string, state: CentreState, options: WordOptions) => {
      await using client = await openClient(context, options);
      const moved = await client.move(id, { state, ...wordOf(context, options) });
      const next = moved.moves.length === 0 ? '' : `; it may become ${moved.moves.join(' or ')}`;
      context.stdout.write(options.json === true ? `${JSON.stringify(moved)}\n` : `case ${moved.id} is ${moved.state}${next}\n`);
    },
  );
}

function createHoldCommand(context: CommandContext): Command {
  const command = createCommand(
    'hold <id>',
    'Has the agent keep the evidence of a case whatever becomes of it, as a court or the law may want; release lets it go again.',
    'parapet cases hold 01KJM3QZ80T7V9C2M4N6P8R0S2 -c centre.yaml --by anna --note "court order 12/2026"',
  );
  return withWord(withCentre(command)).action(async (id: string, options: WordOptions) => {
    await hold(context, id, true, options, 'is held: its evidence stays at the agent whatever becomes of it');
  });
}

function createReleaseCommand(context: CommandContext): Command {
  const command = createCommand(
    'release <id>',
    'Lets go of the evidence of a case that was held: from then on it stays at the agent as long as that of any other.',
    'parapet cases release 01KJM3QZ80T7V9C2M4N6P8R0S2 -c centre.yaml --by anna',
  );
  return withWord(withCentre(command)).action(async (id: string, options: WordOptions) => {
    await hold(context, id, false, options, 'is not held: its evidence stays at the agent as long as that of any other');
  });
}

async function hold(context: CommandContext, id: string, held: boolean, options: WordOptions, outcome: string): Promise<void> {
  await using client = await openClient(context, options);
  const changed = await client.hold(id, { hold: held, ...wordOf(context, options) });
  context.stdout.write(options.json === true ? `${JSON.stringify(changed)}\n` : `case ${changed.id} ${outcome}\n`);
}

function withWord(command: Command): Command {
  return command.option('--note <text>', 'why, for the history').option('--by <name>', 'who says so; default: the user of this machine');
}

const wordOf = (context: CommandContext, { note, by }: WordOptions): { readonly note: string | null; readonly by: string } => ({
  note: note ?? null,
  by: by ?? context.env['USER'] ?? 'parapet cases',
});

/** Over HTTP where the config or a flag says where; in the database where it does not, or where nobody listens. */
async function openClient(context: CommandContext, options: CasesOptions): Promise<CasesClient> {
  const set = ['agent=receiver', ...(options.set ?? [])];
  const loaded = loadConfigFromFlags(context, { ...options, set });
  const { listen, token } = loaded.config.receiver.http;
  const url = options.url ?? (listen === null ? null : `http://${listen}`);
  if (url === null) return openStored(context, loaded);
  if (token === null) {
    const how = 'set receiver.http.token in the config, or PARAPET_RECEIVER__HTTP__TOKEN in the environment (file:/path reads a file)';
    throw new AgentError('CENTRE_REFUSED', `${url}: there is no token to show; ${how}`);
  }
  const client = createHttpCases(url.replace(/\/+$/, ''), token, context.signal);
  return options.url === undefined ? orStored(client, context, loaded) : client;
}

async function openStored(context: CommandContext, loaded: LoadedConfig): Promise<CasesClient> {
  // Loaded here because only this needs a database.
  const { openStoredCases } = await import('./shared/centre-from-config.js');
  return openStoredCases(context, loaded);
}

/** A receiver that does not run leaves its database to us. */
async function orStored(client: CasesClient, context: CommandContext, loaded: LoadedConfig): Promise<CasesClient> {
  try {
    await client.list({ limit: '1' });
    return client;
  } catch (error) {
    if (!(error instanceof AgentError && error.code === 'CENTRE_UNREACHABLE')) throw error;
    context.stderr.write(`parapet: note: ${error.message}; reading its database instead\n`);
    return openStored(context, loaded);
  }
}

/** A day or a moment, as ISO 8601 has it. */
function instantOf(text: string): string {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new AgentError('BAD_USAGE', `--since ${text}: expected a day or a time such as 2026-03-01 or 2026-03-01T07:00:00Z`);
  return new Date(ms).toISOString();
}
