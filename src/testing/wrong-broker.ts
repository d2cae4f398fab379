import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createPacketSplitter, packetIdOf, packetTypes, pubackFor } from './mqtt-packets.js';

/** What becomes of the broker's acknowledgements (PUBACK) on their way to the client. */
export type Acknowledging =
  | { readonly how: 'promptly' }
  /** Each is held back so long, milliseconds; their order stays. */
  | { readonly how: 'late'; readonly ms: number }
  | { readonly how: 'twice' }
  /** Messages pass, acknowledgements do not. */
  | { readonly how: 'never' }
  /** Messages are acknowledged at once, and the broker never sees them. */
  | { readonly how: 'falsely' };

/**
 * Stands between clients and a real broker and does what broken brokers and networks do. What it was told counts for all connections, those
 * that stand and those to come.
 */
export interface WrongBroker extends AsyncDisposable {
  readonly port: number;
  /** `mqtt://127.0.0.1:<port>` */
  readonly url: string;
  acknowledge(how: Acknowledging): void;
  /**
   * Nothing passes any more, in either direction, and nothing is closed: a network that has died without a word. Connections can still be
   * made, and nothing answers on them.
   */
  silence(): void;
  /** New connections work again. Those that were silenced never do: whoever holds one must notice by himself. */
  restore(): void;
  /** Breaks all connections (RST); new ones work. */
  cut(): void;
  /** When each connection was accepted, monotonic milliseconds. */
  connectedAtMs(): readonly number[];
  /** Acknowledgements that were held back, doubled, dropped or made up. */
  wronged(): number;
}

/** Starts it on a free port of this machine, before the broker on `brokerPort`. */
export async function startWrongBroker(brokerPort: number): Promise<WrongBroker> {
  const connections = new Set<Connection>();
  const connectedAtMs: number[] = [];
  let acknowledging: Acknowledging = { how: 'promptly' };
  let silent = false;
  let wronged = 0;

  const server = createServer((client) => {
    connectedAtMs.push(performance.now());
    const connection = new Connection(client, brokerPort, {
      acknowledging: () => acknowledging,
      onWronged: () => {
        wronged++;
      },
    });
    if (silent) connection.silence();
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has no port');
  return {
    port: address.port,
    url: `mqtt://127.0.0.1:${address.port}`,
    acknowledge(how) {
      acknowledging = how;
    },
    silence() {
      silent = true;
      for (const connection of connections) connection.silence();
    },
    restore() {
      silent = false;
    },
    cut() {
      for (const connection of connections) connection.cut();
    },
    connectedAtMs: () => connectedAtMs,
    wronged: () => wronged,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) connection.cut();
      await closed;
    },
  };
}

interface Manners {
  readonly acknowledging: () => Acknowledging;
  readonly onWronged: () => void;
}

class Connection {
  readonly closed: Promise<void>;
  private readonly broker: Socket;
  private silenced = false;
  /** Acknowledgements that are held back leave one after the other. */
  private held: Promise<void> = Promise.resolve();
  private readonly over = new AbortController();

  constructor(
    private readonly client: Socket,
    brokerPort: number,
    private readonly manners: Manners,
  ) {
    this.broker = connect(brokerPort, '127.0.0.1');
    for (const socket of [client, this.broker]) {
      socket.setNoDelay(true);
      // Its `close` follows and tells the other side.
      socket.on('error', () => undefined);
    }
    this.client.on(
      'data',
      createPacketSplitter((packet) => this.fromClient(packet)),
    );
    this.broker.on(
      'data',
      createPacketSplitter((packet) => this.fromBroker(packet)),
    );
    // The end of one side is the end of the other, unless the network has died: then nobody hears of it.
    this.broker.on('close', () => this.silenced || this.client.destroy());
    this.client.on('close', () => this.silenced || this.broker.destroy());
    this.closed = new Promise((resolve) => {
      client.once('close', () => {
        this.over.abort();
        // A broker behind a dead network keeps its side open; here it may go, its keepalive would end it later.
        this.broker.destroy();
        resolve();
      });
    });
  }

  silence(): void {
    this.silenced = true;
  }

  cut(): void {
    this.client.resetAndDestroy();
    this.broker.resetAndDestroy();
  }

  private fromClient(packet: Buffer): void {
    if (this.silenced) return;
    const id = packetIdOf(packet);
    if (id !== null && this.manners.acknowledging().how === 'falsely') {
      this.manners.onWronged();
      this.client.write(pubackFor(id));
      return;
    }
    this.broker.write(packet);
  }

  private fromBroker(packet: Buffer): void {
    if (this.silenced) return;
    const acknowledging = this.manners.acknowledging();
    const honest = acknowledging.how === 'promptly' || acknowledging.how === 'falsely';
    if ((packet[0] ?? 0) >> 4 !== packetTypes.puback || honest) {
      this.client.write(packet);
      return;
    }
    this.manners.onWronged();
    if (acknowledging.how === 'never') return;
    if (acknowledging.how === 'twice') {
      this.client.write(Buffer.concat([packet, packet]));
      return;
    }
    const dueMs = performance.now() + acknowledging.ms;
    this.held = this.held.then(() => this.writeAt(dueMs, packet));
  }

  private async writeAt(dueMs: number, packet: Buffer): Promise<void> {
    try {
      await delay(Math.max(0, dueMs - performance.now()), undefined, { signal: this.over.signal });
    } catch (error) {
      if (!this.over.signal.aborted) throw error;
      return;
    }
    if (!this.silenced) this.client.write(packet);
  }
}
