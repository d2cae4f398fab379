import { copyFile, writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateWorkshop, createCertificateWorkshop, opensslInstalled } from '../../testing/certificates.js';
import { makeTestFolder, type TestFolder, until } from '../../testing/delivery-fixtures.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../../testing/mosquitto.js';
import { systemClock } from '../clock.js';
import type { AgentError } from '../errors.js';
import { type CertificateTerm, classifyBrokerError, connectMqtt, createMqttSession, type MqttTlsOptions } from './index.js';

const DAY_MS = 86_400_000;

/** A real mosquitto, and certificates of every kind that an installer can get wrong. */
describe.skipIf(!mosquittoInstalled() || !opensslInstalled())('TLS with a real broker', () => {
  let folder: TestFolder;
  let made: CertificateWorkshop;
  const brokers: Record<string, Mosquitto> = {};

  beforeAll(async () => {
    folder = await makeTestFolder();
    made = createCertificateWorkshop(folder.path);
    for (const name of ['ca', 'other']) made.authority(name);
    await made.certificate('server');
    await made.certificate('server-expired', { toDays: -1 });
    await made.certificate('server-future', { fromDays: 1 });
    await made.certificate('client');
    await made.certificate('client-expired', { toDays: -1 });
    await made.certificate('client-of-another', { by: 'other' });
    await made.certificate('client-soon', { toDays: 9.5 });
    await writeFile(folder.of('garbage.pem'), 'no certificate\n');
    await writeFile(folder.of('damaged.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const tls = (name: string): string[] => [
      ...['allow_anonymous true', `cafile ${folder.of('ca.pem')}`],
      ...[`certfile ${folder.of(`${name}.pem`)}`, `keyfile ${folder.of(`${name}.key`)}`],
    ];
    const wanted: Record<string, string[]> = {
      plain: ['allow_anonymous true'],
      good: tls('server'),
      expired: tls('server-expired'),
      future: tls('server-future'),
      mutual: [...tls('server'), 'require_certificate true'],
    };
    for (const [name, config] of Object.entries(wanted)) brokers[name] = await startMosquitto({ config });
  });
  afterAll(async () => {
    for (const broker of Object.values(brokers)) await broker[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const url = (broker: string, host = 'localhost', scheme = 'mqtts'): string => `${scheme}://${host}:${brokers[broker]?.port}`;
  const files = (client: string | null, ca: string | null = 'ca', servername: string | null = null): MqttTlsOptions => ({
    ca: ca === null ? null : folder.of(`${ca}.pem`),
    cert: client === null ? null : folder.of(`${client}.pem`),
    key: client === null ? null : folder.of(`${client}.key`),
    servername,
  });
  async function connectOnce(to: string, tls: MqttTlsOptions): Promise<readonly CertificateTerm[]> {
    const mqtt = { url: to, clientId: 'matrix', connectTimeoutMs: 5_000, tls };
    const link = await connectMqtt({ mqtt, clock: systemClock, cleanStart: true, onMessage: () => undefined });
    await link.end();
    return link.certificates;
  }

  it.each([
    ['its authority', () => connectOnce(url('good'), files(null))],
    ['a client certificate', () => connectOnce(url('mutual'), files('client'))],
    ['an address and the name that the certificate bears', () => connectOnce(url('good', '127.0.0.1'), files(null, 'ca', 'localhost'))],
  ])('connects with %s', async (_name, connecting) => {
    await connecting();
  });

  it.each<[string, () => [string, MqttTlsOptions], AgentError['code'], RegExp]>([
    ['no authority', () => [url('good'), files(null, null)], 'BROKER_REFUSED', /not signed by an authority.*mqtt\.tls\.ca/],
    ['the wrong authority', () => [url('good'), files(null, 'other')], 'BROKER_REFUSED', /not signed by an authority.*mqtt\.tls\.ca/],
    [
      'another host name',
      () => [url('good', '127.0.0.1'), files(null)],
      'BROKER_REFUSED',
      /bears another name \(it bears DNS:localhost\).*mqtt\.url.*mqtt\.tls\.servername/,
    ],
    ['another configured name', () => [url('good'), files(null, 'ca', 'broker.city')], 'BROKER_REFUSED', /bears another name/],
    [
      'an expired broker',
      () => [url('expired'), files(null)],
      'BROKER_REFUSED',
      /broker’s certificate has expired; renew it at the broker/,
    ],
    ['a broker not valid yet', () => [url('future'), files(null)], 'BROKER_REFUSED', /not valid yet; set this machine’s clock/],
    [
      'no client certificate',
      () => [url('mutual'), files(null)],
      'BROKER_REFUSED',
      /wants a certificate of this client.*none was shown; set mqtt\.tls\.cert and mqtt\.tls\.key/,
    ],
    [
      'an expired client certificate',
      () => [url('mutual'), files('client-expired')],
      'BROKER_REFUSED',
      /this client’s certificate (has expired|ran out).*renew mqtt\.tls\.cert/,
    ],
    [
      'a client certificate of another authority',
      () => [url('mutual'), files('client-of-another')],
      'BROKER_REFUSED',
      /does not know the authority that signed this client’s certificate.*mqtt\.tls\.cert/,
    ],
    [
      'TLS to a plain port',
      () => [url('plain'), files(null)],
      'BROKER_UNREACHABLE',
      /does the port speak TLS\? If not, use mqtt:\/\/|does not speak TLS there; use mqtt:\/\//,
    ],
    ['no TLS to a port that wants it', () => [url('good', 'localhost', 'mqtt'), {}], 'BROKER_UNREACHABLE', /is TLS needed \(mqtts:\/\/\)/],
    ['no such file', () => [url('good'), files(null, 'none')], 'FILE_INVALID', /mqtt\.tls\.ca: cannot read/],
    [
      'an authority that is none',
      () => [url('good'), files(null, 'garbage')],
      'FILE_INVALID',
      /mqtt\.tls\.ca: the file holds no certificate/,
    ],
    [
      'a damaged authority',
      () => [url('good'), files(null, 'damaged')],
      'FILE_INVALID',
      /mqtt\.tls\.ca: certificate 1 in the file is damaged/,
    ],
    [
      'a certificate in place of the key',
      () => [url('mutual'), { ...files('client'), key: folder.of('client.pem') }],
      'FILE_INVALID',
      /mqtt\.tls\.key: the file holds no private key/,
    ],
    [
      'the key of another certificate',
      () => [url('mutual'), { ...files('client'), key: folder.of('server.key') }],
      'FILE_INVALID',
      /mqtt\.tls\.key: the key does not belong to mqtt\.tls\.cert/,
    ],
  ])('%s: refused with one line that says which, and the mend', async (_name, options, code, message) => {
    const [to, tls] = options();
    const reason: unknown = await connectOnce(to, tls).then(
      () => new Error('it connected'),
      (error: unknown) => error,
    );
    const { code: found, message: line } = classifyBrokerError(reason, to);
    expect(line).toMatch(message);
    expect(line).not.toContain('\n');
    expect(found).toBe(code);
  });

  it('tells how long each certificate is good', async () => {
    const terms = await connectOnce(url('mutual'), files('client'));
    const days = Object.fromEntries(terms.map(({ of, notAfterMs }) => [of, Math.round((notAfterMs - Date.now()) / DAY_MS)]));
    expect(days).toEqual({ authority: 3, client: 30, broker: 30 });
  });

  it('warns of certificates that run out, and takes renewed files at the next connection', async () => {
    const lines: { readonly event: string; readonly of?: string; readonly msg: string; readonly code?: string }[] = [];
    const logger = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    for (const kind of ['pem', 'key']) await copyFile(folder.of(`client-expired.${kind}`), folder.of(`renewed.${kind}`));
    await using session = createMqttSession({
      mqtt: { url: url('mutual'), clientId: 'renewing', tls: files('renewed') },
      subscriptions: [],
      onMessage: () => undefined,
      onUp: () => undefined,
      backoff: { minMs: 50, spreadMs: 100 },
      clock: systemClock,
      logger,
    });
    session.start();
    await until('it was refused', () => session.state().lastError?.code === 'BROKER_REFUSED');
    for (const kind of ['pem', 'key']) await copyFile(folder.of(`client-soon.${kind}`), folder.of(`renewed.${kind}`));
    await until('it is connected', () => session.state().connected);
    const warnings = lines.filter(({ event }) => event === 'certificate-expires');
    expect(Object.fromEntries(warnings.map(({ of, msg }) => [of, msg]))).toEqual({
      authority: expect.stringMatching(/^the authority’s certificate runs out in 2 days .*renew mqtt\.tls\.ca$/),
      client: expect.stringMatching(/^this client’s certificate runs out in 9 days .*renew mqtt\.tls\.cert$/),
    });
    expect(session.state().certificates.map(({ of }) => of)).toEqual(['authority', 'client', 'broker']);
  });

  it('looks at the files again while a connection stands for long', async () => {
    for (const kind of ['pem', 'key']) await copyFile(folder.of(`client-soon.${kind}`), folder.of(`standing.${kind}`));
    // Half a day passes in a second.
    const hasty = { ...systemClock, monotonic: () => performance.now() * 50_000 };
    await using session = createMqttSession({
      mqtt: { url: url('mutual'), clientId: 'standing', tls: files('standing') },
      subscriptions: [],
      onMessage: () => undefined,
      onUp: () => undefined,
      clock: hasty,
      logger: pino({ level: 'silent' }),
    });
    session.start();
    await until('it is connected', () => session.state().connected);
    const [before] = session.state().certificates.filter(({ of }) => of === 'client');
    for (const kind of ['pem', 'key']) await copyFile(folder.of(`client.${kind}`), folder.of(`standing.${kind}`));
    await until('the renewed file is seen', () =>
      session.state().certificates.some((t) => t.of === 'client' && t.notAfterMs !== before?.notAfterMs),
    );
    expect(session.state()).toMatchObject({ connects: 1, certificates: [{ of: 'authority' }, { of: 'client' }, { of: 'broker' }] });
  });
});
