import fc from 'fast-check';
import { type HostileMessage, numberProperty, property } from './hostile-broker.js';

/** Texts that have broken programs: paths, filters, shells, SQL, HTML, JavaScript's own names, half a character. */
export const nastyTexts = [
  ...['', '.', '..', '../..', '../../outside', '/outside', '\\..\\outside', '%2e%2e%2foutside', '....//outside', 'a/../../../outside'],
  ...[
    '\0',
    'outside\0.json',
    'con',
    'nul.txt',
    '.receiver',
    '.incoming',
    'events.jsonl',
    'records.jsonl',
    'key.pem',
    '~',
    '-rf',
    '$(id)',
    '`id`',
    '; id',
  ],
  ...[
    '+',
    '#',
    '$SYS/x',
    'a/+/b',
    "'; DROP TABLE event; --",
    '<img src=x onerror=alert(1)>',
    '$HOME',
    '%s%n',
    '\u202e',
    '悦来',
    '\uD800',
    '\r\n',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'x'.repeat(300),
    'x'.repeat(70_000),
    '0',
    '-1',
    '1e999',
    '01KJM3QZ80T7V9C2M4N6P8R0S2',
  ],
] as const;

const nastyText = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...nastyTexts) }, fc.string({ unit: 'binary', maxLength: 40 }));
const nastyNumber = fc.constantFrom(0, -1, 1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 5e-324, 262_144, 1_048_577);
const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  nastyText,
  nastyNumber,
  fc.constantFrom(null, true, [], {}, [[]], { a: { b: {} } }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.integer({ min: 0, max: 500 }).map((count) => Array(count).fill(count)),
);

/** A sound message with up to three of its values, at any depth, replaced, removed or joined by another. */
function mutated(sound: fc.Arbitrary<object>): fc.Arbitrary<object> {
  const change = fc.record({ where: fc.nat(), how: fc.constantFrom('replace', 'remove', 'add'), value: nastyValue, name: nastyText });
  return fc.tuple(sound, fc.array(change, { maxLength: 3 })).map(([message, changes]) => {
    const copy = JSON.parse(JSON.stringify(message)) as object;
    for (const { where, how, value, name } of changes) {
      const places = containers(copy);
      const place = places[where % places.length] as Record<string, unknown>;
      const keys = Object.keys(place);
      const key = how === 'add' || keys.length === 0 ? name : (keys[where % keys.length] as string);
      if (how === 'remove') delete place[key];
      // As JSON.parse would have made it: a key `__proto__` is a key.
      else Object.defineProperty(place, key, { value: structuredClone(value), enumerable: true, configurable: true, writable: true });
    }
    return copy;
  });
}

function containers(value: object): object[] {
  return [
    value,
    ...Object.values(value).flatMap((inner) => (typeof inner === 'object' && inner !== null ? containers(inner as object) : [])),
  ];
}

/** Payloads of all kinds, the mutated ones most often. */
export function hostilePayload(sound: fc.Arbitrary<object>): fc.Arbitrary<Uint8Array> {
  const text = mutated(sound).map((message) => JSON.stringify(message));
  return fc.oneof(
    { weight: 12, arbitrary: text.map((one) => Buffer.from(one)) },
    { weight: 3, arbitrary: fc.tuple(text, fc.nat(), fc.nat(255)).map(([one, at, byte]) => withByte(Buffer.from(one), at, byte)) },
    { weight: 2, arbitrary: fc.tuple(text, fc.nat()).map(([one, at]) => Buffer.from(one).subarray(0, at % (one.length + 1))) },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4 }).map((one) => Buffer.from(one)) },
    { weight: 1, arbitrary: fc.constantFrom(...oddPayloads()) },
  );
}

function withByte(bytes: Buffer, at: number, byte: number): Buffer {
  if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return bytes;
}

