import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { AgentError, errorMessage } from '../errors.js';

export interface ListenPlace {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** How the place is called in messages. */
  readonly name: string;
  /** What to set where nobody may listen there. */
  readonly mend: string;
}

/** A server that listens; it ends with all of its connections. */
export interface Listening extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
}

/**
 * Has an HTTP server listen.
 *
 * @param onError told of what goes wrong with the server later on.
 * @throws {AgentError} PORT_IN_USE when the port is taken, this user may not have it, or the address is not this machine's.
 */
export async function listen(server: Server, { host, port, name, mend }: ListenPlace, onError: (error: Error) => void): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new AgentError('PORT_IN_USE', `${name}: ${why(error)}; ${mend}`, { cause: error })),
    );
    server.listen(port, host, resolve);
  });
  server.on('error', onError);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function why(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'another program listens there';
  if (error.code === 'EACCES') return 'this user may not listen there; choose a port above 1023';
  return errorMessage(error);
}
