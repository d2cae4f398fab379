import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { asyncApiSchema, createValidator } from '../../testing/json-schema.js';
import { caseFilter, inboundFilters } from '../../uplink/inbound/inbound.js';
import { channelOf, channels, manyLevels, parameters } from './channels.js';
import { type MessageEntry, messages } from './messages.js';

interface Document {
  readonly channels: Readonly<Record<string, { readonly address: string | null; readonly messages: Readonly<Record<string, object>> }>>;
  readonly operations: Readonly<
    Record<string, { readonly channel: { readonly $ref: string }; readonly bindings: { readonly mqtt: object } }>
  >;
  readonly components: {
    readonly messages: Readonly<
      Record<string, { readonly contentType: string; readonly payload: object; readonly examples?: readonly { payload: unknown }[] }>
    >;
    readonly schemas: Readonly<Record<string, object>>;
  };
}

const text = readFileSync(new URL('../../../docs/asyncapi.yaml', import.meta.url), 'utf8');
const document = parse(text) as Document;
const of = (message: string) => createValidator({ ...document.components.schemas[message], components: document.components });

describe('docs/asyncapi.yaml', () => {
  it('is a valid AsyncAPI 3.0 document', () => {
    const validate = createValidator(asyncApiSchema('3.0.0'));
    expect(validate(document)).toEqual([]);
    // The check is one: what is no such document fails.
    expect(validate({ ...document, operations: { x: { action: 'shout', channel: { $ref: '#/channels/status' } } } })).not.toEqual([]);
  });

  it('refers only to what is there', () => {
    const dangling = [...text.matchAll(/\$ref: "?(#\/[^"\s]+)"?/g)].filter(([, pointer]) => {
      let at: unknown = document;
      for (const part of (pointer ?? '').slice(2).split('/')) at = (at as Record<string, unknown> | undefined)?.[part];
      return at === undefined;
    });
    expect(dangling).toEqual([]);
  });

  it('has every message on some channel and every channel in some operation', () => {
    const used = new Set(Object.values(document.channels).flatMap((channel) => Object.keys(channel.messages)));
    expect([...used].sort()).toEqual(Object.keys(messages).sort());
    const operated = new Set(Object.values(document.operations).map(({ channel }) => channel.$ref.replace('#/channels/', '')));
    // Answers go there as part of the commands' operations.
    expect([...operated, 'responseTopic'].sort()).toEqual(Object.keys(document.channels).sort());
  });

  it('has every message that the code has a schema for, save what goes another way', () => {
    const elsewhere = [
      'parapet/track/v1' /* a file of the evidence */,
      'parapet/case/v1' /* HTTP and webhooks of the centre */,
      'parapet/centre-status/v1' /* its HTTP */,
    ];
    const wire = new URL('../wire/', import.meta.url);
    const declared = readdirSync(wire).flatMap((name) =>
      [...readFileSync(new URL(name, wire), 'utf8').matchAll(/_SCHEMA = '(parapet\/[a-z-]+\/v\d+)'/g)].map(([, schema]) => schema ?? ''),
    );
    expect(declared.length).toBeGreaterThan(15);
    const known = Object.values<MessageEntry>(messages).map(({ schema }) => schema);
    expect(declared.filter((schema) => !known.includes(schema) && !elsewhere.includes(schema))).toEqual([]);
  });

  it('has a parameter for every part of an address, and none that no address has', () => {
    const used = new Set(
      Object.values(channels).flatMap(({ address }) => [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')),
    );
    expect([...used].sort()).toEqual(Object.keys(parameters).sort());
    for (const name of manyLevels) expect(used).toContain(name);
  });

  it.each(Object.keys(document.components.messages))('shows examples of %s that are valid, and would not take anything', (name) => {
    const { contentType, examples = [] } = document.components.messages[name] ?? { contentType: '' };
    if (contentType !== 'application/json') return;
    const validate = of(name);
    for (const { payload } of examples) expect(validate(payload)).toEqual([]);
    expect(validate('text')).not.toEqual([]);
    // Commands without a payload need none; discovery is Home Assistant's to document.
    if (!['command-ping', 'command-status', 'command-reload', 'discovery', 'trial'].includes(name))
      expect(examples.length).toBeGreaterThan(0);
  });

  it('lets fields be added to messages, and refuses unknown ones in commands', () => {
    const [event] = document.components.messages['event']?.examples ?? [];
    expect(of('event')({ ...(event?.payload as object), later: 1 })).toEqual([]);
    expect(of('command-set')({ camera: 'gate', enabled: true, nonce: '12345678' })).toEqual([]);
    expect(of('command-set')({ camera: 'gate', enable: true })).not.toEqual([]);
  });
});

describe('channelOf', () => {
  it.each([
    ['parapet/estate/box-01/status', 'status'],
    ['city/north/parapet/estate/box-01/events/gate/thrown_object', 'event'],
    ['parapet/estate/box-01/evidence/01/complete', 'evidenceComplete'],
    ['parapet/estate/box-01/evidence/01/02/complete', 'complete'],
    ['parapet/estate/box-01/cmd/set', 'commandSet'],
    ['parapet:estate:box-01/onvif-ej/RuleEngine/parapet:ThrownObject/&gate/parapet/thrown_object', 'onvifRule'],
    ['parapet:estate:box-01/onvif-ej/RuleEngine/LineDetector/Crossed/&gate/parapet/yard', 'onvifRule'],
    ['parapet:estate:box-01/onvif-ej/VideoSource/SignalLoss/&gate', 'onvifCamera'],
    ['homeassistant/switch/parapet_-x/config', 'homeAssistant'],
    ['parapet/estate/box-01/cmd/dance', null],
    ['parapet/estate/box-01/rules/gate/state', null],
    ['estate/box-01/status', null],
  ])('knows %s as %s', (topic, channel) => {
    expect(channelOf(topic)).toBe(channel);
  });

  it('gives every address one channel, its own', () => {
    const level = fc.stringMatching(/^[a-z0-9_:-]{1,8}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.entries(channels)),
        fc.array(level, { minLength: 6, maxLength: 6 }),
        ([name, { address }], values) => {
          let next = 0;
          const topic = address.replaceAll(/\{\w+\}/g, () => values[next++] ?? 'x');
          expect(channelOf(topic)).toBe(name);
        },
      ),
    );
  });

  it('has a channel to receive for everything that an agent subscribes to', () => {
    const received = Object.values(channels).flatMap(({ action, address }) => (action === 'receive' ? [address] : []));
    for (const filter of [...inboundFilters, caseFilter]) {
      const pattern = new RegExp(`^\\{prefix\\}/\\{site\\}/\\{agent\\}/${filter.replaceAll('+', '[^/]+')}$`);
      expect(
        received.some((address) => pattern.test(address)),
        filter,
      ).toBe(true);
    }
  });
});
