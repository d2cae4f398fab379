import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadDocument } from '../config/index.js';
import { categoryFileSchema, createCategoryTable, hiddenRows } from '../receiver/categories/category-table.js';
import { makeTestFolder } from '../testing/delivery-fixtures.js';

const kind = { name: 'table of codes', given: 'in receiver.categories', expected: 'rows' };
const example = new URL('../../config/categories.gb-t-30428-2.example.yaml', import.meta.url);

async function load(text: string) {
  await using folder = await makeTestFolder();
  writeFileSync(folder.of('codes.yaml'), text);
  return loadDocument(categoryFileSchema, 'codes.yaml', folder.path, kind).value;
}

describe('a table of codes', () => {
  const table = async (...rows: readonly string[]) =>
    createCategoryTable(await load(`categories:\n${rows.map((row) => `  - ${row}\n`).join('')}`));

  test.each([
    [{ type: 'illegal_parking', labels: ['bicycle'], severity: 'info' }, '0506'],
    [{ type: 'illegal_parking', labels: ['car', 'bicycle'], severity: 'info' }, '0506'],
    [{ type: 'illegal_parking', labels: ['car'], severity: 'info' }, '0505'],
    [{ type: 'illegal_parking', labels: [], severity: 'critical' }, '0599'],
    [{ type: 'thrown_object', labels: [], severity: 'info' }, null],
    [{ type: 'smoke_fire', labels: ['fire'], severity: 'critical' }, '0001'],
  ] as const)('%j is %s', async (event, code) => {
    const codes = await table(
      '{ type: illegal_parking, severity: critical, code: "0599" }',
      '{ type: illegal_parking, labels: [bicycle, scooter], code: "0506", name: bicycles }',
      '{ type: illegal_parking, code: "0505" }',
      '{ type: "*", labels: [fire], code: "0001", name: fire }',
    );
    expect(codes.codeOf({ ...event, labels: [...event.labels] })).toBe(code);
  });

  test('names codes by type, since cities number events and components apart', async () => {
    const codes = await table(
      '{ type: litter, code: "0103", name: heaped rubbish }',
      '{ type: removed_object, code: "0103", name: manhole cover }',
    );
    expect(codes.nameOf('removed_object', '0103')).toBe('manhole cover');
    expect(codes.nameOf('litter', '0103')).toBe('heaped rubbish');
    expect(codes.nameOf('litter', '0999')).toBeNull();
  });

  test('finds rows that no event reaches', async () => {
    const file = await load(
      'categories: [{ type: litter, code: a }, { type: litter, labels: [bag], code: b }, { type: "*", code: c }, { type: smoke_fire, code: d }]',
    );
    expect(hiddenRows(file)).toEqual([
      [1, 0],
      [3, 2],
    ]);
  });

  test.each([
    ['categories:\n  - { typ: litter, code: "1" }', "codes.yaml:2:7 categories[0].typ: unknown key; did you mean 'type'?"],
    [
      'categories:\n  - { type: litter, code: 0506 }',
      'codes.yaml:2:27 categories[0].code: expected text of 1 to 64 characters, got the number 506; put it in quotes',
    ],
    ['categories:\n  - { type: litter, code: "1", severity: criticl }', "did you mean 'critical'?"],
    [
      'categories:\n  - { type: Litter!, code: "1" }',
      "codes.yaml:2:13 categories[0].type: expected an incident type such as 'thrown_object', or '*'",
    ],
    ['categories: []', 'expected a list of at least 1'],
    ['rows: []', 'codes.yaml:1:1 rows: unknown key'],
    ['- a', 'codes.yaml:1:1 not a table of codes: expected rows'],
    ['categories: [', 'not valid YAML'],
  ])('says what is wrong with %j', async (text, says) => {
    await expect(load(text)).rejects.toThrow(says);
  });

  test('that is not there is said so', () => {
    expect(() => loadDocument(categoryFileSchema, 'none.yaml', '/', kind)).toThrow(
      'none.yaml: no such file; check the path given in receiver.categories',
    );
  });

  test('is shipped as an example that is valid, and in which every row can be reached', () => {
    const { value } = loadDocument(categoryFileSchema, example.pathname, '/', kind);
    expect(hiddenRows(value)).toEqual([]);
    expect(createCategoryTable(value).codeOf({ type: 'thrown_object', labels: [], severity: 'critical' })).toBe('0102');
    expect(readFileSync(example, 'utf8')).toMatch(/not the truth/);
  });
});
