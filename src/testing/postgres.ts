import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './mosquitto.js';

/** A private PostgreSQL on a port of its own, to be stopped, killed and started again on the same port. */
export interface Postgres extends AsyncDisposable {
  readonly port: number;
  /** Makes a fresh database. @returns its URL. */
  createDatabase(): string;
  start(): Promise<void>;
  /** SIGINT: it ends all connections and saves. */
  stop(): Promise<void>;
  /** SIGQUIT: it ends as in a crash, and recovers from its log when it starts. */
  kill(): Promise<void>;
  /** Process id of the one that runs. @throws {TypeError} when none does. */
  pid(): number;
}

/** Debian's place for each version, newest first; else whatever is on the path. */
const folder = ['/usr/lib/postgresql', '/opt/homebrew/opt']
  .filter(existsSync)
  .flatMap((root) => readdirSync(root).map((name) => join(root, name, 'bin')))
  .filter((bin) => existsSync(join(bin, 'initdb')))
  .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0];
const program = (name: string): string => (folder === undefined ? name : join(folder, name));

/** Whether PostgreSQL is there. Without it, tests say loudly what to install, and fail in CI. */
export function postgresInstalled(): boolean {
  if (spawnSync(program('postgres'), ['--version']).error === undefined) return true;
  const message = 'PostgreSQL is not installed: apt-get install postgresql';
  if (process.env['CI'] !== undefined) throw new Error(message);
  process.stderr.write(`\n*** tests skipped: ${message} ***\n\n`);
  return false;
}

export async function startPostgres(): Promise<Postgres> {
  const home = mkdtempSync(join(tmpdir(), 'parapet-postgres-'));
  const data = join(home, 'data');
  const owner = unprivileged();
  if (owner !== null) chownSync(home, owner.uid, owner.gid);
  const as = owner ?? {};
  execFileSync(program('initdb'), ['-D', data, '-U', 'parapet', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
    ...as,
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await freePort();
  let child: ChildProcess | null = null;
  let log = '';
  let databases = 0;

  const command = (name: string, ...args: string[]): void => {
    execFileSync(program(name), ['-h', '127.0.0.1', '-p', String(port), '-U', 'parapet', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  };

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    await exited;
  }

  const server: Postgres = {
    port,
    createDatabase() {
      const name = `centre${++databases}`;
      command('createdb', name);
      return `postgres://parapet@127.0.0.1:${port}/${name}`;
    },
    async start() {
      if (child !== null) throw new TypeError('PostgreSQL runs already');
      const args = ['-D', data, '-p', String(port), '-k', home, '-c', 'listen_addresses=127.0.0.1', '-c', 'shared_buffers=16MB'];
      const started = spawn(program('postgres'), args, { ...as, cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
      started.stderr.on('data', (text: Buffer) => {
        log = (log + text.toString('utf8')).slice(-10_000);
      });
      child = started;
      for (let tries = 0; spawnSync(program('pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status !== 0; tries++) {
        if (started.exitCode !== null || tries > 200) throw new Error(`PostgreSQL did not start: ${log}`);
        await delay(50);
      }
    },
    pid() {
      if (child?.pid === undefined) throw new TypeError('PostgreSQL does not run');
      return child.pid;
    },
    stop: () => end('SIGINT'),
    kill: () => end('SIGQUIT'),
    async [Symbol.asyncDispose]() {
      await end('SIGQUIT');
      await rm(home, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** PostgreSQL refuses to run as root: Debian's package has made a user for it. */
function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
