import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const start = (...args: string[]) => spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

test('the exit code and the error line reach the shell', async () => {
  const child = start('validate', '-c', '/no/such.yaml');
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  expect({ code, out, err }).toEqual({ code: 2, out: '', err: 'parapet: /no/such.yaml: no such file; check the path given with -c\n' });
});

test('a reader that goes away is no error', async () => {
  const child = start('schema', 'config');
  child.stdout.destroy();
  const [[code], err] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});
