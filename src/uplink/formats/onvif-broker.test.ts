import { connect } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.js';
import { openStore, type Store } from '../../store/index.js';
import { ended, makeIncident, makeTestFolder, silentLogger, type TestFolder, until } from '../../testing/delivery-fixtures.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../../testing/mosquitto.js';
import { createUplink, type Uplink } from '../uplink.js';
import { createOnvifFormat } from './onvif.js';

describe.skipIf(!mosquittoInstalled())('ONVIF’s properties at a real broker', () => {
  let folder: TestFolder;
  let broker: Mosquitto;
  let store: Store;
  let uplink: Uplink | null = null;

  beforeEach(async () => {
    folder = await makeTestFolder();
    broker = await startMosquitto();
    const formats = [createOnvifFormat('parapet:estate:box')];
    store = openStore({
      path: folder.of('store.sqlite'),
      site: 'estate',
      agent: 'box',
      formats,
      clock: systemClock,
      logger: silentLogger(),
    });
  });
  afterEach(async () => {
    await uplink?.[Symbol.asyncDispose]();
    uplink = null;
    store.close();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  function start(): void {
    uplink = createUplink({
      mqtt: { url: broker.url },
      identity: { site: 'estate', agent: 'box', version: '1', prefix: 'parapet' },
      outbox: store.outbox,
      // Nobody acknowledges: only what is of no concern to a centre may leave.
      delivery: 'centre',
      chunkBytes: 8 * 1024,
      maxInFlight: 20,
      backoff: { minMs: 50, spreadMs: 100 },
      flushMs: 100,
      clock: systemClock,
      logger: silentLogger(),
    });
    uplink.start();
  }

  /** What the broker holds for who comes now and subscribes as ONVIF's readers do. */
  async function kept(): Promise<readonly string[]> {
    const reader = connect(broker.url, { protocolVersion: 5 });
    const states: string[] = [];
    let asked = false;
    reader.on('message', (topic, payload) => {
      if (topic === 'end') asked = true;
      else states.push(`${topic.split('/onvif-ej/')[1]} ${JSON.parse(payload.toString()).Data.IsInside}`);
    });
    await reader.subscribeAsync(['+/onvif-ej/#', 'end']);
    // Retained messages come before what is published afterwards.
    await reader.publishAsync('end', '');
    await until('all that is kept', () => asked);
    await reader.endAsync();
    return states;
  }

  it('are there while something is so, handed on, and gone when nothing is, also after an outage', async () => {
    const place = 'RuleEngine/FieldDetector/ObjectsInside/&tower/parapet/yard';
    const [first, second] = [makeIncident({ type: 'intrusion', rule: 'yard' }), makeIncident({ type: 'intrusion', rule: 'yard' })];
    const left = (events: number) => until('only events wait', () => store.outbox.depth().messages === events);
    start();
    store.recordIncident(first);
    uplink?.wake();
    await left(1);
    expect(await kept()).toEqual([`${place} true`]);

    store.recordIncident(second);
    store.recordIncident(ended(first));
    uplink?.wake();
    await left(3);
    expect(await kept()).toEqual([`${place} true`]);

    await broker.stop();
    store.recordIncident(ended(second));
    await broker.start();
    await left(4);
    expect(await kept()).toEqual([]);
  });
});
