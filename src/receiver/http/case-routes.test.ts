import { ulid } from 'ulid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CaseFileMessage, type CaseMessage, caseFileSchema, caseSchema } from '../../domain/wire/case-file.js';
import { describeCentreDatabases } from '../../testing/centre-databases.js';
import { type Answer, type CentreRig, DISPATCH, LOOKER, MAIN, startCentreRig } from '../../testing/centre-rig.js';
import { noise } from '../../testing/delivery-fixtures.js';

describeCentreDatabases('cases over HTTP', (databases) => {
  let rig: CentreRig;
  beforeEach(async () => {
    rig = await startCentreRig(databases);
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  it('lists cases by page and by what is rig.asked, within what a token may see', async () => {
    const ids = [await rig.opened(), await rig.opened(), await rig.opened('elsewhere')];
    const seen: string[] = [];
    for (let path: string | null = '/cases?limit=2'; path !== null; ) {
      const { cases: page, next }: { cases: CaseMessage[]; next: string | null } = (await rig.ask(path)).json();
      for (const one of page) seen.push(caseSchema.parse(one).id);
      path = next === null ? null : `/cases?limit=2&after=${next}`;
    }
    expect(seen.sort()).toEqual(ids.toSorted());
    const count = async (query: string, token = MAIN): Promise<number> =>
      (await rig.ask(`/cases?${query}`, { token })).json<{ cases: unknown[] }>().cases.length;
    expect(await count('site=elsewhere')).toBe(1);
    expect(await count('site=elsewhere', LOOKER)).toBe(0);
    expect(await count('', LOOKER)).toBe(2);
    await rig.move(ids[0] ?? '', { state: 'accepted' });
    expect(await count('state=accepted,filed')).toBe(1);
    expect(await count('state=new')).toBe(2);
    expect(await count('type=thrown_object&camera=tower&agent=box')).toBe(3);
    expect(await count(`since=${new Date(Date.now() + 60_000).toISOString()}`)).toBe(0);
    const [one] = (await rig.ask('/cases?state=accepted')).json<{ cases: CaseMessage[] }>().cases;
    expect(one?.place).toEqual({ type: 'Point', coordinates: [106.55, 29.56] });
  });

  it.each([
    ['sate=new', "sate: unknown; did you mean 'state'?"],
    ['state=open', 'state[0]: expected one of "new"|'],
    ['limit=0', '>=1'],
    ['limit=1e9', '<=500'],
    ['after=%27%20OR%201%3D1', 'give the `next` of the page before'],
    ['since=yesterday', 'since'],
    ['state=new&state=filed', 'several parted by commas'],
  ])('refuses ?%s', async (query, says) => {
    const answer = await rig.ask(`/cases?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json<{ detail: string }>().detail).toContain(says);
  });

  it('shows a case with its history, evidence and event, and moves it', async () => {
    const id = await rig.opened();
    const evidence = await rig.keepFile(id, noise(10, 'a'));
    const moved = await rig.move(id, { state: 'accepted', note: 'seen on site', by: 'anna' });
    expect([moved.status, moved.json<CaseMessage>().state]).toEqual([200, 'accepted']);
    expect((await rig.move(id, { state: 'filed' }, DISPATCH)).status).toBe(200);
    expect((await rig.move(id, { state: 'dispatched', by: 'bob', from: 'filed' }, DISPATCH)).status).toBe(200);
    const file: CaseFileMessage = caseFileSchema.parse((await rig.ask(`/cases/${id}`)).json());
    expect(file.history.map(({ to, by, note }) => [to, by, note])).toEqual([
      ['new', 'agent:estate/box', null],
      ['accepted', 'anna', 'seen on site'],
      ['filed', 'dispatch', null],
      ['dispatched', 'dispatch/bob', null],
    ]);
    expect(file.evidence).toEqual([
      { id: evidence, kind: 'clip', media_type: 'video/mp4', bytes: 10, sha256: 'a'.repeat(64), status: 'verified' },
    ]);
    expect(file.event).toMatchObject({ id, schema: 'parapet/event/v1' });
    expect(file.moves).toEqual(['solved', 'false_alarm']);
  });

  it('holds the evidence of a case and lets it go, and says so in its history', async () => {
    const id = await rig.opened();
    const hold = (order: object, token = MAIN, of = id): Promise<Answer> =>
      rig.ask(`/cases/${of}/hold`, { method: 'POST', token, body: JSON.stringify(order) });
    const detail = async (answer: Promise<Answer>): Promise<readonly [number, string]> => [
      (await answer).status,
      (await answer).json<{ detail: string }>().detail,
    ];
    expect(await detail(hold({ hold: true }))).toEqual([409, expect.stringContaining('accept it first')]);
    await rig.move(id, { state: 'accepted' });
    expect(await detail(hold({ hold: true }, LOOKER))).toEqual([403, 'this token may look, not hold evidence']);
    expect((await hold({ hold: true }, DISPATCH, await rig.opened('elsewhere'))).status).toBe(404);
    expect(await detail(hold({ hold: 'yes' }))).toEqual([400, expect.stringContaining('hold')]);
    expect((await hold({ hold: true, note: 'court order 12/2026', by: 'bob' }, DISPATCH)).json<CaseMessage>().hold).toBe(true);
    expect((await hold({ hold: false })).json<CaseMessage>()).toMatchObject({ hold: false, state: 'accepted' });
    const { history } = caseFileSchema.parse((await rig.ask(`/cases/${id}`)).json());
    expect(history.slice(2).map(({ to, hold: said, by, note }) => [to, said, by, note])).toEqual([
      ['accepted', true, 'dispatch/bob', 'court order 12/2026'],
      ['accepted', false, 'http', null],
    ]);
  });

  it('refuses moves with a reason, and changes nothing', async () => {
    const id = await rig.opened();
    const other = await rig.opened('elsewhere');
    const at = (path: string): string => `/cases/${path}/state`;
    const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> =>
      rig.ask(path, { method: 'POST', body, headers });
    for (const [answer, status, says] of [
      [await rig.move(id, { state: 'closed' }), 409, 'cannot become closed; it can become accepted'],
      [await rig.move(id, { state: 'accepted', from: 'filed' }), 409, 'is new by now'],
      [await rig.move(id, { state: 'accepted' }, LOOKER), 403, 'may look'],
      [await rig.move(other, { state: 'accepted' }, DISPATCH), 404, `there is no case ${other}`],
      [await rig.move(ulid(), { state: 'accepted' }), 404, 'there is no case 0'],
      [await rig.move('..%2f..%2fetc', { state: 'accepted' }), 404, 'no such case'],
      [await rig.move(id, { state: 'done' }), 400, 'state'],
      [await rig.move(id, { state: 'accepted', stat: 1 }), 400, 'stat'],
      [await rig.move(id, { state: 'accepted', by: 'x'.repeat(101) }), 400, 'by'],
      [await post(at(id), '{'), 400, 'not JSON'],
      [await post(at(id), '[]'), 400, 'expected object'],
      [await post(at(id), 'state=accepted', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'application/json'],
      [await post(at(id), '{}', { 'content-type': 'text/plain' }), 415, 'application/json'],
      [await post(at(id), JSON.stringify({ state: 'accepted', note: 'x'.repeat(20_000) })), 413, '16384'],
      [await rig.ask(at(id)), 405, 'POST'],
      [await rig.ask(`/cases/${id}`, { method: 'DELETE' }), 405, 'GET, HEAD'],
      [await rig.ask('/nothing'), 404, 'nothing here'],
      [await rig.ask('/cases/'), 404, 'no such case'],
      [await rig.ask('//etc/passwd'), 404, 'nothing here'],
    ] as const) {
      expect([answer.status, answer.json<{ detail: string }>().detail]).toEqual([status, expect.stringContaining(says)]);
    }
    expect(await rig.cases.history(id)).toHaveLength(1);
  });
});
