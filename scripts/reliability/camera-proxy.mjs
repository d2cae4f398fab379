import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** RTSP's own packets between its messages begin with this byte, a channel and a length (RFC 2326, 10.12). */
const INTERLEAVED = 0x24;
/** The pictures' channel; the next is that of the sender's reports, which go on when a camera has no pictures. */
const PICTURES = 0;

/**
 * Stands between an agent and a camera, and does what broken cameras and cables do: to the connections that there are, not to those to come.
 *
 * @param {number} cameraPort RTSP over TCP on this machine
 */
export async function startCameraProxy(cameraPort) {
  const connections = new Set();
  let port = cameraPort;
  const server = createServer((agent) => {
    const camera = connect(port, '127.0.0.1');
    const connection = { agent, camera, how: 'pass' };
    connections.add(connection);
    for (const socket of [agent, camera]) {
      socket.setNoDelay(true);
      // Its `close` follows.
      socket.on('error', () => undefined);
    }
    agent.on('data', (data) => connection.how !== 'hole' && camera.write(data));
    const pictures = createPictureFilter((data) => agent.write(data));
    camera.on('data', (data) => {
      if (connection.how === 'pass') pictures.pass(data);
      else if (connection.how === 'no-pictures') pictures.withhold(data);
      else if (connection.how === 'garbage') agent.write(randomFillSync(Buffer.alloc(data.length)));
    });
    camera.on('close', () => connection.how === 'pass' && agent.destroy());
    agent.on('close', () => {
      connections.delete(connection);
      camera.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `rtsp://127.0.0.1:${server.address().port}/stream`,
    /** `hole`: nothing passes and nothing is closed. `garbage`: random bytes. `no-pictures`: only the sender's reports. */
    breakNow(how) {
      for (const connection of connections) connection.how = how;
    },
    /** New connections go to another camera; those that there are end when they are told to. */
    lead(otherPort) {
      port = otherPort;
    },
    cut() {
      for (const { agent } of connections) agent.destroy();
    },
    async dispose() {
      const closed = once(server, 'close');
      server.close();
      this.cut();
      await closed;
    },
  };
}

/** Follows the framing, so that pictures can be left out between two packets. */
function createPictureFilter(write) {
  let rest = Buffer.alloc(0);
  const take = (data, keeps) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    while (rest.length > 0) {
      const length = unitLength(rest);
      if (length === null) return;
      const unit = rest.subarray(0, length);
      rest = rest.subarray(length);
      if (unit[0] !== INTERLEAVED || unit[1] !== PICTURES || keeps) write(unit);
    }
  };
  return { pass: (data) => take(data, true), withhold: (data) => take(data, false) };
}

/** Of a packet, or of text up to the next one; `null` when the packet is not whole yet. */
function unitLength(bytes) {
  if (bytes[0] === INTERLEAVED) {
    const length = bytes.length < 4 ? null : 4 + bytes.readUInt16BE(2);
    return length === null || length > bytes.length ? null : length;
  }
  // Answers are text, and no answer here holds a dollar sign.
  const next = bytes.indexOf(INTERLEAVED);
  return next === -1 ? bytes.length : next;
}
