import fc from 'fast-check';
import { ulid } from 'ulid';
import { beforeEach, describe, expect, it } from 'vitest';
import { buildEvent } from '../domain/event.js';
import type { Incident } from '../domain/incident.js';
import { type CentreState, caseNoticeSchema, caseSchema, centreStates } from '../domain/wire/case-file.js';
import type { EventMessage } from '../domain/wire/event.js';
import { caseMoves } from '../receiver/cases/case-moves.js';
import { createCaseRules } from '../receiver/cases/case-rules.js';
import type { CaseRules, CaseStore, WebhookQueue } from '../receiver/cases/case-store.js';
import { createCaseView } from '../receiver/cases/case-view.js';
import { createCategoryTable } from '../receiver/categories/category-table.js';
import { makeIncident } from './delivery-fixtures.js';

/** A store under test, fresh. */
export interface CaseStoreBench {
  readonly cases: CaseStore;
  readonly webhooks: WebhookQueue;
  /** Stores an event as the receiver does, at a time, UTC milliseconds since 1970. */
  take(event: EventMessage, nowMs: number): Promise<void>;
}

const suiteWebhooks = ['https://one.example/cases', 'https://two.example/cases'] as const;

const categories = createCategoryTable({
  version: 1,
  name: null,
  categories: [
    { type: 'thrown_object', labels: null, severity: 'critical', code: '0102', name: 'exposed rubbish' },
    { type: 'thrown_object', labels: null, severity: null, code: '0103', name: null },
  ],
});
const view = createCaseView(categories, ({ camera }) =>
  camera === 'tower' ? { of: 'estate/box/tower', longitudeDeg: 106.55, latitudeDeg: 29.56, address: 'Jialing Road 1' } : null,
);
const atMs = Date.UTC(2026, 2, 1, 8);
const by = { by: 'anna', note: null } as const;

