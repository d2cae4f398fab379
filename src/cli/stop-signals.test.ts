import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startCli } from '../testing/cli-process.js';
import { makeTestFolder, until } from '../testing/delivery-fixtures.js';
import { createTestClock } from '../testing/test-clock.js';
import { type Signalled, stopOnSignals } from './stop-signals.js';

type Name = Parameters<Signalled['on']>[0];

test.each<[string, readonly (readonly [number, Name])[], readonly number[]]>([
  ['one signal', [[0, 'SIGTERM']], []],
  [
    'one that is heard twice, as timeout sends it',
    [
      [0, 'SIGTERM'],
      [1, 'SIGTERM'],
      [299, 'SIGINT'],
    ],
    [],
  ],
  [
    'a second Ctrl-C',
    [
      [0, 'SIGINT'],
      [600, 'SIGINT'],
    ],
    [130],
  ],
  [
    'an echo, and then in earnest',
    [
      [0, 'SIGTERM'],
      [20, 'SIGTERM'],
      [2_000, 'SIGTERM'],
    ],
    [143],
  ],
])('%s', async (_name, signals, exits) => {
  const clock = createTestClock();
  const heard = new Map<Name, () => void>();
  const codes: number[] = [];
  const signal = stopOnSignals({ on: (name, listener) => heard.set(name, listener), exit: (code) => void codes.push(code) }, clock);
  expect(signal.aborted).toBe(false);
  for (const [atMs, name] of signals) {
    await clock.advance(atMs - clock.monotonic());
    heard.get(name)?.();
    expect(signal.aborted).toBe(true);
  }
  expect(codes).toEqual(exits);
});

test('an agent that is signalled twice at once still ends in order', async () => {
  await using folder = await makeTestFolder();
  const agent = startCli(['run', '--camera', 'rtsp://127.0.0.1:1/nobody', '--set', 'console.port=0', '--set', 'agent=box'], {
    cwd: folder.path,
  });
  let said = '';
  agent.child.stderr?.on('data', (text: string) => {
    said += text;
  });
  await until('it runs', () => said.includes('agent-started'));
  agent.child.kill('SIGTERM');
  await delay(5);
  agent.child.kill('SIGTERM');
  expect(await agent.ended).toMatchObject({ code: 0, signal: null });
});
