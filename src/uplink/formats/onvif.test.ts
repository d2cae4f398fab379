import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormattedMessage } from '../../domain/event-format.js';
import type { FigureShape, ToldFigure } from '../../domain/figure.js';
import type { Incident } from '../../domain/incident.js';
import { onvifEventSchema } from '../../domain/wire/onvif.js';
import { ended, makeIncident } from '../../testing/delivery-fixtures.js';
import { createOnvifFormat } from './onvif.js';

const format = createOnvifFormat('parapet:estate:box');
const first = '01KJM3QZ80T7V9C2M4N6P8R0S2';
const second = '01KJM3QZ80T7V9C2M4N6P8R0S3';

const dataOf = (message: FormattedMessage | undefined): Readonly<Record<string, string>> =>
  onvifEventSchema.parse(JSON.parse(message?.payload ?? '')).Data ?? {};
const told = (incident: Incident, differ: { before?: Incident; others?: readonly Incident[] } = {}): readonly FormattedMessage[] =>
  format.messages({ incident, before: null, others: [], ...differ });

describe('events in ONVIF’s words', () => {
  it('tells a throw under a name of Parapet’s own, at every phase, not retained', () => {
    const incident = makeIncident({ id: first, cameraId: 'tower-3-north', zone: 'gate' });
    const [message, ...others] = told(incident);
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      topic: '/parapet:estate:box/onvif-ej/RuleEngine/parapet:ThrownObject/&tower-3-north/parapet/thrown_object',
      retain: false,
    });
    expect(JSON.parse(message?.payload ?? '')).toEqual({
      UtcTime: '2026-03-01T07:41:12.480Z',
      Source: { VideoSource: 'tower-3-north', AnalyticsConfiguration: 'parapet', Rule: 'thrown_object' },
      Data: {
        ObjectId: '747373346',
        'parapet:Event': first,
        'parapet:Phase': 'new',
        'parapet:Verdict': 'confirmed',
        'parapet:Severity': 'critical',
        'parapet:Confidence': '0.970',
        'parapet:Zone': 'gate',
      },
    });
    const [end] = told(ended(incident), { before: incident });
    expect(end).toMatchObject({ topic: message?.topic, retain: false });
    expect(dataOf(end)).toMatchObject({ ObjectId: '747373346', 'parapet:Phase': 'end' });
    expect(JSON.parse(end?.payload ?? '')).toMatchObject({ UtcTime: '2026-03-01T07:41:15.920Z' });
  });

  it.each([
    ['line_crossing', 'RuleEngine/LineDetector/Crossed', false],
    ['intrusion', 'RuleEngine/FieldDetector/ObjectsInside', true],
    ['loitering', 'RuleEngine/LoiteringDetector/ObjectIsLoitering', true],
    ['occupancy', 'RuleEngine/CountAggregation/OccupancyCounter', true],
    ['abandoned_object', 'RuleEngine/ObjectAbandoned', true],
    ['removed_object', 'RuleEngine/ObjectRemoved', true],
    ['illegal_parking', 'RuleEngine/parapet:IllegalParking', true],
  ])('tells %s under %s', (type, topic, retain) => {
    const messages = told(makeIncident({ type, rule: 'r1' }));
    expect(messages).toMatchObject([{ topic: `/parapet:estate:box/onvif-ej/${topic}/&tower/parapet/r1`, retain }]);
    onvifEventSchema.parse(JSON.parse(messages[0]?.payload ?? ''));
  });

  it('tells a crossing once', () => {
    const crossing = makeIncident({ type: 'line_crossing' });
    expect(told(crossing)).toHaveLength(1);
    expect(told({ ...crossing, phase: 'update' }, { before: crossing })).toEqual([]);
    expect(told(ended(crossing), { before: crossing })).toEqual([]);
  });

  it('says that a field is empty again, then has the property deleted', () => {
    const inside = makeIncident({ type: 'intrusion', rule: 'yard' });
    expect(dataOf(told(inside)[0])).toMatchObject({ IsInside: 'true' });
    const [last, deleted, ...more] = told(ended(inside), { before: inside });
    expect(more).toEqual([]);
    expect(dataOf(last)).toMatchObject({ IsInside: 'false' });
    expect(deleted).toEqual({ topic: last?.topic, payload: '', retain: true });
  });

  it('keeps the property while another object is inside', () => {
    const gone = makeIncident({ id: first, type: 'intrusion', rule: 'yard' });
    const still = makeIncident({ id: second, type: 'intrusion', rule: 'yard' });
    const messages = told(ended(gone), { before: gone, others: [still] });
    expect(messages.map((message) => dataOf(message)['IsInside'])).toEqual(['false', 'true']);
    expect(dataOf(messages[1])['parapet:Event']).toBe(second);
  });

  it('ends loitering by deleting the property, and says since when', () => {
    const loitering = makeIncident({ type: 'loitering' });
    expect(dataOf(told(loitering)[0])).toMatchObject({ Since: '2026-03-01T07:41:12.480Z', ObjectId: expect.stringMatching(/^\d+$/) });
    expect(told(ended(loitering), { before: loitering })).toEqual([expect.objectContaining({ payload: '', retain: true })]);
  });

  it('gives the count of a crowd', () => {
    const reasons = [
      { criterion: 'dwell', value: 60, threshold: 30, unit: 's' },
      { criterion: 'count', value: 12, threshold: 10, unit: 'people' },
    ];
    expect(dataOf(told(makeIncident({ type: 'crowd', reasons }))[0])).toMatchObject({ Count: '12' });
  });

  it.each([
    [['black'], 'VideoSource/ImageTooDark'],
    [['white'], 'VideoSource/ImageTooBright'],
    [['defocused'], 'VideoSource/ImageTooBlurry'],
    [[], 'VideoSource/GlobalSceneChange'],
  ])('tells tampering with labels %j under %s, of the camera itself', (labels, topic) => {
    const tamper = makeIncident({ type: 'camera_tamper', labels });
    expect(told(tamper)).toMatchObject([{ topic: `/parapet:estate:box/onvif-ej/${topic}/&tower`, retain: true }]);
    // The camera has its state still.
    const [last, ...more] = told(ended(tamper), { before: tamper });
    expect(more).toEqual([]);
    expect(dataOf(last)).toMatchObject({ State: 'false' });
  });

  it('takes back what it said under another name', () => {
    const before = makeIncident({ type: 'camera_tamper', labels: ['black'] });
    const messages = told({ ...before, phase: 'update', labels: ['defocused'] }, { before });
    expect(messages.map(({ topic }) => topic)).toEqual([
      '/parapet:estate:box/onvif-ej/VideoSource/ImageTooDark/&tower',
      '/parapet:estate:box/onvif-ej/VideoSource/ImageTooBlurry/&tower',
    ]);
    expect(messages.map((message) => dataOf(message)['State'])).toEqual(['false', 'true']);
  });

  it('tells the states of a camera, and of each only what has changed', () => {
    const lost = { id: 'tower', signalLost: true, tampered: false, atMs: 0 };
    const messages = format.camera(lost, null);
    expect(messages).toMatchObject([
      { topic: '/parapet:estate:box/onvif-ej/VideoSource/SignalLoss/&tower', retain: true },
      { topic: '/parapet:estate:box/onvif-ej/VideoSource/GlobalSceneChange/&tower', retain: true },
    ]);
    expect(JSON.parse(messages[0]?.payload ?? '')).toEqual({
      UtcTime: '1970-01-01T00:00:00.000Z',
      Source: { Source: 'tower' },
      Data: { State: 'true' },
    });
    expect(dataOf(messages[1])).toEqual({ State: 'false' });
    expect(format.camera({ ...lost, atMs: 1 }, lost)).toEqual([]);
    const [back, ...more] = format.camera({ ...lost, signalLost: false, atMs: 1 }, lost);
    expect(more).toEqual([]);
    expect(dataOf(back)).toEqual({ State: 'false' });
  });

  it('tells totals as a counter for each direction, over all labels, under a topic that it names', () => {
    const of = (direction: string, label: string) => ({ line: 'kerb', direction, label });
    const shape = (name: string, direction: string): FigureShape => ({ name, kind: 'counter', of: { line: 'kerb', direction } });
    const rule = {
      cameraId: 'gate',
      name: 'kerb',
      figures: [shape('crossings', 'left'), shape('crossings', 'right'), shape('dwell_seconds_sum', '')],
    };
    const counted = (direction: string, label: string, value: number, today: number): ToldFigure => ({
      ...{ name: 'crossings', kind: 'counter', of: of(direction, label), value, today, hour: 0 },
    });
    const figures = [counted('left', 'car', 400, 30), counted('left', 'bus', 12, 1)];
    const [left, right, ...more] = format.counters(rule, { sinceMs: 0, figures }, 60_000);
    expect(more).toEqual([]);
    expect(left).toEqual({
      topic: '/parapet:estate:box/onvif-ej/RuleEngine/CountAggregation/Counter/&gate/parapet/kerb.left',
      event: {
        UtcTime: '1970-01-01T00:01:00.000Z',
        Source: { VideoSource: 'gate', AnalyticsConfiguration: 'parapet', Rule: 'kerb.left' },
        Data: { Count: '412', 'parapet:Today': '31', 'parapet:Since': '1970-01-01T00:00:00.000Z' },
      },
    });
    expect(right?.event.Data?.['Count']).toBe('0');
    expect(() => onvifEventSchema.parse(left?.event)).not.toThrow();
    expect(format.counterTopics(rule)).toEqual([left?.topic, right?.topic]);
  });

  it('leaves nothing retained that it does not name, of any life of any incident', () => {
    const types = fc.constantFrom('thrown_object', 'intrusion', 'loitering', 'camera_tamper', 'crowd', 'line_crossing', 'water_on_road');
    const labels = fc.subarray(['black', 'white', 'defocused', 'person']);
    const life = fc.array(fc.record({ type: types, labels }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(life, (steps) => {
        const retained = new Map<string, string>();
        let before: Incident | undefined;
        const rules = [...new Set(steps.map(({ type }) => type))].map((type) => ({ name: 'r', type }));
        const named = new Set(format.retained({ id: 'tower', rules }));
        const phases = [...steps.map((_, i) => (i === 0 ? 'new' : 'update') as Incident['phase']), 'end' as const];
        for (const [i, phase] of phases.entries()) {
          const incident = makeIncident({ id: first, rule: 'r', phase, ...(steps[i] ?? steps.at(-1)) });
          for (const { topic, payload, retain } of told(incident, before === undefined ? {} : { before })) {
            expect(topic).not.toMatch(/[#+\0]/);
            if (!retain) continue;
            expect(named).toContain(topic);
            if (payload === '') retained.delete(topic);
            else retained.set(topic, payload);
          }
          before = incident;
        }
        // What is left says of the camera that all is well.
        for (const [topic, payload] of retained) {
          expect(topic).toContain('/VideoSource/');
          expect(JSON.parse(payload)).toMatchObject({ Data: { State: 'false' } });
        }
      }),
    );
  });

  it('leaves out of topics what MQTT forbids there', () => {
    const [message] = told(makeIncident({ cameraId: 'to#w/er+', rule: 'a+b' }));
    expect(message?.topic).toBe('/parapet:estate:box/onvif-ej/RuleEngine/parapet:ThrownObject/&tower/parapet/ab');
  });
});
