import { describe, expect, it } from 'vitest';
import type { Figure } from '../domain/figure.js';
import { figuresSchema } from '../domain/wire/status.js';
import { figureLabels, figureMetrics } from '../platform/figure-metrics.js';
import { createMetrics } from '../platform/metrics.js';
import type { StreetRuleWork } from '../rules/contract.js';
import { ruleConfigSchema, ruleTypes, workOf } from '../rules/registry.js';
import { agentSnapshot, cameraSnapshot } from '../testing/snapshot.js';
import { context, leftHalf, object, play, standing } from '../testing/street-script.js';
import { createFigureTally, figuresOf } from './rule-figures.js';
import { createStatePublisher } from './state-publisher.js';

const crossings = (value: number, label = 'car'): Figure => ({ name: 'crossings', kind: 'counter', of: { line: 'kerb', label }, value });
const inside = (value: number): Figure => ({ name: 'occupancy', kind: 'gauge', of: { zone: 'shop' }, value });

describe('figures over connections', () => {
  it('adds up what was counted, and forgets what was measured', () => {
    const tally = createFigureTally();
    tally.take({ line: [crossings(3)], shop: [inside(2)] });
    tally.take({ line: [crossings(4)], shop: [inside(1)] });
    expect(tally.now()).toEqual({ line: [crossings(4)], shop: [inside(1)] });
    tally.close();
    expect(tally.now()).toEqual({ line: [crossings(4)] });
    // A thread that was lost is closed a second time.
    tally.close();
    tally.take({ line: [crossings(1, 'bus')], shop: [inside(0)] });
    expect(tally.now()).toEqual({ line: [crossings(1, 'bus'), crossings(4)], shop: [inside(0)] });
    tally.take({ line: [crossings(2, 'bus'), crossings(5)], shop: [inside(0)] });
    tally.close();
    expect(tally.now()).toEqual({ line: [crossings(2, 'bus'), crossings(9)] });
  });

  it('forgets rules that are no more', () => {
    const tally = createFigureTally();
    tally.take({ line: [crossings(3)], shop: [inside(2)] });
    tally.close();
    tally.retain(['shop']);
    expect(tally.now()).toEqual({});
  });

  it('leaves out rules that count nothing', () => {
    expect(figuresOf([{ config: { name: 'quiet' }, rule: {} }])).toEqual({});
  });
});

describe('what is told of figures', () => {
  const told = { line_crossing: [crossings(412)], occupancy: [inside(7)] };
  const snapshot = agentSnapshot({ cameras: [cameraSnapshot({ id: 'gate', figures: told })] });

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
    expect(sent).toEqual([['figures/gate/line_crossing', expect.objectContaining({ camera: 'gate', figures: [crossings(412)] })]]);
    expect(() => figuresSchema.parse((sent[0] as unknown[])[1])).not.toThrow();
    const cameras = [cameraSnapshot({ id: 'gate', figures: { line_crossing: [crossings(413)] } })];
    publisher.figures(agentSnapshot({ cameras }), [{ id: 'gate', rules }]);
    expect(sent).toHaveLength(2);
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
        if (!known || !labelled) strangers.push(`${type}: ${kind} ${name} of ${Object.keys(of).join(', ')}`);
      }
    }
    expect(strangers).toEqual([]);
  });
});
