import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { CASE_STATE_SCHEMA, caseStateSchema, INSPECTION_SCHEMA, inspectionSchema } from '../domain/wire/case.js';
import { commandNames, commandSchemas, REPLY_SCHEMA, refusalCodes, replySchema } from '../domain/wire/command.js';
import { ACK_SCHEMA, ackSchema, NEED_SCHEMA, needSchema } from '../domain/wire/delivery.js';
import { EVENT_SCHEMA, eventSchema } from '../domain/wire/event.js';
import {
  COMPLETE_SCHEMA,
  completeSchema,
  EVIDENCE_COMPLETE_SCHEMA,
  evidenceCompleteSchema,
  MANIFEST_SCHEMA,
  manifestSchema,
} from '../domain/wire/evidence.js';
import {
  KEY_SCHEMA,
  type KeyMessage,
  keySchema,
  RECORD_SCHEMA,
  REFUSAL_SCHEMA,
  recordSchema,
  refusalSchema,
} from '../domain/wire/proof.js';
import { ACTIVE_SCHEMA, activeSchema, CAMERA_STATE_SCHEMA, cameraStateSchema, STATUS_SCHEMA, statusSchema } from '../domain/wire/status.js';
import { checkSignature } from '../platform/proof/index.js';

const schemas: Readonly<Record<string, z.ZodType>> = {
  [EVENT_SCHEMA]: eventSchema,
  [MANIFEST_SCHEMA]: manifestSchema,
  [COMPLETE_SCHEMA]: completeSchema,
  [EVIDENCE_COMPLETE_SCHEMA]: evidenceCompleteSchema,
  [ACK_SCHEMA]: ackSchema,
  [NEED_SCHEMA]: needSchema,
  [STATUS_SCHEMA]: statusSchema,
  [CAMERA_STATE_SCHEMA]: cameraStateSchema,
  [ACTIVE_SCHEMA]: activeSchema,
  [REPLY_SCHEMA]: replySchema,
  [CASE_STATE_SCHEMA]: caseStateSchema,
  [INSPECTION_SCHEMA]: inspectionSchema,
  [KEY_SCHEMA]: keySchema,
  [RECORD_SCHEMA]: recordSchema,
  [REFUSAL_SCHEMA]: refusalSchema,
};

describe('docs/mqtt.md', () => {
  const text = readFileSync(new URL('../../docs/mqtt.md', import.meta.url), 'utf8');
  const payloads = [...text.matchAll(/```json\n(.*?)\n```/gs)].map(([, json]) => JSON.parse(json ?? '') as { schema: string });

  it('shows a payload of every kind', () => {
    expect(payloads.map((payload) => payload.schema).sort()).toEqual(Object.keys(schemas).sort());
  });

  it('shows signatures that are good, by the key that it shows', () => {
    const key = payloads.find(({ schema }) => schema === KEY_SCHEMA) as KeyMessage | undefined;
    const signed = payloads.filter((payload) => 'signature' in payload);
    expect(signed).toHaveLength(4);
    for (const payload of signed) expect(checkSignature(payload)).toEqual({ state: 'good', key: key?.key });
  });

  it.each(payloads.map((payload) => [payload.schema, payload] as const))(
    'shows a valid %s, with no field that the code does not know',
    (schema, payload) => {
      expect(schemas[schema]?.parse(payload)).toEqual(payload);
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
    expect(given.map(([, name]) => name).sort()).toEqual(['clip', 'set', 'snapshot', 'verify']);
    for (const [, name, payload] of given) commandSchemas[name as 'clip'].parse(JSON.parse(payload ?? ''));
  });

  it('explains every code of a refusal', () => {
    const table = text.slice(text.indexOf('## Refusals'));
    for (const code of refusalCodes) expect(table).toContain(`\`${code}\``);
  });
});
