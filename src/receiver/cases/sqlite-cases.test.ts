import { systemClock } from '../../platform/clock.js';
import { openDurableDatabase } from '../../platform/sqlite.js';
import { testCaseStore } from '../../testing/case-store-suite.js';
import { makeTestFolder, silentLogger } from '../../testing/delivery-fixtures.js';
import { caseMigration, caseOfEvent, createSqliteCases } from './sqlite-cases.js';
import { createSqliteWebhooks } from './sqlite-webhooks.js';

testCaseStore('SQLite', async (rules) => {
  const folder = await makeTestFolder();
  const database = openDurableDatabase({
    path: folder.of('index.sqlite'),
    migrations: [caseMigration],
    clock: systemClock,
    logger: silentLogger(),
  });
  return {
    cases: createSqliteCases(database, rules),
    webhooks: createSqliteWebhooks(database),
    take: async (event, nowMs) => database.write((sql) => caseOfEvent(sql, rules, event, JSON.stringify(event), nowMs)),
    async [Symbol.asyncDispose]() {
      database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
});
