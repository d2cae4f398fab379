import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { channels } from '../domain/contract/channels.js';
import { type MessageEntry, messages } from '../domain/contract/messages.js';
import { commandNames, commandSchemas, refusalCodes, replySchema } from '../domain/wire/command.js';
import { COUNTERSIGN_SCHEMA, KEY_SCHEMA, type KeyMessage } from '../domain/wire/proof.js';
import { checkSignature } from '../platform/proof/index.js';

/** The messages that are Parapet's own, by their `schema`. */
const named = new Map(Object.values<MessageEntry>(messages).flatMap((entry) => (entry.schema === null ? [] : [[entry.schema, entry]])));

describe('docs/mqtt.md', () => {
  const text = readFileSync(new URL('../../docs/mqtt.md', import.meta.url), 'utf8');
  const payloads = [...text.matchAll(/```json\n(.*?)\n```/gs)].map(([, json]) => JSON.parse(json ?? '') as { schema: string });

  it('shows a payload of every kind', () => {
    expect(payloads.map((payload) => payload.schema).sort()).toEqual([...named.keys()].sort());
  });

  it('has a row for every topic of the agent’s own, and says the same of what is retained', () => {
    const rows = new Map([...text.matchAll(/^\| `(.+?)`.*\| (.*?) \|$/gm)].map(([, topic, retained]) => [topic, retained] as const));
    const words = { yes: 'yes', no: 'no', either: 'may be' } as const;
    for (const { address, action, retained } of Object.values(channels)) {
      const topic = /^\{prefix\}\/\{site\}\/\{agent\}\/(.*)$/
        .exec(address)?.[1]
        ?.replaceAll(/\{(\w+)\}/g, '<$1>')
        .replace('<chunk>', '<n>');
      if (topic === undefined) continue;
      const row = topic.startsWith('cmd/') ? 'cmd/<name>' : topic;
      expect(rows.get(row), `${action} ${row}`).toBe(words[retained]);
    }
  });

  it('shows signatures that are good, by the key that it shows', () => {
    const key = payloads.find(({ schema }) => schema === KEY_SCHEMA) as KeyMessage | undefined;
    // What the centre signs, it signs with its own.
    const centre = payloads.find(({ schema }) => schema === COUNTERSIGN_SCHEMA);
    expect(checkSignature(centre).state).toBe('good');
    const signed = payloads.filter((payload) => 'signature' in payload && payload !== centre);
    expect(signed).toHaveLength(4);
    for (const payload of signed) expect(checkSignature(payload)).toEqual({ state: 'good', key: key?.key });
  });

  it.each(payloads.map((payload) => [payload.schema, payload] as const))(
    'shows a valid %s, with no field that the code does not know',
    (schema, payload) => {
      expect(named.get(schema)?.zod?.parse(payload)).toEqual(payload);
    },
  );
});

describe('docs/commands.md', () => {
  const text = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
  const replies = [...text.matchAll(/```json\n(.*?)\n```/gs)].map(([, json]) => JSON.parse(json ?? '') as { command: string });

  it('shows a reply of every command', () => {
    expect(new Set(replies.map(({ command }) => command))).toEqual(new Set(commandNames));
    for (const reply of replies) expect(replySchema.parse(reply)).toEqual(reply);
  });

  it('gives payloads that are taken', () => {
    const given = [...text.matchAll(/cmd\/(\w+) (?:\\\n\s*)?-m '(.*?)'/gs)];
    expect(given.map(([, name]) => name).sort()).toEqual(['clip', 'fetch', 'set', 'snapshot', 'upload', 'verify']);
    for (const [, name, payload] of given) commandSchemas[name as 'clip'].parse(JSON.parse(payload ?? ''));
  });

  it('explains every code of a refusal', () => {
    const table = text.slice(text.indexOf('## Refusals'));
    for (const code of refusalCodes) expect(table).toContain(`\`${code}\``);
  });
});
