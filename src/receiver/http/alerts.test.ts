import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { metricSpecs } from '../../platform/health/metrics.js';
import { createReceiverCounters } from '../context.js';
import { createCentreMetrics } from './centre-metrics.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const { groups } = parse(readFileSync(new URL('../../../config/prometheus/parapet-alerts.yaml', import.meta.url), 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const centre = await createCentreMetrics({
  counters: createReceiverCounters(),
  webhookCounters: { delivered: 0, failures: 0, givenUp: 0 },
  cases: { counts: () => Promise.resolve({}) },
  webhooks: { waiting: () => Promise.resolve(new Map()) },
  brokerConnected: () => true,
  storeReachable: () => true,
}).text();
/** What agents and receivers export, and what Prometheus makes itself. */
const known = new Set([
  ...metricSpecs.map(({ name }) => name),
  ...[...centre.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name ?? ''),
  'up',
]);
/** Names that are no metric: functions and words of the language, and labels. */
const words = new Set('count sum increase absent time on by and or job instance site agent camera m h d'.split(' '));
/** Of every target, and of metrics. */
const labels = new Set(['instance', 'site', 'agent', 'host', ...metricSpecs.flatMap((spec) => spec.labels)]);

describe('the example of alerts for Prometheus', () => {
  it('names every alert once', () => expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length));

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s looks at metrics and labels that are there, and says how to mend it',
    (_, rule) => {
      const names = [...rule.expr.replace(/"[^"]*"/g, '').matchAll(/[a-z_]+/g)].map(([name]) => name).filter((name) => !words.has(name));
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !known.has(name))).toEqual([]);
      const shown = [...(rule.annotations['summary'] ?? '').matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? '');
      expect(shown.filter((label) => !labels.has(label))).toEqual([]);
      expect(rule.annotations['mend']).toMatch(/\S/);
      expect(['info', 'warning', 'critical']).toContain(rule.labels['severity']);
    },
  );
});
