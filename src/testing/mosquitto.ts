import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectTcp } from './tcp.js';

/** A real mosquitto on a port of its own, to be stopped, killed, frozen and started again on the same port. */
export interface Mosquitto extends AsyncDisposable {
  readonly port: number;
  /** `mqtt://127.0.0.1:<port>` */
  readonly url: string;
  /** @param config lines in place of those that it had */
  start(config?: readonly string[]): Promise<void>;
  /** SIGTERM: it saves its queues and ends. */
  stop(): Promise<void>;
  /** SIGKILL: what it has not saved is lost. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void;
  /** SIGCONT */
  thaw(): void;
  /** What it has logged. */
  log(): string;
  /** Process id of the one that runs. @throws {TypeError} when none does. */
  pid(): number;
}

export interface MosquittoOptions {
  /** Lines for mosquitto.conf after the listener's; without any, anonymous clients are let in. */
  readonly config?: readonly string[];
  /** Files of a TLS listener and such: paths by name, made in its folder before it starts. */
  readonly files?: Readonly<Record<string, string>>;
}

const binary = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find(existsSync) ?? 'mosquitto';

/** Whether mosquitto is there. Without it, tests say loudly what to install, and fail in CI. */
export function mosquittoInstalled(): boolean {
  if (spawnSync(binary, ['-h']).error === undefined) return true;
  const message = 'mosquitto is not installed: apt-get install mosquitto';
  if (process.env['CI'] !== undefined) throw new Error(message);
  process.stderr.write(`\n*** tests skipped: ${message} ***\n\n`);
  return false;
}

export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'parapet-mosquitto-'));
  const port = await freePort();
  for (const [name, content] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), content);
  const configPath = join(folder, 'mosquitto.conf');
  const writeConfig = (config: readonly string[]): Promise<void> => {
    const lines = [
      `listener ${port} 127.0.0.1`,
      // Started by root it would change to a user that cannot write here.
      `user ${userInfo().username}`,
      'persistence true',
      `persistence_location ${folder}/`,
      'log_type all',
      ...config.map((line) => line.replaceAll('$FOLDER', folder)),
    ];
    return writeFile(configPath, `${lines.join('\n')}\n`);
  };
  await writeConfig(options.config ?? ['allow_anonymous true']);

  let child: ChildProcess | null = null;
  let log = '';

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill('SIGCONT');
    ending.kill(signal);
    await exited;
  }

  const broker: Mosquitto = {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    async start(config) {
      if (child !== null) throw new TypeError('mosquitto runs already');
      if (config !== undefined) await writeConfig(config);
      const started = spawn(binary, ['-c', configPath], { stdio: ['ignore', 'ignore', 'pipe'] });
      started.stderr.on('data', (data: Buffer) => {
        log += data.toString('utf8');
      });
      child = started;
      for (let tries = 0; !(await connectTcp(port)); tries++) {
        if (started.exitCode !== null || tries > 200) throw new Error(`mosquitto did not start: ${log}`);
        await delay(25);
      }
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => {
      child?.kill('SIGSTOP');
    },
    thaw: () => {
      child?.kill('SIGCONT');
    },
    log: () => log,
    pid() {
      if (child?.pid === undefined) throw new TypeError('mosquitto does not run');
      return child.pid;
    },
    async [Symbol.asyncDispose]() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
  await broker.start();
  return broker;
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has no port');
  return address.port;
}
