import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import { buildEvent } from '../../domain/event.js';
import { testCaseStore } from '../../testing/case-store-suite.js';
import { describeCentreDatabases } from '../../testing/centre-databases.js';
import { makeIncident } from '../../testing/delivery-fixtures.js';
import { migrations } from '../schema.js';
import { createPlainCaseRules } from './case-rules.js';
import { caseOfEvent, createCentreCases } from './centre-cases.js';
import { createCentreWebhooks } from './centre-webhooks.js';

describeCentreDatabases('cases', (databases) => {
  testCaseStore(databases.kind, async (rules) => {
    const database = await databases.at(await databases.place(), migrations);
    return {
      cases: createCentreCases(database, rules),
      webhooks: createCentreWebhooks(database),
      take: (event, nowMs) => database.write((sql) => caseOfEvent(sql, rules, event, JSON.stringify(event), nowMs)),
    };
  });

  it('are moved once when two people move them in the same moment', async () => {
    const place = await databases.place();
    const rules = createPlainCaseRules();
    const first = await databases.at(place, migrations);
    // Two receivers where the database lets two in.
    const second = first.shared ? await databases.at(place, migrations) : first;
    const event = buildEvent(makeIncident({ id: ulid() }), { site: 'estate', agent: 'box' }, 1, []);
    await Promise.all(
      [first, second].map((database) => database.write((sql) => caseOfEvent(sql, rules, event, JSON.stringify(event), 1_000))),
    );
    const stores = [createCentreCases(first, rules), createCentreCases(second, rules)] as const;
    const word = { note: null, atMs: 2_000 };
    const results = await Promise.allSettled(
      stores.flatMap((cases, i) => [
        cases.move(event.id, 'accepted', { ...word, by: `a${i}` }),
        cases.move(event.id, 'false_alarm', { ...word, by: `b${i}`, from: 'new' }),
      ]),
    );
    const history = await stores[0].history(event.id);
    expect(history.map(({ number }) => number)).toEqual(history.map((_, i) => i + 1));
    expect(history.slice(1).map(({ from }) => from)).toEqual(history.slice(0, -1).map(({ to }) => to));
    expect(results.filter(({ status }) => status === 'rejected').length).toBeLessThan(4);
    const [lent, none] = [await stores[0].untold(10_000, 20_000, 10), await stores[1].untold(10_000, 20_000, 10)];
    expect(lent).toHaveLength(history.length - 1);
    expect(none).toEqual([]);
  });
});
