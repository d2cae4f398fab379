import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { type EventMessage, eventSchema } from '../../domain/wire/event.js';
import { logEvent } from './log-event.js';

const page = readFileSync(new URL('../../../docs/mqtt.md', import.meta.url), 'utf8');
const shown = eventSchema.parse(JSON.parse(/^\{"schema":"parapet\/event\/v1".*$/m.exec(page)?.[0] ?? ''));
const parked: EventMessage = {
  ...shown,
  camera: 'gate',
  type: 'illegal_parking',
  rule: 'lane',
  throw: null,
  labels: ['car'],
  zone: 'lane',
};

function linesOf(level: string): readonly Record<string, unknown>[] {
  const lines: string[] = [];
  const logger = pino({ level, base: null, timestamp: false }, { write: (line: string) => void lines.push(line) });
  for (const phase of ['new', 'update', 'end'] as const) logEvent(logger, { ...parked, phase });
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('whoever follows the log sees each incident begin and end', () => {
  const { id, severity, verdict } = parked;
  const same = { level: 30, event: 'incident', camera: 'gate', incident: id, type: 'illegal_parking', rule: 'lane', verdict, severity };
  expect(linesOf('info')).toEqual([
    { ...same, phase: 'new', msg: 'gate: illegal parking (confirmed): car in lane, begins' },
    { ...same, phase: 'end', msg: 'gate: illegal parking (confirmed): car in lane, is over' },
  ]);
});

test('what changes in between is for who looks closer', () => {
  expect(linesOf('debug').map(({ phase, level }) => [phase, level])).toEqual([
    ['new', 30],
    ['update', 20],
    ['end', 30],
  ]);
});
