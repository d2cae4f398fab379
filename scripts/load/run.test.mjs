import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mosquittoInstalled } from '../../dist/testing/mosquitto.js';
import { postgresInstalled } from '../../dist/testing/postgres.js';

const program = join(dirname(fileURLToPath(import.meta.url)), 'run.mjs');

/** Waits without blocking the runner, which would take it for dead. */
async function run(args) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
  const [status] = await once(child, 'close');
  return { status, ...said };
}

test.skipIf(!mosquittoInstalled() || !postgresInstalled() || process.platform !== 'linux')(
  'a dozen agents for three seconds, two receivers, one PostgreSQL: everything arrives once, and the facts say so',
  async () => {
    const work = mkdtempSync(join(tmpdir(), 'parapet-load-'));
    try {
      const json = join(work, 'facts.json');
      const few = [
        '--agents',
        '12',
        '--minutes',
        '0.05',
        '--rate-factor',
        '2000',
        '--quiet',
        '0',
        '--processes',
        '2',
        '--clip-bytes',
        '150000',
      ];
      const centre = ['--receivers', '2', '--store', 'postgres'];
      // On a busy machine p99 may be missed, which is another matter.
      const { stdout, stderr } = await run([...few, ...centre, '--work', work, '--json', json]);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/events at the centre: \d+ made: 0 lost, 0 twice, 0 of others/);
      const { facts } = JSON.parse(readFileSync(json, 'utf8'));
      const missed = facts.filter(({ ok }) => ok === false).map(({ what }) => what);
      expect(missed.filter((what) => !what.startsWith('p99'))).toEqual([]);
      expect(facts.find(({ what }) => what.startsWith('cases, events, files made')).value).not.toMatch(/^0/);
      if (missed.length === 0) expect(readdirSync(work)).toEqual(['facts.json']);
    } finally {
      rmSync(work, { recursive: true });
    }
  },
  120_000,
);

test('a rate or number that makes no sense is refused', async () => {
  for (const wrong of [['--agents', 'many'], ['--minutes=-1'], ['--store', 'paper'], ['--receivers', '2']]) {
    const { status, stderr } = await run(wrong);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^load: --/);
  }
});
