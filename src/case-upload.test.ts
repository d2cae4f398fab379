import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Evidence } from './domain/evidence.js';
import type { CaseFileMessage } from './domain/wire/case-file.js';
import { systemClock } from './platform/clock.js';
import { openSigningKey } from './platform/proof/index.js';
import { openStore } from './store/index.js';
import { createCertificateWorkshop, opensslInstalled } from './testing/certificates.js';
import { type CliProcess, startCli } from './testing/cli-process.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, silentLogger, type TestFolder, until } from './testing/delivery-fixtures.js';
import { freePort, type Mosquitto, mosquittoInstalled, startMosquitto } from './testing/mosquitto.js';
import { endAfterSuite } from './testing/suite-teardown.js';

const TOKEN = 'the-token-of-this-test-0123';
const SIZE = 300_000;

describe.skipIf(!mosquittoInstalled() || !opensslInstalled())('a file that a case wants by HTTPS', () => {
  const { keep, defer } = endAfterSuite();
  let folder: TestFolder;
  let broker: Mosquitto;
  let proxy: Server;
  let agent: CliProcess;
  let clip: Evidence;
  let base: string;
  /** What came through the proxy. */
  const puts: string[] = [];

  beforeAll(async () => {
    folder = keep(await makeTestFolder());
    broker = keep(await startMosquitto());
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    proxy = await startProxy(port);
    defer(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const address = `localhost:${(proxy.address() as AddressInfo).port}`;
    await writeFile(
      folder.of('centre.yaml'),
      `mqtt: { url: "${broker.url}" }
receiver:
  data_dir: ${folder.of('received')}
  http: { listen: "127.0.0.1:${port}", token: "${TOKEN}", public_url: "https://${address}/parapet" }
`,
      { mode: 0o600 },
    );
    keep(startCli(['receive', '-c', 'centre.yaml'], { cwd: folder.path }));
    await until('the centre answers', async () => (await fetch(`${base}/healthz`).catch(() => null))?.status === 200);
    await recordIncident();
    // The camera is away: what it saw before is on the disk.
    await writeFile(
      folder.of('agent.yaml'),
      `site: estate
agent: box
data_dir: ${folder.of('data')}
console: { port: null }
mqtt:
  url: "${broker.url}"
  delivery: centre
  commands: { allow: [upload], key: ${folder.of('received', 'centre.pub')} }
  evidence: { hold: always, upload: { hosts: ["${address}"], ca: ${folder.of('ca.pem')} } }
cameras: [{ id: tower, source: { url: "rtsp://127.0.0.1:9/away" } }]
`,
      { mode: 0o600 },
    );
    agent = keep(startCli(['run', '-c', 'agent.yaml'], { cwd: folder.path }));
  });

  /** TLS before the centre, as docs/cases.md has it, below a path of its own. */
  async function startProxy(port: number): Promise<Server> {
    const workshop = createCertificateWorkshop(folder.path);
    workshop.authority('ca');
    await workshop.certificate('server');
    const server = createServer(
      { key: readFileSync(workshop.of('server.key')), cert: readFileSync(workshop.of('server.pem')) },
      (incoming, answer) => {
        const path = incoming.url?.replace(/^\/parapet/, '') ?? '';
        const onward = request({ host: '127.0.0.1', port, path, method: incoming.method, headers: incoming.headers }, (response) => {
          puts.push(`${incoming.method} ${response.statusCode}`);
          answer.writeHead(response.statusCode ?? 502, response.headers);
          response.pipe(answer);
        });
        incoming.pipe(onward);
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  /** As an agent that ran before has left it. */
  async function recordIncident(): Promise<void> {
    const logger = silentLogger();
    const dataDir = folder.of('data');
    const signer = await openSigningKey(dataDir, logger);
    const store = openStore({
      path: folder.of('data', 'parapet.sqlite'),
      evidenceFolder: folder.of('data', 'evidence'),
      ...{ site: 'estate', agent: 'box', proof: { signer, version: '0', configSha256: '0'.repeat(64) }, clock: systemClock, logger },
    });
    // Not so old that its time is over.
    const incident = makeIncident({ startedAtMs: Date.now() - 60_000 });
    clip = await makeEvidence(incident, 'clip', folder.of('data', 'evidence', incident.id, 'clip.mp4'), SIZE);
    store.recordIncident(incident);
    store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
    store.recordEvidence(clip);
    store.close();
  }

  const ask = (path: string, body?: object): Promise<Response> =>
    fetch(base + path, {
      headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  const statusOfClip = async (): Promise<string | undefined> => {
    const response = await ask(`/cases/${clip.incidentId}`);
    return response.ok ? ((await response.json()) as CaseFileMessage).evidence[0]?.status : undefined;
  };

  test('is held, is put through TLS by the agent, whole, and leaves its outbox; no piece goes over MQTT', async () => {
    await until('the centre is told of it', async () => (await statusOfClip()) === 'incoming');
    const path = `/cases/${clip.incidentId}/evidence/${clip.id}`;
    expect((await ask(path)).status).toBe(404);
    const fetched = await ask(`${path}/fetch`, { via: 'https' });
    expect([fetched.status, await fetched.text()]).toEqual([202, expect.any(String)]);
    await until('it has come', async () => (await statusOfClip()) === 'verified');
    const bytes = Buffer.from(await (await ask(path)).arrayBuffer());
    expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([SIZE, clip.sha256]);
    expect(puts).toEqual(['PUT 204']);
    expect(broker.log()).not.toContain(`${clip.id}/chunk/`);

    const done = `evidence/${clip.incidentId}/complete`;
    await until('the agent says that all of it is there', () => broker.log().includes(done));
    agent.child.kill('SIGTERM');
    expect((await agent.ended).code).toBe(0);
    const store = openStore({
      path: folder.of('data', 'parapet.sqlite'),
      ...{ site: 'estate', agent: 'box', clock: systemClock, logger: silentLogger() },
    });
    expect(store.outbox.transfer(clip.id)).toBeNull();
    store.close();
  });
});
