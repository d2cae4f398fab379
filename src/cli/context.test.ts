import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createTestContext } from '../testing/text-sink.js';
import { type CommandContext, type ConfigOptions, loadConfigFromFlags, quietLogLevel } from './context.js';

const folder = mkdtempSync(join(tmpdir(), 'parapet-context-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'debug.yaml'), 'log:\n  level: debug\n');
writeFileSync(join(folder, 'info.yaml'), 'log:\n  level: info\n');

test.each<[string, ConfigOptions, CommandContext['env'], string]>([
  ['nobody asks', {}, {}, 'warn'],
  ['the file', { config: 'debug.yaml' }, {}, 'debug'],
  ['the file, although it says what is the default elsewhere', { config: 'info.yaml' }, {}, 'info'],
  ['the environment', {}, { PARAPET_LOG__LEVEL: 'error' }, 'error'],
  ['the flag, before the file', { config: 'debug.yaml', logLevel: 'error' }, {}, 'error'],
])('the log level of a quiet command: %s', (_name, options, env, level) => {
  const context = { ...createTestContext(folder, env), setExitCode: () => undefined };
  expect(quietLogLevel(loadConfigFromFlags(context, options))).toBe(level);
});
