import { z } from 'zod';
import { nearest } from '../../domain/option/nearest.js';
import { CASE_SCHEMA, type CaseFileMessage, type CaseMessage, centreStates } from '../../domain/wire/case-file.js';
import type { Clock } from '../../platform/clock.js';
import type { CaseEvidence, CaseFileOnDisk } from '../cases/case-evidence.js';
import type { CaseCursor, CaseFilter, CaseRecord, CaseStore } from '../cases/case-store.js';
import type { CaseView } from '../cases/case-view.js';
import { type Caller, maySee } from './bearer.js';
import { HttpProblem } from './problem.js';
import { parseInput } from './respond.js';

export interface CaseRoutesOptions {
  readonly cases: CaseStore;
  readonly evidence: CaseEvidence;
  readonly view: CaseView;
  readonly clock: Clock;
}

/** What may be asked of cases, each within what the caller may see. All throw HttpProblem, and AgentError when the store fails. */
export interface CaseRoutes {
  list(caller: Caller, query: URLSearchParams): Promise<{ readonly cases: readonly CaseMessage[]; readonly next: string | null }>;
  show(caller: Caller, id: string): Promise<CaseFileMessage>;
  move(caller: Caller, id: string, order: MoveOrder): Promise<CaseMessage>;
  hold(caller: Caller, id: string, order: HoldOrder): Promise<CaseMessage>;
  file(caller: Caller, id: string, evidence: string): Promise<CaseFileOnDisk>;
  /** The case, if it is one of the caller's. @throws {HttpProblem} 404: of a case that is another's nothing is told, not even that it is there. */
  find(caller: Caller, id: string): Promise<CaseRecord>;
}

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const name = z.string().min(1).max(200);
const DEFAULT_PAGE = 100;

/** The query of a list; text, as it comes. */
const querySchema = z.strictObject({
  state: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(centreStates)).max(20))
    .optional(),
  site: name.optional(),
  agent: name.optional(),
  camera: name.optional(),
  type: name.optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(DEFAULT_PAGE),
  after: z.string().max(100).optional(),
});

/** Who says something of a case, and why. */
const word = {
  note: z.string().trim().min(1).max(2_000).nullable().default(null),
  by: z.string().trim().min(1).max(100).optional(),
};

export const moveOrderSchema = z.strictObject({
  state: z.enum(centreStates),
  ...word,
  from: z.enum(centreStates).optional(),
});
export type MoveOrder = z.output<typeof moveOrderSchema>;

export const holdOrderSchema = z.strictObject({ hold: z.boolean(), ...word });
export type HoldOrder = z.output<typeof holdOrderSchema>;

export function createCaseRoutes({ cases, evidence, view, clock }: CaseRoutesOptions): CaseRoutes {
  async function find(caller: Caller, id: string): Promise<CaseRecord> {
    if (!ULID.test(id))
      throw new HttpProblem(404, 'there is no such case: an id is 26 digits and letters, such as 01KJM3QZ80T7V9C2M4N6P8R0S2');
    const record = await cases.get(id);
    if (record === null || !maySee(caller, record)) throw new HttpProblem(404, `there is no case ${id}`);
    return record;
  }

  return {
    find,
    async list(caller, query) {
      const { state, since, limit, after, ...names } = parseQuery(query);
      const filter: CaseFilter = {
        ...Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined)),
        ...(state === undefined ? {} : { states: state }),
        ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
        ...(caller.sites === null ? {} : { sites: caller.sites }),
      };
      const records = await cases.list(filter, limit, after === undefined ? null : parseCursor(after));
      const last = records.length < limit ? undefined : records.at(-1);
      return { cases: records.map((record) => view.case(record)), next: last === undefined ? null : formatCursor(last) };
    },
    async show(caller, id) {
      const record = await find(caller, id);
      const [history, files] = await Promise.all([cases.history(id), evidence.of(record)]);
      const event = JSON.parse(record.lastEvent) as Record<string, unknown>;
      return {
        ...view.case(record),
        schema: CASE_SCHEMA,
        history: history.map((change) => view.change(change)),
        evidence: [...files],
        event,
      };
    },
    async move(caller, id, { state, note, by, from }) {
      await find(caller, id);
      if (!caller.write) throw new HttpProblem(403, 'this token may look, not move cases');
      const said = { by: speaker(caller, by), note, atMs: clock.now() };
      return view.case(await cases.move(id, state, { ...said, ...(from === undefined ? {} : { from }) }));
    },
    async hold(caller, id, { hold, note, by }) {
      await find(caller, id);
      if (!caller.write) throw new HttpProblem(403, 'this token may look, not hold evidence');
      return view.case(await cases.hold(id, hold, { by: speaker(caller, by), note, atMs: clock.now() }));
    },
    async file(caller, id, evidenceId) {
      const record = await find(caller, id);
      const file = ULID.test(evidenceId) ? await evidence.file(record, evidenceId) : null;
      if (file === null) throw new HttpProblem(404, 'this case has no such evidence, or it has not come yet');
      return file;
    },
  };
}

/** Whoever has a token of his own cannot speak for another. */
function speaker(caller: Caller, by: string | undefined): string {
  return [caller.name, by].filter((part) => part !== null && part !== undefined).join('/') || 'http';
}

function parseQuery(query: URLSearchParams): z.output<typeof querySchema> {
  const known = Object.keys(querySchema.shape);
  const unknown = [...query.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const guess = nearest(unknown, known);
    throw new HttpProblem(
      400,
      `${unknown.slice(0, 40)}: unknown; ${guess === null ? `known: ${known.join(', ')}` : `did you mean '${guess}'?`}`,
    );
  }
  const twice = known.find((key) => query.getAll(key).length > 1);
  if (twice !== undefined) throw new HttpProblem(400, `${twice}: give it once${twice === 'state' ? ', several parted by commas' : ''}`);
  return parseInput(querySchema, Object.fromEntries(query));
}

function formatCursor({ openedAtMs, eventId }: CaseCursor): string {
  return `${openedAtMs}-${eventId}`;
}

function parseCursor(text: string): CaseCursor {
  const [, openedAtMs = '', eventId = ''] = /^(\d{1,16})-([0-9A-HJKMNP-TV-Z]{26})$/.exec(text) ?? [];
  if (eventId === '') throw new HttpProblem(400, 'after: give the `next` of the page before');
  return { openedAtMs: Number(openedAtMs), eventId };
}