function oddPayloads(): readonly Buffer[] {
  const deep = 30_000;
  return [
    ...[
      '',
      ' ',
      'null',
      'true',
      '""',
      '[]',
      '{}',
      '"\\ud800"',
      '{"__proto__":{"polluted":true}}',
      '1e999',
      '\ufeff{}',
      '{"schema":"parapet/event/v1"}',
    ],
    '['.repeat(deep),
    `${'['.repeat(deep)}${']'.repeat(deep)}`,
    `${'{"a":'.repeat(deep / 5)}1${'}'.repeat(deep / 5)}`,
    `{"schema":"parapet/ack/v1","key":"${'k'.repeat(60_000)}"}`,
    `[${'1,'.repeat(30_000)}1]`,
    `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":0`).join(',')}}`,
  ].map((text) => Buffer.from(text));
}

const bytesOf = (text: string): Buffer => Buffer.from(text);
const textBytes = fc.oneof(nastyText.map(bytesOf), fc.uint8Array({ maxLength: 40 }));

/** MQTT 5 properties (2.2.2.2), right and wrong ones, twice and out of place. */
const hostileProperties: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      // Response topic and correlation data.
      {
        weight: 4,
        arbitrary: fc
          .constantFrom('answers', 'answers/+', '#', '$SYS/x', 'a'.repeat(600), 'x\0y')
          .map((topic) => property(0x08, bytesOf(topic))),
      },
      { weight: 2, arbitrary: textBytes.map((topic) => property(0x08, topic)) },
      { weight: 3, arbitrary: fc.constantFrom(0, 1, 64, 20_000).map((bytes) => property(0x09, Buffer.alloc(bytes, 0xfe))) },
      // User properties and content type.
      { weight: 2, arbitrary: fc.tuple(textBytes, textBytes).map(([name, value]) => property(0x26, name, value)) },
      {
        weight: 1,
        arbitrary: fc
          .integer({ min: 1, max: 300 })
          .map((count) => Buffer.concat(Array(count).fill(property(0x26, bytesOf('k'), bytesOf('v'))))),
      },
      { weight: 1, arbitrary: textBytes.map((type) => property(0x03, type)) },
      // Format, expiry, alias, subscription, and numbers that are no property at all.
      { weight: 1, arbitrary: fc.nat(255).map((value) => numberProperty(0x01, value, 1)) },
      { weight: 1, arbitrary: fc.nat().map((value) => numberProperty(0x02, value, 4)) },
      { weight: 1, arbitrary: fc.nat(65_535).map((value) => numberProperty(0x23, value, 2)) },
      { weight: 1, arbitrary: fc.nat(127).map((value) => numberProperty(0x0b, value, 1)) },
    ),
    { maxLength: 3 },
  )
  .map((all) => Buffer.concat(all));

/** A topic of levels that are mostly right; `levels` are offered for every place, nasty texts too. */
export function hostileTopic(sound: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  return fc
    .oneof(
      { weight: 10, arbitrary: sound.map(bytesOf) },
      {
        weight: 4,
        arbitrary: fc.tuple(sound, fc.nat(), nastyText).map(([topic, at, text]) => {
          const levels = topic.split('/');
          levels[at % levels.length] = text;
          return bytesOf(levels.join('/'));
        }),
      },
      { weight: 1, arbitrary: fc.tuple(sound, nastyText).map(([topic, text]) => bytesOf(`${topic}/${text}`)) },
      { weight: 1, arbitrary: textBytes },
    )
    .map((topic) => topic.subarray(0, 65_535));
}

/** A message of a hostile broker: topic and payload as given, the rest anyhow. */
export function hostileMessage(topic: fc.Arbitrary<Uint8Array>, payload: fc.Arbitrary<Uint8Array>): fc.Arbitrary<HostileMessage> {
  return fc.record({
    topic,
    payload,
    qos: fc.constantFrom(0, 1, 1, 1) as fc.Arbitrary<0 | 1>,
    retain: fc.boolean(),
    properties: fc.oneof({ weight: 3, arbitrary: fc.constant(Buffer.alloc(0)) }, { weight: 2, arbitrary: hostileProperties }),
  });
}
