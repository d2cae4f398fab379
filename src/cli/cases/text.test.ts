import { expect, test } from 'vitest';
import { buildEvent } from '../../domain/event.js';
import type { CaseFileMessage } from '../../domain/wire/case-file.js';
import { makeIncident } from '../../testing/delivery-fixtures.js';
import { caseSheet, caseTable } from './text.js';

const event = buildEvent(makeIncident(), { site: 'estate', agent: 'box' }, 1, []);
const file: CaseFileMessage = {
  schema: 'parapet/case/v1',
  id: event.id,
  site: 'estate',
  agent: 'box',
  camera: 'tower',
  type: 'thrown_object',
  severity: 'critical',
  verdict: 'confirmed',
  state: 'accepted',
  moves: ['filed', 'false_alarm'],
  category: { code: '0102', name: 'exposed rubbish' },
  place: { type: 'Point', coordinates: [106.55, 29.56] },
  address: 'Jialing Road 1',
  started_at: event.started_at,
  opened_at: event.started_at,
  changed_at: event.started_at,
  history: [
    { number: 1, from: 'new', to: 'accepted', at: event.started_at, by: 'anna', note: 'a\u001b[2Jnote\nof two lines', evidence: null },
  ],
  evidence: [{ id: event.id, kind: 'clip', media_type: 'video/mp4', bytes: 2_500_000, sha256: 'a'.repeat(64), status: 'verified' }],
  event,
};

test('a table has a line for each case', () => {
  expect(caseTable([file, { ...file, state: 'new', category: null }]).split('\n')).toEqual([
    `${'CASE'.padEnd(26)}  STATE     SEVERITY  TYPE           CODE  CAMERA            BEGAN (UTC)`,
    `${event.id}  accepted  critical  thrown object  0102  estate/box/tower  2026-03-01 07:41`,
    `${event.id}  new       critical  thrown object  –     estate/box/tower  2026-03-01 07:41`,
    '',
  ]);
});

test('a sheet shows what there is of a case, and nothing that a terminal would obey', () => {
  const sheet = caseSheet(file, new Map([[event.id, '/srv/centre/clip.mp4\u001b[2J']]));
  for (const part of [
    '0102 exposed rubbish',
    '106.55, 29.56, Jialing Road 1',
    'filed, false_alarm',
    'thrown object (confirmed)',
    '2.5 MB',
    `${'a'.repeat(64)}\n  /srv/centre/clip.mp4 [2J\n`,
  ]) {
    expect(sheet).toContain(part);
  }
  expect(sheet).toContain('a [2Jnote of two lines');
  expect(sheet).not.toContain('stays at the agent');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  expect(sheet).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
});

test('a sheet says what is held, since when and by whom', () => {
  const line = {
    number: 2,
    from: 'accepted',
    to: 'accepted',
    at: event.started_at,
    by: 'anna',
    note: 'court order',
    evidence: null,
  } as const;
  const sheet = caseSheet({ ...file, hold: true, history: [{ ...line, hold: true }, { ...line, hold: false }, line] }, new Map());
  expect(sheet).toContain('hold        its evidence stays at the agent whatever becomes of it');
  expect(sheet.match(/(held|released|noted) +anna +court order/g)?.map((text) => text.split(' ')[0])).toEqual([
    'held',
    'released',
    'noted',
  ]);
});
