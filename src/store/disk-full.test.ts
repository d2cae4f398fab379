import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeTestFolder } from '../testing/delivery-fixtures.js';

/** Compiled by vitest's global setup. */
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Records until it fails, then once more, and tells what the outbox holds. */
const program = `
  import { openStore } from '${dist}store/index.js';
  import { systemClock } from '${dist}platform/clock.js';
  import { createLogger } from '${dist}platform/logger.js';
  import { makeIncident } from '${dist}testing/delivery-fixtures.js';
  // A limit on file sizes raises this signal where a full disk would not.
  process.on('SIGXFSZ', () => undefined);
  const store = openStore({ path: process.argv[1], site: 's', agent: 'a', clock: systemClock, logger: createLogger('silent') });
  const seqs = [];
  let failure = null;
  for (let tries = 0; tries < 100 && failure === null; tries++) {
    try { seqs.push(store.recordIncident(makeIncident()).seq); } catch (error) { failure = { code: error.code, message: error.message }; }
  }
  let after = null;
  try { seqs.push(store.recordIncident(makeIncident()).seq); } catch (error) { after = error.code; }
  process.stdout.write(JSON.stringify({ seqs, failure, after, kept: store.outbox.messages(0, 1000).map((row) => JSON.parse(row.payload).seq) }));
`;

describe.skipIf(process.platform === 'win32')('a disk that takes no more', () => {
  it('costs the event at hand, with an error that says so, and nothing that was recorded before', async () => {
    await using folder = await makeTestFolder();
    // 300 KiB a file: more than making the tables takes; the write-ahead log reaches it first.
    const script = 'ulimit -f 600 && exec "$0" --input-type=module -e "$1" "$2"';
    const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, program, folder.of('store.sqlite')], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { seqs, failure, kept } = JSON.parse(stdout) as { seqs: number[]; failure: { code: string; message: string }; kept: number[] };
    expect(['STORE_FAILED', 'DISK_FULL']).toContain(failure.code);
    expect(failure.message).toMatch(/^the database .*; (look at the disk|make some)/);
    expect(seqs.length).toBeGreaterThan(0);
    expect(kept).toEqual(seqs);
    expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
  });
});
