import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { FigureShape } from '../../domain/figure.js';
import { commandSchemas } from '../../domain/wire/command.js';
import { jinjaInstalled, rendered } from '../../testing/jinja.js';
import { type DiscoveryOptions, discoveryMessages } from './home-assistant.js';
import { uniqueId } from './unique-id.js';

/**
 * The keys that Home Assistant documents for each component that is announced here (home-assistant.io, integrations `mqtt`, `binary_sensor.mqtt`,
 * `sensor.mqtt`, `switch.mqtt`, `image.mqtt`), as facts of its own: what is required, what is allowed, and the values of closed lists.
 */
const template = z.string().regex(/\{\{.*\}\}/s);
const topic = z.string().regex(/^[^#+\0]+$/);
const common = {
  unique_id: z.string(),
  name: z.string().nullable(),
  device: z.strictObject({
    identifiers: z.array(z.string()).min(1),
    name: z.string(),
    manufacturer: z.string().optional(),
    model: z.string().optional(),
    sw_version: z.string().optional(),
    via_device: z.string().optional(),
  }),
  origin: z.strictObject({ name: z.string(), sw_version: z.string().optional(), support_url: z.url().optional() }),
  availability: z
    .array(
      z.strictObject({
        topic,
        payload_available: z.string().optional(),
        payload_not_available: z.string().optional(),
        value_template: template.optional(),
      }),
    )
    .min(1)
    .optional(),
  availability_mode: z.enum(['all', 'any', 'latest']).optional(),
  json_attributes_topic: topic.optional(),
  json_attributes_template: template.optional(),
};
const qos = z.union([z.literal(0), z.literal(1), z.literal(2)]).optional();
const components = {
  binary_sensor: z.strictObject({
    ...common,
    state_topic: topic,
    value_template: template.optional(),
    device_class: z.enum(['connectivity', 'motion', 'moisture', 'occupancy', 'problem', 'safety', 'smoke', 'tamper']).optional(),
    entity_category: z.literal('diagnostic').optional(),
    qos,
  }),
  sensor: z
    .strictObject({
      ...common,
      state_topic: topic,
      value_template: template.optional(),
      device_class: z.enum(['enum', 'data_size', 'duration', 'speed']).optional(),
      suggested_display_precision: z.int().min(0).optional(),
      state_class: z.enum(['measurement', 'total', 'total_increasing']).optional(),
      unit_of_measurement: z.string().optional(),
      options: z.array(z.string()).optional(),
      expire_after: z.int().min(0).optional(),
      entity_category: z.literal('diagnostic').optional(),
      qos,
    })
    // An enumeration has options, and neither a unit nor a state class.
    .refine((s) => (s.device_class === 'enum') === (s.options !== undefined) && (s.options === undefined || s.state_class === undefined))
    // Classes have units of their own.
    .refine(({ device_class, unit_of_measurement: unit }) => device_class !== 'speed' || unit === 'km/h')
    .refine(({ device_class, unit_of_measurement: unit }) => device_class !== 'duration' || unit === 's'),
  switch: z.strictObject({
    ...common,
    command_topic: topic,
    state_topic: topic.optional(),
    value_template: template.optional(),
    payload_on: z.string().optional(),
    payload_off: z.string().optional(),
    state_on: z.string().optional(),
    state_off: z.string().optional(),
    optimistic: z.boolean().optional(),
    retain: z.boolean().optional(),
    entity_category: z.literal('config').optional(),
    qos,
  }),
  image: z.strictObject({
    ...common,
    image_topic: topic,
    content_type: z.string().optional(),
    image_encoding: z.literal('b64').optional(),
    entity_category: z.literal('diagnostic').optional(),
  }),
} as const;

const options: DiscoveryOptions = {
  base: 'parapet/estate/box-01',
  site: 'estate',
  agent: 'box-01',
  version: '1.2.3',
  prefix: 'homeassistant',
  cameras: [
    {
      id: 'tower-3',
      rules: [
        { name: 'thrown_object', type: 'thrown_object', title: 'Thrown or falling object', figures: [] },
        { name: 'upper', type: 'thrown_object', title: 'Thrown or falling object', figures: [] },
      ],
    },
    { id: 'gate', rules: [{ name: 'thrown_object', type: 'thrown_object', title: 'Thrown or falling object', figures: [] }] },
  ],
  switches: true,
  images: true,
};
const find = (pattern: RegExp, from = discoveryMessages(options)): Readonly<Record<string, unknown>> => {
  const found = from.filter(({ topic: where }) => pattern.test(where));
  expect(found).toHaveLength(1);
  return found[0]?.payload ?? {};
};

describe('what Home Assistant is told', () => {
  it('follows its documented schema: topic, required and allowed keys', () => {
    const messages = discoveryMessages(options);
    for (const { topic: where, payload } of messages) {
      const [, component, objectId] = /^\/homeassistant\/([a-z_]+)\/([A-Za-z0-9_-]+)\/config$/.exec(where) ?? [];
      const schema = components[component as keyof typeof components];
      expect(schema, where).toBeDefined();
      expect(() => schema.parse(payload), where).not.toThrow();
      expect(payload['unique_id']).toBe(objectId);
    }
    expect(new Set(messages.map(({ topic: where }) => where)).size).toBe(messages.length);
    // Agent: status, outbox, memory. Camera: connection, state, fps, a type, a picture, and a switch for each rule.
    expect(messages).toHaveLength(3 + (6 + 1) + 6);
  });

  it('makes a device of each camera, reached by way of the agent', () => {
    const agent = find(/agent_-status/)['device'] as { identifiers: string[] };
    expect(find(/tower-3_-fps/)['device']).toMatchObject({ name: 'Parapet tower-3', via_device: agent.identifiers[0] });
  });

  it('names a sensor of a type once, however many rules have it, and knows it only while agent and camera are there', () => {
    expect(find(/tower-3_-type_-thrown__object/)).toMatchObject({
      name: 'Thrown or falling object',
      device_class: 'safety',
      state_topic: 'parapet/estate/box-01/incidents/tower-3/thrown_object/active',
      availability: [{ topic: 'parapet/estate/box-01/status' }, { topic: 'parapet/estate/box-01/cameras/tower-3/state' }],
      availability_mode: 'all',
    });
  });

  it('takes a camera that is covered for one that is there: its own sensor has to say so', () => {
    const sends = "value_json.state in ['online', 'tampered']";
    expect(find(/gate_-connection/)['value_template']).toContain(sends);
    const [, state] = find(/gate_-type_-thrown__object/)['availability'] as { readonly value_template?: string }[];
    expect(state?.value_template).toContain(sends);
  });

  it('calls a type that it does not know a problem', () => {
    const cameras = [{ id: 'gate', rules: [{ name: 'x', type: 'illegal_parking', title: 'Illegal parking', figures: [] }] }];
    expect(find(/type_-illegal__parking/, discoveryMessages({ ...options, cameras }))['device_class']).toBe('problem');
  });

  it('shows the pictures that a camera’s rules make', () => {
    const rule = (type: string) => ({ name: type, type, title: type, figures: [] });
    const shown = (...types: readonly string[]) =>
      discoveryMessages({ ...options, cameras: [{ id: 'gate', rules: types.map(rule) }] })
        .filter(({ topic: where }) => where.includes('/image/'))
        .map(({ payload }) => `${payload['name']}: ${payload['image_topic']}`);
    const [fall, incident] = [
      'Last fall: parapet/estate/box-01/cameras/gate/trail',
      'Last incident: parapet/estate/box-01/cameras/gate/snapshot',
    ];
    expect(shown('thrown_object')).toEqual([fall]);
    expect(shown('illegal_parking', 'crowd')).toEqual([incident]);
    expect(shown('thrown_object', 'crowd')).toEqual([fall, incident]);
  });

  describe('of figures', () => {
    const gauge = (name: string, of = {}): FigureShape => ({ name, kind: 'gauge', of });
    const counter = (name: string, of = {}): FigureShape => ({ name, kind: 'counter', of });
    const sensors = (...figures: readonly FigureShape[]) => {
      const rules = [{ name: 'gate', type: 'line_crossing', title: 'Line crossing', figures }];
      return discoveryMessages({ ...options, cameras: [{ id: 'east', rules }] }).filter(({ topic: where }) => where.includes('_-figure_-'));
    };

    it('has a sensor for what is measured, and for the total and the day of what is counted', () => {
      const of = { line: 'kerb', direction: 'left' };
      const messages = sensors(
        counter('crossings', of),
        gauge('flow_per_minute', of),
        gauge('speed_kmh', { zone: 'road', statistic: 'p85' }),
      );
      for (const { topic: where, payload } of messages) expect(() => components.sensor.parse(payload), where).not.toThrow();
      expect(messages.map(({ payload }) => [payload['name'], payload['state_class'], payload['unit_of_measurement']])).toEqual([
        ['Line crossing (gate): Crossings, left', 'total_increasing', 'crossings'],
        ['Line crossing (gate): Crossings today, left', 'total_increasing', 'crossings'],
        ['Line crossing (gate): Flow, left', 'measurement', '1/min'],
        ['Line crossing (gate): Speed, 85 % below', 'measurement', 'km/h'],
      ]);
      expect(messages[0]?.payload).toMatchObject({
        state_topic: 'parapet/estate/box-01/figures/east/gate',
        json_attributes_topic: 'parapet/estate/box-01/figures/east/gate',
        availability: [{ topic: 'parapet/estate/box-01/status' }],
      });
    });

    it.skipIf(!jinjaInstalled())('is read by templates that pick the right numbers', () => {
      const messages = sensors(
        counter('crossings', { line: 'kerb', direction: 'left' }),
        gauge('wait_seconds', { zone: '', statistic: 'longest' }),
        gauge('occupancy', { zone: 'shop' }),
        counter('dwell_seconds_sum', { zone: 'shop' }),
        counter('dwell_seconds_count', { zone: 'shop' }),
      );
      const told = {
        since: '2026-03-01T00:00:00.000Z',
        figures: [
          { name: 'crossings', kind: 'counter', of: { line: 'kerb', direction: 'left', label: 'car' }, value: 400, today: 30, hour: 2 },
          { name: 'crossings', kind: 'counter', of: { line: 'kerb', direction: 'left', label: 'bus' }, value: 12, today: 1, hour: 0 },
          { name: 'crossings', kind: 'counter', of: { line: 'kerb', direction: 'right', label: 'car' }, value: 7, today: 7, hour: 7 },
          { name: 'wait_seconds', kind: 'gauge', of: { zone: '', statistic: 'mean' }, value: 20 },
          { name: 'wait_seconds', kind: 'gauge', of: { zone: '', statistic: 'longest' }, value: 90.5 },
          { name: 'dwell_seconds_sum', kind: 'counter', of: { zone: 'shop' }, value: 5000, today: 300, hour: 0 },
          { name: 'dwell_seconds_count', kind: 'counter', of: { zone: 'shop' }, value: 100, today: 4, hour: 0 },
        ],
      };
      expect(messages.map(({ payload }) => [payload['name'], rendered(String(payload['value_template']), told)])).toEqual([
        ['Line crossing (gate): Crossings, left', '412'],
        ['Line crossing (gate): Crossings today, left', '31'],
        ['Line crossing (gate): Waiting time, longest', '90.5'],
        // A camera that is away measures nothing: to Home Assistant that is unknown.
        ['Line crossing (gate): Inside', 'None'],
        ['Line crossing (gate): Mean stay today', '75.0'],
      ]);
    });
  });

  it('switches a rule by the very command that the centre gives', () => {
    const rule = find(/switch\/.*tower-3_-rule_-upper/);
    expect(rule).toMatchObject({
      name: 'Thrown or falling object (upper)',
      command_topic: 'parapet/estate/box-01/cmd/set',
      state_topic: 'parapet/estate/box-01/rules/tower-3/upper/state',
      retain: false,
    });
    for (const [key, enabled] of [
      ['payload_on', true],
      ['payload_off', false],
    ] as const) {
      expect(commandSchemas.set.parse(JSON.parse(String(rule[key])))).toEqual({ camera: 'tower-3', rule: 'upper', enabled });
    }
  });

  it('leaves out switches and pictures where there are none', () => {
    const topics = discoveryMessages({ ...options, switches: false, images: false }).map(({ topic: where }) => where);
    expect(topics.filter((where) => /\/(switch|image)\//.test(where))).toEqual([]);
  });

  it('gives different things different names', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,6}$/);
    const parts = fc.array(id, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(uniqueId(...a)).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(uniqueId(...a) === uniqueId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 1000 },
    );
    expect(uniqueId('a_', 'b')).not.toBe(uniqueId('a', '_b'));
  });
});
