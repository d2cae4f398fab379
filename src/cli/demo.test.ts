import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { runCli } from '../testing/cli-process.js';

test('the demo proves itself: a throw before a live camera, its event and every file at the receiver', async () => {
  const { code, stdout, stderr } = await runCli(['demo', '--once']);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/camera 'demo' is online: 1280×720 h264, 25 pictures a second/);
  expect(stdout).toMatch(/thrown object \(confirmed\) from floor 13, unit 02/);
  expect(stdout).toMatch(/evidence arrived whole: clip, \d+\.\d s, .*hash verified/);
  expect(stdout).toMatch(/proven: a confirmed event and all its evidence arrived/);
  for (const name of ['trail.jpg', 'clip.mp4']) {
    const path = new RegExp(`(/\\S+${name})`).exec(stdout)?.[1];
    expect(path !== undefined && existsSync(path), name).toBe(true);
  }
  expect(code).toBe(0);
});

test('a port that is taken is told of with the demo’s own flag', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await runCli(['demo', '--port', String(port)]);
  other.close();
  expect(stderr).toBe(`parapet: another program listens on port ${port}; choose another with --port, or leave it out for any free one\n`);
  expect(code).toBe(1);
});
