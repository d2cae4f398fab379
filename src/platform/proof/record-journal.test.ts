import { appendFileSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestFolder, type TestFolder } from '../../testing/delivery-fixtures.js';
import { createRecordJournal } from './record-journal.js';

describe('the journal of records', () => {
  let folder: TestFolder;
  beforeEach(async () => {
    folder = await makeTestFolder();
  });
  afterEach(async () => {
    await folder[Symbol.asyncDispose]();
  });

  it('keeps lines, and knows the last', () => {
    const journal = createRecordJournal(folder.of('a', 'records.jsonl'));
    expect([journal.last(), journal.lines()]).toEqual([null, []]);
    journal.append(['one']);
    journal.append([]);
    journal.append(['two', 'three']);
    expect([journal.last(), journal.lines()]).toEqual(['three', ['one', 'two', 'three']]);
  });

  it.each([
    [[], 'x'],
    [['one'], 'tw'],
    [['one', 'y'.repeat(70_000)], 'z'],
  ])('cuts off a last line that a crash has torn (%#)', (whole, torn) => {
    const journal = createRecordJournal(folder.of('records.jsonl'));
    journal.append(whole);
    appendFileSync(journal.path, torn);
    expect(journal.last()?.slice(0, 10)).toBe(whole.at(-1)?.slice(0, 10));
    expect(journal.lines()).toEqual(whole);
    journal.append(['next']);
    expect(readFileSync(journal.path, 'utf8')).toBe([...whole, 'next', ''].join('\n'));
  });
});
