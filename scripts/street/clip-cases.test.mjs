import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../../src/testing/shared-data.js';

const script = fileURLToPath(new URL('clip-cases.mjs', import.meta.url));
const cases = (...args) => spawnSync(process.execPath, [script, '--data', sharedData(), ...args], { encoding: 'utf8' });

describe.skipIf(!hasSharedData(['negative', 'abandoned'], 'every rule on real clips'))('all rules at once', () => {
  test('confirm nothing without a model where nothing happens', () => {
    const { status, stdout } = cases('--eyes', 'none', '--clip', 'negative');
    expect(stdout).toMatch(/4 runs: 0 with a confirmed case that did not happen/);
    expect(status).toBe(0);
  });

  test('confirm the bag that somebody leaves', () => {
    const { status, stdout } = cases('--eyes', 'none', '--clip', 'street_bag');
    expect(stdout).toContain('1 abandoned_object');
    expect(status).toBe(0);
  });

  test.each([
    ['--clip', 'no_such_clip'],
    ['--jobs', 'two'],
  ])('do not pass where nothing was looked at: %s %s', (...args) => {
    const { status, stdout, stderr } = cases(...args);
    expect(stderr).toContain(args[1]);
    expect(stdout).not.toContain('0 runs');
    expect(status).toBe(1);
  });
});
