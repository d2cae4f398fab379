import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeEvent } from './event-words.js';
import { type EventMessage, eventSchema } from './wire/event.js';

const page = readFileSync(new URL('../../docs/mqtt.md', import.meta.url), 'utf8');
const thrown = eventSchema.parse(JSON.parse(/^\{"schema":"parapet\/event\/v1".*$/m.exec(page)?.[0] ?? ''));
const fall = thrown.throw as NonNullable<EventMessage['throw']>;
const parked: EventMessage = { ...thrown, type: 'illegal_parking', throw: null, labels: ['car'], zone: 'fire-lane' };

test.each<[string, EventMessage, string]>([
  [
    'a throw',
    thrown,
    'thrown object (confirmed) from floor 17, unit 02: something heavy, fell 45.1 m in 3.4 s, about 96 km/h (69 to 100) at impact',
  ],
  [
    'without a unit',
    { ...thrown, throw: { ...fall, origin: { ...fall.origin, unit: null } } },
    'thrown object (confirmed) from floor 17: something heavy, fell 45.1 m in 3.4 s, about 96 km/h (69 to 100) at impact',
  ],
  ['in a zone', parked, 'illegal parking (confirmed): car in fire-lane'],
  ['of two', { ...parked, labels: ['potted_plant', 'by object'], zone: null }, 'illegal parking (confirmed): potted plant, by object'],
  ['of nothing named', { ...parked, labels: [], verdict: 'suspected' }, 'illegal parking (suspected) in fire-lane'],
])('says in words %s', (_name, event, words) => {
  expect(describeEvent(event)).toBe(words);
});
