import { beforeEach, describe, expect, it } from 'vitest';
import type { Figure, RuleTotals, ToldFigure } from '../../domain/figure.js';
import { type FiguresMessage, figuresSchema } from '../../domain/wire/status.js';
import { figureLabels, figureMetrics } from '../../platform/health/figure-metrics.js';
import { createMetrics } from '../../platform/health/metrics.js';
import type { StreetRuleWork } from '../../rules/contract.js';
import { ruleConfigSchema, ruleTypes, workOf } from '../../rules/registry.js';
import { agentSnapshot, cameraSnapshot } from '../../testing/snapshot.js';
import { context, leftHalf, object, play, standing } from '../../testing/street-script.js';
import { createStatePublisher } from '../telling/state-publisher.js';
import { createFigureTally, type FigureTallyOptions } from './figure-tally.js';
import { figuresOf } from './rule-figures.js';

const crossings = (value: number, label = 'car'): Figure => ({ name: 'crossings', kind: 'counter', of: { line: 'kerb', label }, value });
const inside = (value: number): Figure => ({ name: 'occupancy', kind: 'gauge', of: { zone: 'shop' }, value });

const rule = (type: 'line_crossing' | 'crowd' | 'occupancy', name: string) =>
  ruleConfigSchema.parse({ type, name, ...(type === 'line_crossing' ? { line: 'kerb' } : { zone: 'gate' }), ...ruleTypes[type].example });
const gate = { rules: [rule('line_crossing', 'line'), rule('occupancy', 'shop')], time_zone: 'Asia/Shanghai' };
/** Noon in Shanghai. */
const NOON_MS = Date.UTC(2026, 2, 2, 4);
const HOUR_MS = 3_600_000;
const counted = (value: number, today = value, hour = value, label = 'car'): ToldFigure => ({ ...crossings(value, label), today, hour });

describe('figures over connections', () => {
  let nowMs = NOON_MS;
  const begin = (known = {}, camera: FigureTallyOptions['camera'] = gate) => {
    const tally = createFigureTally({ camera, known, now: () => nowMs });
    const told = () => Object.fromEntries(Object.entries(tally.now()).map(([name, { figures }]) => [name, figures]));
    return { ...tally, told };
  };
  beforeEach(() => {
    nowMs = NOON_MS;
  });

  it('adds up what was counted, and forgets what was measured', () => {
    const tally = begin();
    tally.take({ line: [crossings(3)], shop: [inside(2)] });
    tally.take({ line: [crossings(4)], shop: [inside(1)] });
    expect(tally.told()).toEqual({ line: [counted(4)], shop: [inside(1)] });
    tally.close();
    expect(tally.told()).toEqual({ line: [counted(4)] });
    // A thread that was lost is closed a second time.
    tally.close();
    tally.take({ line: [crossings(1, 'bus')], shop: [inside(0)] });
    expect(tally.told()).toEqual({ line: [counted(4), counted(1, 1, 1, 'bus')], shop: [inside(0)] });
    tally.take({ line: [crossings(2, 'bus'), crossings(5)], shop: [inside(0)] });
    tally.close();
    expect(tally.told()).toEqual({ line: [counted(9), counted(2, 2, 2, 'bus')] });
  });

  it('tells them by the day and the hour of the camera’s clock', () => {
    const tally = begin();
    tally.take({ line: [crossings(3)] });
    nowMs += HOUR_MS;
    tally.take({ line: [crossings(5)] });
    expect(tally.told()).toEqual({ line: [counted(5, 5, 2)] });
    // Midnight in Shanghai, 16 o'clock in Greenwich.
    nowMs = NOON_MS + 12 * HOUR_MS - 1;
    expect(tally.told()).toEqual({ line: [counted(5, 5, 0)] });
    nowMs++;
    expect(tally.told()).toEqual({ line: [counted(5, 0, 0)] });
    tally.close();
    tally.take({ line: [crossings(1)] });
    expect(tally.told()).toEqual({ line: [counted(6, 1, 1)] });
  });

  it('goes on where it was after a restart of the agent, also on another day, and says since when', () => {
    const first = begin();
    first.take({ line: [crossings(7)], shop: [inside(2)] });
    const known = first.kept();
    nowMs += HOUR_MS / 2;
    const second = begin(known);
    second.take({ line: [crossings(1)] });
    expect(second.now()['line']).toEqual({ sinceMs: NOON_MS, figures: [counted(8)] });
    nowMs += 24 * HOUR_MS;
    const third = begin(known);
    third.take({ line: [crossings(2)] });
    expect(third.now()['line']).toEqual({ sinceMs: NOON_MS, figures: [counted(9, 2, 2)] });
  });

  it.each(['', '{', '7', '{"version":2}', '{"version":1,"type":"line_crossing","since":-1}'])(
    'begins anew with what is damaged: %j',
    (text) => {
      const tally = begin({ line: text });
      tally.take({ line: [crossings(1)] });
      expect(tally.now()).toEqual({ line: { sinceMs: NOON_MS, figures: [counted(1)] } });
    },
  );

  it('forgets rules that are no more, or of another type', () => {
    const tally = begin();
    tally.take({ line: [crossings(3)], shop: [inside(2)] });
    tally.close();
    const kept = tally.kept();
    nowMs += HOUR_MS;
    tally.configure({ ...gate, rules: [rule('crowd', 'line')] });
    expect(tally.told()).toEqual({});
    tally.configure(gate);
    tally.take({ line: [crossings(1)] });
    expect(tally.now()['line']).toEqual({ sinceMs: nowMs, figures: [counted(1)] });
    expect(begin(kept, { ...gate, rules: [rule('crowd', 'line')] }).told()).toEqual({});
  });

  it('leaves out rules that count nothing', () => {
    expect(figuresOf([{ config: { name: 'quiet' }, rule: {}, counted: [] }], false)).toEqual({});
  });

  it('counts anew once its figures were the last, though its rule goes on', () => {
    let value = 0;
    const gauge = { name: 'inside', kind: 'gauge', of: {}, value: 3 } as const;
    const rules = [
      {
        config: { name: 'line' },
        rule: { figures: () => [{ name: 'crossings', kind: 'counter', of: {}, value } as const, gauge] },
        counted: [],
      },
    ];
    const counts = (last: boolean): unknown => figuresOf(rules, last)['line']?.map((figure) => figure.value);
    value = 5;
    expect(counts(false)).toEqual([5, 3]);
    expect(counts(true)).toEqual([5, 3]);
    value = 7;
    expect(counts(false)).toEqual([2, 3]);
    expect(counts(true)).toEqual([2, 3]);
    expect(counts(true)).toEqual([0, 3]);
  });
});

