import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SceneState, StreetFrame } from '../domain/street.js';
import { makeIncident } from '../testing/delivery-fixtures.js';
import { paintedPicture } from '../testing/street-picture.js';
import { context, leftHalf, object, stillThing, usualScene } from '../testing/street-script.js';
import type { Rule, RuleFinding, StreetRuleWork } from './contract.js';
import { ruleConfigSchema, ruleTypes, workOf } from './registry.js';

/** What holds for every rule that street cameras have, whatever they show. */

const street = Object.entries(ruleTypes).flatMap(([type, entry]) => {
  const config = ruleConfigSchema.parse({ type, ...entry.example });
  const work = workOf(config);
  return work.input === 'street' ? [{ type, config, work: work as StreetRuleWork<typeof config> }] : [];
});
const camera = context({
  zones: new Map([['gate', leftHalf]]),
  lines: new Map([['kerb', { from: { x: 0.1, y: 0.9 }, to: { x: 0.9, y: 0.6 } }]]),
});

const unit = fc.double({ min: -0.2, max: 1.2, noNaN: true });
const box = fc.tuple(unit, unit, unit, unit).map(([x, y, w, h]) => ({ x1: x, y1: y, x2: x + Math.abs(w) / 2, y2: y + Math.abs(h) / 2 }));
const scene = fc.record({
  brightness: fc.double({ min: 0, max: 255, noNaN: true }),
  sharpness: fc.double({ min: 0, max: 3, noNaN: true }),
  edgesKept: fc.double({ min: 0, max: 1, noNaN: true }),
  night: fc.boolean(),
  frozenMs: fc.constantFrom(0, 0, 1_200, 4_200),
  unsettled: fc.boolean(),
});
const label = fc.constantFrom('person', 'car', 'truck', 'bicycle', 'object', 'suitcase', 'dog');
const moment = fc.record({
  gapMs: fc.integer({ min: 40, max: 4_000 }),
  named: fc.boolean(),
  scene,
  objects: fc.array(
    fc.record({
      id: fc.integer({ min: 1, max: 6 }),
      box,
      label,
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      state: fc.constantFrom('tentative' as const, 'confirmed' as const, 'lost' as const),
      stands: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
  still: fc.array(
    fc.record({
      id: fc.integer({ min: 1, max: 6 }),
      box,
      kind: fc.constantFrom('added' as const, 'removed' as const, 'unclear' as const),
      state: fc.constantFrom('present' as const, 'occluded' as const, 'gone' as const),
    }),
    { maxLength: 4 },
  ),
});

function run(rule: Rule<StreetFrame>, moments: readonly (typeof moment extends fc.Arbitrary<infer T> ? T : never)[]): RuleFinding[] {
  const findings: RuleFinding[] = [];
  let ptsMs = 0;
  moments.forEach(({ gapMs, named, scene: given, objects, still }, seq) => {
    ptsMs += gapMs;
    const state: SceneState = { ...usualScene, ...given };
    findings.push(
      ...rule.step({
        ...{ seq, ptsMs, capturedAtMs: 1_700_000_000_000 + ptsMs, named, scene: state },
        picture: paintedPicture([], { seed: seq + 1, width: 64, height: 36 }),
        objects: objects.map(({ stands, ...one }) =>
          object({ ...one, ...(stands ? { stillSincePtsMs: Math.max(0, ptsMs - 20_000), stillBox: one.box } : {}) }, ptsMs),
        ),
        still: still.map((one) => stillThing({ ...one, sincePtsMs: Math.max(0, ptsMs - 20_000) }, ptsMs)),
      }),
    );
  });
  return [...findings, ...rule.finish()];
}

describe.each(street)('$type', ({ config, work }) => {
  it('takes whatever a camera shows, begins each incident once and ends it once', () => {
    fc.assert(
      fc.property(fc.array(moment, { minLength: 5, maxLength: 40 }), (moments) => {
        const phases = new Map<number, string[]>();
        for (const finding of run(work.create(config, camera), moments)) {
          phases.set(finding.number, [...(phases.get(finding.number) ?? []), finding.phase]);
          expect(finding.startPtsMs).toBeLessThanOrEqual(finding.endPtsMs);
          expect(finding.confidence).toBeGreaterThanOrEqual(0);
          expect(finding.confidence).toBeLessThanOrEqual(1);
          for (const { value, threshold } of finding.reasons) expect([value, threshold].every(Number.isFinite)).toBe(true);
        }
        for (const told of phases.values()) expect(told.join(' ')).toMatch(/^new( update)* end$/);
      }),
      { numRuns: 40 },
    );
  });

  it('says how it is looked at again, and claims nothing without pictures', () => {
    const box = { x1: 0.2, y1: 0.2, x2: 0.4, y2: 0.5 };
    const incident = makeIncident({ type: config.type, box });
    const look = work.reinspection;
    expect(look).toBeDefined();
    expect(look?.place(incident) ?? box).toMatchObject({ x1: expect.any(Number) });
    const { presence, reason } = look?.judge(incident, { capturedAtMs: 0, picture: null, before: null, steady: null, scene: null }) ?? {};
    expect(reason).toMatch(/\S/);
    expect(presence === 'cannot_tell' || reason?.includes('is over when it has been seen')).toBe(true);
  });

  it('says whether it goes on with what an earlier stream left open', () => {
    const rule = work.create(config, camera);
    expect(rule.resume !== undefined).toBe(work.resumes === true);
    // What is gone on with must be known again.
    if (work.resumes === true) expect([rule.memory, rule.recall]).not.toContain(undefined);
  });

  it('takes whatever it is told to remember', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (memory) => {
        work.create(config, camera).recall?.(memory);
      }),
      { numRuns: 50 },
    );
  });
});

describe('docs/reasons.md', () => {
  const page = readFileSync(new URL('../../docs/reasons.md', import.meta.url), 'utf8');
  const explained = Object.entries(ruleTypes).filter(([, { input }]) => input !== 'motion');
  it.each(explained.map(([type]) => type))('explains every criterion of %s', (type) => {
    const folder = new URL(`./${type.replaceAll('_', '-')}/`, import.meta.url);
    const sources = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    const own = sources.map((file) => readFileSync(new URL(file, folder), 'utf8'));
    // What several rules have in common stands beside them.
    const shared = own.flatMap((text) => [...text.matchAll(/from '(\.\.\/common\/[\w-]+)\.js'/g)].map(([, path]) => `${path}.ts`));
    const texts = [...own, ...shared.map((path) => readFileSync(new URL(path, folder), 'utf8'))];
    const asked = texts.flatMap((text) => [...text.matchAll(/criterion: '(\w+)'/g)].map(([, name]) => name));
    expect(asked.length).toBeGreaterThan(0);
    const [section = ''] = (page.split(`\n### ${type}\n`)[1] ?? '').split('\n##');
    const documented = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect([...new Set(asked)].sort()).toEqual(documented.sort());
  });
});

it('has a schema and a title for every type', () => {
  for (const { schema, title } of Object.values(ruleTypes)) {
    expect(title).toMatch(/^[A-Z]/);
    expect(schema).toBeInstanceOf(z.ZodObject);
  }
});
