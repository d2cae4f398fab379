import { expect, it } from 'vitest';
import { COUNTERSIGN_SCHEMA, type CountersignMessage } from '../../domain/wire/proof.js';
import type { CountersignOutcome } from '../../store/index.js';
import { recordingLogger } from '../../testing/delivery-fixtures.js';
import { makeSigner } from '../../testing/proof-fixtures.js';
import { parseInbound } from '../../uplink/inbound/inbound.js';
import { createCountersignDesk } from './countersign-desk.js';

const centre = makeSigner();
const plain = {
  schema: COUNTERSIGN_SCHEMA,
  site: 'estate',
  agent: 'box',
  chain: '01KJKEY5A00000000000000000',
  number: 7,
  sha256: 'a'.repeat(64),
  at: '2026-03-01T07:41:30.000Z',
};

/** Takes a message the whole way: from the bytes on `ack` to the store. */
function take(message: object, centreKey: string | null = null, outcome: CountersignOutcome = 'kept') {
  const log = recordingLogger();
  const kept: CountersignMessage[] = [];
  let told = 0;
  const desk = createCountersignDesk({
    site: 'estate',
    agent: 'box',
    centreKey: () => centreKey,
    records: {
      countersigned: (one) => {
        kept.push(one);
        return outcome;
      },
    },
    onKept: () => told++,
    logger: log.logger,
  });
  const incoming = {
    topic: 'p/estate/box/ack',
    payload: Buffer.from(JSON.stringify(message)),
    retained: false,
    responseTopic: null,
    correlationData: null,
  };
  const inbound = parseInbound('p/estate/box', incoming);
  if (inbound.kind !== 'countersign') throw new TypeError(`it was taken for ${inbound.kind}`);
  desk(inbound.countersign, inbound.message);
  return { kept, told, lines: log.lines().map(({ event, reason }) => [event, reason]) };
}

it('keeps what the centre has signed, whole, fields of later versions too', () => {
  const message = centre.sign({ ...plain, later: 1 });
  expect(take(message)).toMatchObject({ kept: [message], told: 1 });
  expect(take(message, centre.publicKey).told).toBe(1);
});

it.each([
  ['altered', { ...centre.sign(plain), number: 8 }, null, /does not fit its content/],
  ['by another key than the configured one', makeSigner().sign(plain), centre.publicKey, /another key than mqtt.commands.key/],
  ['of another agent', centre.sign({ ...plain, agent: 'other' }), null, /of another agent/],
] as const)('takes none that is %s', (_, message, key, reason) => {
  const { kept, told, lines } = take(message, key);
  expect([kept, told]).toEqual([[], 0]);
  expect(lines).toEqual([['countersign-refused', expect.stringMatching(reason)]]);
});

it.each([
  ['differs', 'countersign-differs'],
  ['other_key', 'countersign-refused'],
] as const)('cries out where the store says %s', (outcome, event) => {
  const { told, lines } = take(centre.sign(plain), null, outcome);
  expect(told).toBe(0);
  expect(lines[0]?.[0]).toBe(event);
});

it.each(['old', 'unknown'] as const)('says nothing of one that is %s', (outcome) => {
  expect(take(centre.sign(plain), null, outcome)).toMatchObject({ told: 0, lines: [] });
});
