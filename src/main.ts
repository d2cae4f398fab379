#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=4
// The C library keeps freed memory apart for every thread: two such heaps instead of a dozen spare an agent some 40 MB. Node would let the
// space for young objects grow to 48 MB before it looks at them; an agent's do not live long.
import { loadCommands } from './cli/commands.js';
import { runProgram } from './cli/program.js';
import { stopOnSignals } from './cli/stop-signals.js';
import { packageVersion } from './cli/version.js';
import { systemClock } from './platform/clock.js';

const signal = stopOnSignals(process, systemClock);
// A reader that goes away (`parapet schema | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const args = process.argv.slice(2);
process.exitCode = await runProgram(
  await loadCommands(args),
  {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    version: packageVersion(),
    signal,
  },
  args,
);
