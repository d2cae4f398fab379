import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliProcess, startCli } from './testing/cli-process.js';

/** A start that fails must end the process by itself: a supervisor waits for exactly that. */
describe('an agent that cannot start', () => {
  let folder: string;
  let agent: CliProcess | null = null;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-start-'));
  });
  afterEach(async () => {
    agent?.child.kill('SIGKILL');
    await agent?.ended;
    await rm(folder, { recursive: true });
  });

  test('says that the port is taken and ends', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      agent = startCli([
        ...['run', '--camera', 'rtsp://127.0.0.1:1/nobody', '--mqtt', 'mqtt://127.0.0.1:1'],
        ...['--set', `data_dir=${join(folder, 'data')}`, '--set', `console.port=${port}`],
      ]);
      const { code, stderr } = await agent.ended;
      expect(code).toBe(1);
      expect(stderr).toContain(`${port}`);
      expect(stderr).not.toContain('    at ');
    } finally {
      taken.close();
    }
  });
});
