import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeCentreDatabases } from '../testing/centre-databases.js';
import type { CentreDatabase } from './database/index.js';
import { dueGaps, GAP_PATIENCE_MS, loseGap, noteSeq, openGaps } from './gaps.js';
import { migrations } from './schema.js';

const camera = { site: 'estate', agent: 'box', camera: 'tower' };
const NOW = 1_000_000;

describeCentreDatabases('gaps in the numbers of a camera', (databases) => {
  const fresh = async () => databases.at(await databases.place(), migrations);

  /** As the event sink does. */
  const take = (database: CentreDatabase, seq: number, nowMs = NOW, id = `event-${seq}`) =>
    database.write(async (sql) => {
      await sql.run(
        'INSERT INTO event (site, agent, camera, id, seq, payload, sha256, received_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
        ...[camera.site, camera.agent, camera.camera, id, seq, '{}', '', nowMs],
      );
      return noteSeq(sql, { ...camera, seq }, id, nowMs);
    });
  const open = async (database: CentreDatabase): Promise<[number, number][]> => {
    const gaps = await database.read((sql) => openGaps(sql, 1_000));
    return gaps.map(({ firstSeq, lastSeq }): [number, number] => [firstSeq, lastSeq]).sort(([a], [b]) => a - b);
  };
  const counts = (database: CentreDatabase) => database.read((sql) => sql.get('SELECT highest, missed, filled, lost FROM camera'));

  test.each<[string, number[], [number, number][]]>([
    ['none while all come in order', [5, 6, 7], []],
    ['one for what was skipped', [1, 5], [[2, 4]]],
    [
      'two when one comes from its middle',
      [1, 5, 3],
      [
        [2, 2],
        [4, 4],
      ],
    ],
    ['less when its first comes', [1, 5, 2], [[3, 4]]],
    ['none when all have come after all', [1, 5, 4, 2, 3], []],
    ['none before the first that ever came', [5, 3], []],
  ])('%s', async (_what, seqs, expected) => {
    const database = await fresh();
    for (const seq of seqs) await take(database, seq);
    expect(await open(database)).toEqual(expected);
  });

  test('are exactly what has not come, whatever the order, and however many receivers take', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 25 }), async (seqs) => {
        const place = await databases.place();
        const first = await databases.at(place, migrations);
        const others = first.shared ? [first, await databases.at(place, migrations)] : [first];
        const [start = 1] = seqs;
        await take(first, start);
        await Promise.all(seqs.slice(1).map((seq, i) => take(others[i % others.length] as CentreDatabase, seq)));
        const missing = Array.from({ length: Math.max(...seqs) - start }, (_, i) => start + 1 + i).filter((seq) => !seqs.includes(seq));
        const listed = (await open(first)).flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
        expect(listed).toEqual(missing);
      }),
      { numRuns: 10 },
    );
  });

  test('are asked for once, by one receiver, after a while, then less and less often', async () => {
    const database = await fresh();
    for (const seq of [1, 4]) await take(database, seq);
    const ask = (nowMs: number) => database.write((sql) => dueGaps(sql, nowMs, 10));
    expect(await ask(NOW + GAP_PATIENCE_MS - 1)).toEqual([]);
    const both = await Promise.all([ask(NOW + GAP_PATIENCE_MS), ask(NOW + GAP_PATIENCE_MS)]);
    expect(both.flat()).toMatchObject([{ ...camera, firstSeq: 2, lastSeq: 3, asks: 1 }]);
    expect(await ask(NOW + 2 * GAP_PATIENCE_MS)).toEqual([]);
    expect(await ask(NOW + 3 * GAP_PATIENCE_MS)).toMatchObject([{ asks: 2 }]);
    // Something came: the rest is asked for soon again.
    await take(database, 2, NOW + 4 * GAP_PATIENCE_MS);
    expect(await ask(NOW + 5 * GAP_PATIENCE_MS)).toMatchObject([{ firstSeq: 3, lastSeq: 3, asks: 1 }]);
  });

  test('are lost when the agent says so, once, and counted', async () => {
    const database = await fresh();
    for (const seq of [1, 10, 5]) await take(database, seq);
    const lose = (firstSeq: number, lastSeq: number) =>
      database.write((sql) => loseGap(sql, camera, { firstSeq, lastSeq, reason: 'forgotten', text: '{}' }, NOW));
    expect([await lose(1, 3), await lose(1, 3), await lose(4, 7)]).toEqual([2, 0, 3]);
    expect(await open(database)).toEqual([[8, 9]]);
    expect(await counts(database)).toEqual({ highest: 10, missed: 8, filled: 1, lost: 5 });
    expect(await database.read((sql) => sql.all('SELECT first_seq, last_seq, reason FROM lost_event ORDER BY first_seq'))).toEqual([
      { first_seq: 1, last_seq: 3, reason: 'forgotten' },
      { first_seq: 4, last_seq: 7, reason: 'forgotten' },
    ]);
  });

  test('may be as wide as numbers go, as often as a forger likes', async () => {
    const database = await fresh();
    for (let i = 0; i < 3; i++) {
      await take(database, 1, NOW, `first-${i}`);
      await take(database, Number.MAX_SAFE_INTEGER, NOW, `last-${i}`);
    }
    expect(await counts(database)).toMatchObject({ missed: Number.MAX_SAFE_INTEGER - 2, lost: Number.MAX_SAFE_INTEGER - 2 });
  });

  test('begin anew with an agent that counts from 1 again', async () => {
    const database = await fresh();
    for (const seq of [1, 2, 5]) await take(database, seq);
    expect(await take(database, 1, NOW, 'another')).toEqual({ kind: 'restarted', highest: 5 });
    expect(await open(database)).toEqual([]);
    expect(await take(database, 2, NOW, 'yet another')).toEqual({ kind: 'next' });
    expect(await counts(database)).toEqual({ highest: 2, missed: 2, filled: 0, lost: 2 });
  });
});