describe('what is told of figures', () => {
  const since = '2026-03-01T00:00:00.000Z';
  const totals = (...figures: readonly ToldFigure[]) => ({ sinceMs: Date.parse(since), figures });
  const told = { line_crossing: totals(counted(412, 12, 3)), occupancy: totals(inside(7)) };
  const snapshot = agentSnapshot({ cameras: [cameraSnapshot({ id: 'gate', counted: told })] });

  it('reaches Prometheus', async () => {
    const text = await createMetrics(() => snapshot).text();
    expect(text).toContain('parapet_crossings_total{camera="gate",rule="line_crossing",line="kerb",label="car"} 412');
    expect(text).toContain('parapet_occupancy{camera="gate",rule="occupancy",zone="shop"} 7');
  });

  it('goes out by MQTT once, and again when it has changed', () => {
    const sent: unknown[] = [];
    const publisher = createStatePublisher({
      publishRetained: (topic, message) => void sent.push([topic, message]),
      publishTransient: () => undefined,
    });
    const rules = [ruleConfigSchema.parse({ type: 'line_crossing', line: 'kerb' })];
    publisher.figures(snapshot, [{ id: 'gate', rules }]);
    publisher.figures(snapshot, [{ id: 'gate', rules }]);
    expect(sent).toEqual([
      ['figures/gate/line_crossing', expect.objectContaining({ camera: 'gate', since, figures: [counted(412, 12, 3)] })],
    ]);
    expect(() => figuresSchema.parse((sent[0] as unknown[])[1])).not.toThrow();
    const cameras = [cameraSnapshot({ id: 'gate', counted: { line_crossing: totals(counted(413)) } })];
    publisher.figures(agentSnapshot({ cameras }), [{ id: 'gate', rules }]);
    expect(sent).toHaveLength(2);
  });

  it('is taken back by MQTT when nothing is measured any more, also what an earlier run has told', () => {
    const sent: FiguresMessage[] = [];
    const publisher = createStatePublisher({
      publishRetained: (_topic, message) => void sent.push(figuresSchema.parse(message)),
      publishTransient: () => undefined,
    });
    const rules = [
      { type: 'crowd', zone: 'gate' },
      { type: 'intrusion', zone: 'gate' },
    ].map((one) => ruleConfigSchema.parse(one));
    const people: Figure = { name: 'people', kind: 'gauge', of: { zone: 'gate' }, value: 7 };
    const at = (counted: Readonly<Record<string, RuleTotals>>) => agentSnapshot({ cameras: [cameraSnapshot({ id: 'gate', counted })] });
    for (const counted of [{}, { crowd: totals(people) }, {}, {}]) publisher.figures(at(counted), [{ id: 'gate', rules }]);
    expect(sent.map(({ rule: name, figures }) => `${name} ${figures.map(({ value }) => value)}`)).toEqual(['crowd ', 'crowd 7', 'crowd ']);
  });

  it('is known of every figure that a rule has', () => {
    const camera = context({
      zones: new Map([['gate', leftHalf]]),
      lines: new Map([['kerb', { from: { x: 0.25, y: 0 }, to: { x: 0.25, y: 1 } }]]),
    });
    const strangers: string[] = [];
    for (const [type, { example }] of Object.entries(ruleTypes)) {
      const config = ruleConfigSchema.parse({ type, ...example });
      const work = workOf(config);
      if (work.input !== 'street') continue;
      const rule = (work as StreetRuleWork<typeof config>).create(config, camera);
      play(rule, { to: 20 }, (s) => {
        const box = standing(0.05 + 0.04 * (s % 10), 0.8);
        return s < 12 ? { objects: ['person', 'car'].map((label, i) => object({ id: i + 1, box, label }, s * 1000)) } : {};
      });
      for (const { name, kind, of } of rule.figures?.() ?? []) {
        const known = figureMetrics.some((metric) => metric.figure === name && metric.kind === kind);
        const labelled = Object.keys(of).every((label) => (figureLabels as readonly string[]).includes(label));
        const declared = (work.figures?.(config as never) ?? []).some(
          (shape) => shape.name === name && shape.kind === kind && Object.entries(shape.of).every(([label, value]) => of[label] === value),
        );
        if (!known || !labelled || !declared) strangers.push(`${type}: ${kind} ${name} of ${Object.keys(of).join(', ')}`);
      }
    }
    expect(strangers).toEqual([]);
  });
});
