import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Hears what a service tells systemd, in systemd's place. */
export interface NotifySocket extends AsyncDisposable {
  /** For NOTIFY_SOCKET. */
  readonly path: string;
  /** Messages so far, with the time of their arrival, milliseconds since 1970. */
  messages(): readonly { readonly text: string; readonly atMs: number }[];
}

/** Node has no datagram sockets of the local kind. What comes with a message (the barrier's pipe) is closed by not being taken. */
const listen = `
import socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(heard.recv(4096).decode().replace("\\n", " "), flush=True)
`;

/** Whether services can be heard here. Without it, tests say loudly what to install, and fail in CI. */
export function notifyInstalled(): boolean {
  const missing = ['systemd-notify', '/usr/bin/python3'].filter((program) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length === 0) return true;
  const message = `${missing.join(' and ')} not installed: apt-get install systemd python3`;
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}\n\n`);
  return false;
}

export async function openNotifySocket(): Promise<NotifySocket> {
  const folder = await mkdtemp(join(tmpdir(), 'parapet-notify-'));
  const path = join(folder, 'notify');
  const messages: { text: string; atMs: number }[] = [];
  const child: ChildProcess = spawn('/usr/bin/python3', ['-c', listen, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new TypeError('the listener has no standard output');
  const lines = createInterface({ input: child.stdout });
  // The barrier only asks whether what came before has been read.
  lines.on('line', (text) => text.startsWith('BARRIER=') || messages.push({ text: text.trim(), atMs: Date.now() }));
  await once(lines, 'line');
  messages.length = 0;
  return {
    path,
    messages: () => messages,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
