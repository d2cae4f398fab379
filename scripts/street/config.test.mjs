import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { configOf } from './config.mjs';
import { findScenario, scenarioNames, stageOf } from './scenarios/index.mjs';
import { createTruth } from './truth.mjs';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));

test('the rules of every scene are as the config takes them', async () => {
  const { ruleTypes } = await import(join(dist, 'rules/registry.js'));
  const refused = scenarioNames().flatMap((name) =>
    stageOf(findScenario(name), 1).rules.flatMap((rule) => {
      const known = ruleTypes[rule.type];
      const parsed = known?.schema.safeParse(rule);
      return parsed === undefined || parsed.success
        ? []
        : [`${name}: ${rule.type}: ${parsed.error.issues[0].path.join('.')} ${parsed.error.issues[0].message}`];
    }),
  );
  expect(refused).toEqual([]);
});

test('parapet validate takes the config of a scene', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-street-config-'));
  try {
    const truth = createTruth(stageOf(findScenario('intrusion-walker-day'), 1)).finish();
    const file = join(folder, 'parapet.yaml');
    writeFileSync(file, configOf(truth, '/video.mp4'));
    const { status, stderr } = spawnSync(process.execPath, [join(dist, 'main.js'), 'validate', '-c', file], { encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