/** What every store of cases must do. @param open makes a fresh one that goes by the rules given. */
export function testCaseStore(name: string, open: (rules: CaseRules) => Promise<CaseStoreBench>): void {
  describe(`cases in ${name}`, () => {
    let bench: CaseStoreBench;
    let seq: number;
    beforeEach(async () => {
      seq = 0;
      bench = await open(createCaseRules({ open: 'confirmed', categories, view, webhooks: suiteWebhooks }));
    });

    const event = (differ: Partial<Incident> = {}, agent = 'box'): EventMessage =>
      buildEvent(makeIncident(differ), { site: 'estate', agent }, ++seq, []);
    async function opened(differ: Partial<Incident> = {}, nowMs = atMs, agent = 'box'): Promise<string> {
      const message = event(differ, agent);
      await bench.take(message, nowMs);
      return message.id;
    }
    async function walk(id: string, ...states: readonly CentreState[]): Promise<void> {
      for (const to of states) await bench.cases.move(id, to, { ...by, atMs: atMs + 1_000 });
    }

    it('opens one of a confirmed event, once, with its code, and says so to each webhook', async () => {
      const message = event();
      await bench.take(message, atMs);
      await bench.take(message, atMs + 5);
      const record = await bench.cases.get(message.id);
      expect(record).toEqual({
        eventId: message.id,
        site: 'estate',
        agent: 'box',
        camera: 'tower',
        type: 'thrown_object',
        severity: 'critical',
        verdict: 'confirmed',
        state: 'new',
        category: '0102',
        openedAtMs: atMs,
        changedAtMs: atMs,
        lastEvent: JSON.stringify(message),
        hold: null,
      });
      expect(await bench.cases.history(message.id)).toEqual([
        { eventId: message.id, number: 1, from: null, to: 'new', atMs, by: 'agent:estate/box', note: null, evidence: null, hold: null },
      ]);
      for (const url of suiteWebhooks) {
        const [notice, ...more] = await bench.webhooks.due(url, atMs, atMs, 10);
        expect(more).toEqual([]);
        expect(notice).toMatchObject({ url, key: `${message.id}-1`, createdAtMs: atMs, failures: 0 });
        const { data, ...envelope } = caseNoticeSchema.parse(JSON.parse(notice?.body ?? ''));
        expect(envelope).toMatchObject({ type: 'parapet.case.opened', source: '/parapet/estate/box', subject: message.id });
        expect(data.case).toMatchObject({
          state: 'new',
          category: { code: '0102', name: 'exposed rubbish' },
          place: { type: 'Point', coordinates: [106.55, 29.56] },
        });
      }
      expect(await bench.cases.untold(atMs * 2, atMs * 2, 10)).toEqual([]);
    });

    it('opens none of a suspected event, and one as soon as it is confirmed', async () => {
      const id = ulid();
      await opened({ id, verdict: 'suspected' });
      expect(await bench.cases.get(id)).toBeNull();
      await opened({ id, phase: 'update' });
      expect(await bench.cases.get(id)).toMatchObject({ state: 'new', verdict: 'confirmed' });
    });

    it('follows its event by number, and keeps a code that somebody has accepted', async () => {
      const id = ulid();
      const late = event({ id });
      await opened({ id });
      await opened({ id, phase: 'update', severity: 'warning' });
      await bench.take(late, atMs);
      expect(await bench.cases.get(id)).toMatchObject({ severity: 'warning', category: '0103' });
      await walk(id, 'accepted');
      await opened({ id, phase: 'end', severity: 'critical', endedAtMs: atMs });
      const record = await bench.cases.get(id);
      expect(record).toMatchObject({ severity: 'critical', category: '0103', state: 'accepted', openedAtMs: atMs });
      expect(JSON.parse(record?.lastEvent ?? '')).toMatchObject({ phase: 'end', seq: 4 });
      expect(await bench.cases.history(id)).toHaveLength(2);
    });

    it('takes nothing on a case from another agent or camera', async () => {
      const id = await opened();
      await opened({ id, severity: 'info' }, atMs, 'other');
      await opened({ id, severity: 'info', cameraId: 'gate' });
      expect(await bench.cases.get(id)).toMatchObject({ agent: 'box', camera: 'tower', severity: 'critical' });
    });

    it('moves, tells agent and webhooks of each move, and of a repeat nothing', async () => {
      const id = await opened();
      const accepted = await bench.cases.move(id, 'accepted', { by: 'anna', note: 'real', atMs: atMs + 10 });
      expect(accepted).toMatchObject({ state: 'accepted', changedAtMs: atMs + 10 });
      expect(await bench.cases.move(id, 'accepted', { ...by, atMs: atMs + 20 })).toEqual(accepted);
      await bench.cases.move(id, 'filed', { ...by, atMs: atMs + 30 });
      expect((await bench.cases.history(id)).map(({ number, from, to, note }) => [number, from, to, note])).toEqual([
        [1, null, 'new', null],
        [2, 'new', 'accepted', 'real'],
        [3, 'accepted', 'filed', null],
      ]);
      const untold = await bench.cases.untold(atMs + 50, atMs + 1_000, 10);
      expect(untold).toEqual([
        { site: 'estate', agent: 'box', eventId: id, number: 2, to: 'accepted', atMs: atMs + 10, hold: null },
        { site: 'estate', agent: 'box', eventId: id, number: 3, to: 'filed', atMs: atMs + 30, hold: null },
      ]);
      expect(await bench.cases.untold(atMs + 999, atMs + 2_000, 10)).toEqual([]);
      await bench.cases.putOff({ eventId: id, number: 2 }, atMs + 3_000);
      // The second of the case waits for the first.
      expect(await bench.cases.untold(atMs + 2_999, atMs + 3_000, 10)).toEqual([]);
      await bench.cases.told({ eventId: id, number: 2 });
      expect((await bench.cases.untold(atMs + 3_000, atMs + 4_000, 10)).map(({ number }) => number)).toEqual([3]);
      const due = await bench.webhooks.due(suiteWebhooks[0], atMs + 30, atMs, 10);
      expect(due.map(({ key }) => key)).toEqual([`${id}-1`, `${id}-2`, `${id}-3`]);
      expect(JSON.parse(due[1]?.body ?? '')).toMatchObject({
        type: 'parapet.case.moved',
        data: {
          case: { state: 'accepted', moves: ['filed', 'false_alarm'] },
          change: { number: 2, from: 'new', to: 'accepted', by: 'anna', note: 'real' },
        },
      });
      expect(await bench.cases.counts()).toEqual({ filed: 1 });
    });

    it('holds evidence and lets it go, tells the agent with the state, and webhooks nothing', async () => {
      const id = await opened();
      const word = { by: 'anna', note: 'court order', atMs };
      await expect(bench.cases.hold(id, true, word)).rejects.toMatchObject({
        code: 'CASE_NOT_MOVED',
        message: expect.stringContaining('accept it first'),
      });
      await expect(bench.cases.hold(ulid(), true, word)).rejects.toMatchObject({ code: 'CASE_UNKNOWN' });
      await walk(id, 'accepted');
      for (const { number } of await bench.cases.untold(atMs * 2, atMs * 2, 10)) await bench.cases.told({ eventId: id, number });
      // Nothing was held, so nothing is let go.
      expect(await bench.cases.hold(id, false, word)).toMatchObject({ hold: null });
      const held = await bench.cases.hold(id, true, { ...word, atMs: atMs + 2_000 });
      expect(held).toMatchObject({ state: 'accepted', hold: true, changedAtMs: atMs + 2_000 });
      expect(await bench.cases.hold(id, true, { ...word, atMs: atMs + 3_000 })).toEqual(held);
      // Within a millisecond: the agent takes the later word.
      expect(await bench.cases.move(id, 'filed', { ...by, atMs: atMs + 2_000 })).toMatchObject({ hold: true, changedAtMs: atMs + 2_001 });
      const untold = async () => (await bench.cases.untold(atMs * 2, atMs * 2, 10)).map(({ number, to, hold }) => [number, to, hold]);
      expect(await untold()).toEqual([
        [3, 'accepted', true],
        [4, 'filed', true],
      ]);
      for (const number of [3, 4]) await bench.cases.told({ eventId: id, number });
      await bench.cases.hold(id, false, { ...by, atMs: atMs + 4_000 });
      expect(await untold()).toEqual([[5, 'filed', false]]);
      expect((await bench.cases.history(id)).map(({ from, to, hold, note }) => [from, to, hold, note])).toEqual([
        [null, 'new', null, null],
        ['new', 'accepted', null, null],
        ['accepted', 'accepted', true, 'court order'],
        ['accepted', 'filed', null, null],
        ['filed', 'filed', false, null],
      ]);
      expect(await bench.webhooks.waiting()).toEqual(new Map(suiteWebhooks.map((url) => [url, 3])));
      expect(view.case((await bench.cases.get(id)) ?? held)).toMatchObject({ hold: false });
    });

    it('is later with every move, whatever the clock does', async () => {
      const id = await opened();
      for (const [to, ms] of [
        ['accepted', atMs],
        ['filed', atMs - 60_000],
        ['dispatched', atMs + 0.6],
      ] as const)
        await bench.cases.move(id, to, { ...by, atMs: ms });
      expect((await bench.cases.history(id)).map((change) => change.atMs - atMs)).toEqual([0, 1, 2, 3]);
    });

    it('refuses moves that are not allowed, from a state that is past, and of cases that are none, and changes nothing', async () => {
      const id = await opened();
      const word = { ...by, atMs };
      await expect(bench.cases.move(id, 'solved', word)).rejects.toMatchObject({
        code: 'CASE_NOT_MOVED',
        message: expect.stringContaining('can become accepted'),
      });
      await walk(id, 'accepted', 'filed');
      await expect(bench.cases.move(id, 'dispatched', { ...word, from: 'accepted' })).rejects.toMatchObject({
        code: 'CASE_NOT_MOVED',
        message: expect.stringContaining('is filed by now, not accepted'),
      });
      await expect(bench.cases.move(ulid(), 'accepted', word)).rejects.toMatchObject({ code: 'CASE_UNKNOWN' });
      await expect(bench.cases.note(ulid(), word)).rejects.toMatchObject({ code: 'CASE_UNKNOWN' });
      expect(await bench.cases.get(id)).toMatchObject({ state: 'filed' });
      expect(await bench.cases.history(id)).toHaveLength(3);
    });

    it('notes what is said once, by its reference', async () => {
      const id = await opened();
      const word = { by: 'agent:estate/box', note: 'cannot tell', atMs, evidence: ulid(), reference: 'inspection 1' };
      await bench.cases.note(id, word);
      await bench.cases.note(id, word);
      await bench.cases.move(id, 'accepted', { ...word, reference: 'inspection 1' });
      await bench.cases.note(id, { ...word, reference: 'inspection 2' });
      const history = await bench.cases.history(id);
      expect(history.map(({ from, to }) => [from, to])).toEqual([
        [null, 'new'],
        ['new', 'new'],
        ['new', 'new'],
      ]);
      expect(history[1]).toMatchObject({ note: 'cannot tell', evidence: word.evidence });
      expect(await bench.webhooks.waiting()).toEqual(new Map(suiteWebhooks.map((url) => [url, 1])));
      expect(await bench.cases.untold(atMs * 2, atMs * 2, 10)).toEqual([]);
    });

    it('takes exactly the moves of the table, in whatever order they are asked for', async () => {
      const asked = fc.array(fc.constantFrom(...centreStates), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(asked, async (states) => {
          const id = await opened();
          let state: CentreState = 'new';
          let moves = 0;
          for (const to of states) {
            const allowed = caseMoves[state].includes(to);
            const done = await bench.cases.move(id, to, { ...by, atMs }).then(
              (record) => record.state,
              (error: { code: string }) => error.code,
            );
            expect(done).toBe(allowed || to === state ? to : 'CASE_NOT_MOVED');
            if (allowed) moves++;
            if (allowed) state = to;
          }
          const history = await bench.cases.history(id);
          expect(history).toHaveLength(moves + 1);
          expect(history.map(({ number }) => number)).toEqual(history.map((_, i) => i + 1));
          expect(history.slice(1).map(({ from }) => from)).toEqual(history.slice(0, -1).map(({ to }) => to));
          expect((await bench.cases.get(id))?.state).toBe(history.at(-1)?.to);
        }),
        { numRuns: 25 },
      );
    });

    it('lists by page and by what is asked, newest first', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 7; i++) {
        // Two in each millisecond.
        ids.push(await opened({ cameraId: i % 3 === 0 ? 'gate' : 'tower' }, atMs + Math.floor(i / 2), i < 5 ? 'box' : 'mast'));
      }
      const newest = (await bench.cases.list({}, 100, null)).map(({ eventId }) => eventId);
      expect(newest).toHaveLength(7);
      const paged: string[] = [];
      for (let after: Parameters<CaseStore['list']>[2] = null; ; ) {
        const page = await bench.cases.list({}, 2, after);
        paged.push(...page.map(({ eventId }) => eventId));
        const last = page.at(-1);
        if (last === undefined) break;
        after = { openedAtMs: last.openedAtMs, eventId: last.eventId };
      }
      expect(paged).toEqual(newest);
      expect(newest[0]).toBe(ids[6]);
      const count = async (filter: Parameters<CaseStore['list']>[0]): Promise<number> => (await bench.cases.list(filter, 100, null)).length;
      await bench.cases.move(ids[0] ?? '', 'accepted', { ...by, atMs: atMs + 50 });
      expect(await count({ camera: 'gate' })).toBe(3);
      expect(await count({ agent: 'mast' })).toBe(2);
      expect(await count({ camera: 'gate', agent: 'mast' })).toBe(1);
      expect(await count({ states: ['accepted', 'filed'] })).toBe(1);
      expect(await count({ states: [] })).toBe(0);
      expect(await count({ type: 'thrown_object', site: 'estate' })).toBe(7);
      expect(await count({ type: 'litter' })).toBe(0);
      expect(await count({ sites: ['elsewhere'] })).toBe(0);
      expect(await count({ sites: ['elsewhere', 'estate'] })).toBe(7);
      expect(await count({ sinceMs: atMs + 50 })).toBe(1);
      expect(await count({ site: "estate' OR 1=1 --" })).toBe(0);
      const [first] = await bench.cases.list({}, 1, null);
      if (first === undefined) throw new TypeError('there is a case');
      expect(() => caseSchema.parse(view.case(first))).not.toThrow();
    });

    it('lends notices, takes back those that failed, and forgets URLs that are not configured any more', async () => {
      const [url, other] = suiteWebhooks;
      await opened();
      await opened();
      const [first, second] = await bench.webhooks.due(url, atMs, atMs + 60_000, 10);
      expect(await bench.webhooks.due(url, atMs + 59_999, atMs + 60_000, 10)).toEqual([]);
      await bench.webhooks.done(first?.id ?? 0);
      await bench.webhooks.failed(second?.id ?? 0, atMs + 5_000, 'it answered 500');
      expect(await bench.webhooks.due(url, atMs + 4_999, atMs, 10)).toEqual([]);
      expect(await bench.webhooks.due(url, atMs + 5_000, atMs, 10)).toEqual([{ ...second, failures: 1 }]);
      // A lease that ran out: whoever had it has died.
      expect(await bench.webhooks.due(url, atMs + 60_001, atMs + 120_000, 10)).toHaveLength(1);
      expect(await bench.webhooks.waiting()).toEqual(
        new Map([
          [url, 1],
          [other, 2],
        ]),
      );
      expect(await bench.webhooks.forgetOthers([url])).toBe(2);
      expect(await bench.webhooks.waiting()).toEqual(new Map([[url, 1]]));
    });
  });
}
