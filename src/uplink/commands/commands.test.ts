import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandNames, refusalCodes, replySchema } from '../../domain/wire/command.js';
import { AgentError } from '../../platform/errors.js';
import { createSigner, type Signer } from '../../platform/proof/index.js';
import { recordingLogger } from '../../testing/delivery-fixtures.js';
import { createTestClock, type TestClock } from '../../testing/test-clock.js';
import { parseInbound } from '../inbound/inbound.js';
import { type CommandCounters, type CommandHandlers, type CommandPolicy, createCommandDesk } from './commands.js';

const base = 'parapet/estate/box';
const camera = 'tower';
const span = { from: '2026-03-01T07:41:00Z', to: '2026-03-01T07:41:10+00:00' };
const all: CommandPolicy = { allow: commandNames, key: null };

/** Every command answers with what it was given. */
const echo: CommandHandlers = {
  ping: () => ({ pong: true }),
  status: () => ({}),
  snapshot: (payload) => ({ payload }),
  clip: (payload) => ({ payload }),
  verify: (payload) => ({ payload }),
  set: (payload) => ({ payload }),
  reload: () => ({}),
  fetch: (payload) => ({ payload }),
  upload: (payload) => ({ payload }),
};

function createBench(policy: CommandPolicy = all, handlers: Partial<CommandHandlers> = {}) {
  const clock: TestClock = createTestClock(Date.UTC(2026, 2, 1, 8));
  const log = recordingLogger();
  const counters: CommandCounters = { commands: 0, commandsRefused: 0 };
  const taken = new Set<string>();
  const nonces = { take: (nonce: string) => !taken.has(nonce) && taken.add(nonce) !== undefined };
  const desk = createCommandDesk({ handlers: { ...echo, ...handlers }, policy, base, nonces, counters, clock, logger: log.logger });
  const ask = (name: string, payload: unknown = {}, retained = false) =>
    desk.answer(name, { payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)), retained });
  return { clock, log, counters, desk, ask };
}

describe('commands', () => {
  it.each([
    ['ping', ''],
    ['ping', '{}'],
    ['status', '{}'],
    ['snapshot', { camera }],
    ['snapshot', { camera, event: '01KJM3QZ80T7V9C2M4N6P8R0S2', case: '《投诉》 ../17' }],
    ['clip', { camera, ...span }],
    ['verify', { event: '01KJM3QZ80T7V9C2M4N6P8R0S2' }],
    ['set', { camera, enabled: false }],
    ['set', { camera, rule: 'thrown_object', sensitivity: null }],
    ['reload', {}],
  ])('takes %s %j', async (name, payload) => {
    const { ask, counters } = createBench();
    const reply = replySchema.parse(await ask(name, payload));
    expect(reply).toMatchObject({ command: name, ok: true, code: null, error: null, at: '2026-03-01T08:00:00.000Z' });
    expect(counters).toEqual({ commands: 1, commandsRefused: 0 });
  });

  it.each([
    ['explode', {}, 'unknown_command', 'known: ping, status, snapshot'],
    ['Ping', {}, 'unknown_command', 'known: ping'],
    ['constructor', {}, 'unknown_command', 'known: ping'],
    ['clip', '{', 'invalid', 'not JSON'],
    ['clip', '[]', 'invalid', 'expected record'],
    ['clip', '\ufeff{}', 'invalid', 'camera'],
    ['clip', { camera: '../../../etc', ...span }, 'invalid', 'the id of a camera'],
    ['clip', { camera, from: span.to, to: span.from }, 'invalid', 'must lie after'],
    ['clip', { camera, from: 'yesterday', to: span.to }, 'invalid', 'from'],
    ['clip', { camera, ...span, event: '../../../../../etc' }, 'invalid', 'ULID'],
    ['clip', { camera, ...span, form: 1 }, 'invalid', 'form'],
    ['set', { camera }, 'invalid', 'name `enabled`'],
    ['set', { camera, sensitivity: 'extreme' }, 'invalid', 'sensitivity'],
    ['ping', { at: '2026-03-01T07:50:00Z' }, 'stale', '600 s ago'],
    ['ping', { at: '2026-03-01T08:10:00Z' }, 'stale', 'ahead'],
  ])('refuses %s %j as %s', async (name, payload, code, why) => {
    const { ask, counters, log } = createBench();
    const reply = replySchema.parse(await ask(name, payload));
    expect(reply).toMatchObject({ command: name, ok: false, code, error: expect.stringContaining(why), result: null });
    expect(counters).toEqual({ commands: 1, commandsRefused: 1 });
    expect(log.lines()).toMatchObject([{ event: 'command-refused', msg: expect.stringContaining(code) }]);
  });

  it('carries out only what is allowed, and says how more is', async () => {
    const { ask, desk } = createBench({ allow: ['ping', 'status'], key: null });
    expect(await ask('ping')).toMatchObject({ ok: true });
    expect(await ask('reload')).toMatchObject({ code: 'not_allowed', error: expect.stringContaining('mqtt.commands.allow') });
    desk.setPolicy({ allow: ['reload'], key: null });
    expect(await ask('reload')).toMatchObject({ ok: true });
    expect(await ask('ping')).toMatchObject({ code: 'not_allowed' });
  });

  it('takes 64 KiB at most', async () => {
    const { ask } = createBench();
    expect(await ask('ping', `{}${' '.repeat(65_534)}`)).toMatchObject({ ok: true });
    expect(await ask('ping', `{}${' '.repeat(65_535)}`)).toMatchObject({ code: 'too_large', error: '65537 bytes, at most 65536' });
  });

  it('takes none that a broker keeps', async () => {
    expect(await createBench().ask('ping', '', true)).toMatchObject({ ok: false, code: 'retained' });
  });

  it('takes so many at once, and more with time; each command for itself', async () => {
    const { ask, clock } = createBench();
    for (let i = 0; i < 6; i++) expect(await ask('snapshot', { camera })).toMatchObject({ ok: true });
    expect(await ask('snapshot', { camera })).toMatchObject({ code: 'rate_limited', error: expect.stringContaining('in 5 s') });
    expect(await ask('ping')).toMatchObject({ ok: true });
    await clock.advance(5_000);
    expect(await ask('snapshot', { camera })).toMatchObject({ ok: true });
    expect(await ask('snapshot', { camera })).toMatchObject({ code: 'rate_limited' });
  });

  it('has four under way at most', async () => {
    const free: (() => void)[] = [];
    const { ask } = createBench(all, { clip: () => new Promise((resolve) => free.push(() => resolve({}))) });
    const waiting = Array.from({ length: 4 }, () => ask('clip', { camera, ...span }));
    expect(await ask('clip', { camera, ...span })).toMatchObject({ code: 'busy' });
    for (const finish of free) finish();
    for (const reply of await Promise.all(waiting)) expect(reply).toMatchObject({ ok: true });
    expect(await ask('ping')).toMatchObject({ ok: true });
  });

  it('answers what fails, and keeps the details of a mistake to the log', async () => {
    const { ask, log } = createBench(all, {
      clip: () => {
        throw new AgentError('DISK_FULL', 'no room is left');
      },
      set: () => {
        throw new TypeError('/secret/path is undefined');
      },
    });
    expect(await ask('clip', { camera, ...span })).toMatchObject({ code: 'failed', error: 'no room is left' });
    const reply = await ask('set', { camera, enabled: true });
    expect(reply).toMatchObject({ code: 'failed' });
    expect(reply.error).not.toContain('secret');
    expect(log.lines().some((line) => line['event'] === 'command-crashed')).toBe(true);
  });
});

describe('signed commands', () => {
  const centre = createSigner(generateKeyPairSync('ed25519').privateKey);
  const at = '2026-03-01T08:00:01Z';
  let count = 0;
  const command = (name: string, payload: object = {}, differ: object = {}, signer: Signer = centre) =>
    signer.sign({ ...payload, topic: `${base}/cmd/${name}`, at, nonce: `nonce-${String(count++).padStart(4, '0')}`, ...differ });
  const bench = () => createBench({ allow: commandNames, key: centre.publicKey });

  it('takes what the centre has signed, once', async () => {
    const { ask } = bench();
    const signed = command('snapshot', { camera });
    expect(await ask('snapshot', signed)).toMatchObject({ ok: true, result: { payload: { camera } } });
    expect(await ask('snapshot', signed)).toMatchObject({ code: 'replayed' });
    // The order of keys and white space are nothing that is signed.
    const again = command('snapshot', { camera });
    expect(await ask('snapshot', JSON.stringify(Object.fromEntries(Object.entries(again).reverse()), null, 2))).toMatchObject({ ok: true });
  });

  it.each<[string, (signed: object) => unknown, string]>([
    ['nothing signed', () => ({ camera }), 'bad_signature'],
    ['another camera than was signed', (signed) => ({ ...signed, camera: 'gate' }), 'bad_signature'],
    ['another time than was signed', (signed) => ({ ...signed, at: '2026-03-01T08:00:02Z' }), 'bad_signature'],
    ['another nonce than was signed', (signed) => ({ ...signed, nonce: 'nonce-other' }), 'bad_signature'],
    [
      'what was signed for another agent',
      () => command('snapshot', { camera }, { topic: 'parapet/estate/other/cmd/snapshot' }),
      'bad_signature',
    ],
    ['what was signed for another command', () => command('ping', { camera }), 'bad_signature'],
    [
      'what another key has signed',
      () => command('snapshot', { camera }, {}, createSigner(generateKeyPairSync('ed25519').privateKey)),
      'bad_signature',
    ],
    ['what was signed an hour ago', () => command('snapshot', { camera }, { at: '2026-03-01T07:00:00Z' }), 'stale'],
    ['what was signed for tomorrow', () => command('snapshot', { camera }, { at: '2026-03-02T08:00:00Z' }), 'stale'],
  ])('refuses %s', async (_what, change, code) => {
    const { ask } = bench();
    expect(await ask('snapshot', change(command('snapshot', { camera })))).toMatchObject({ ok: false, code });
  });
});

/** 3,000 in the normal run; `PARAPET_FUZZ_RUNS=100000 npx vitest run src/uplink/commands/commands.test.ts` for more. */
const runs = Number(process.env['PARAPET_FUZZ_RUNS'] ?? 3_000);

describe('whatever comes in', () => {
  const names = fc.oneof(
    fc.constantFrom<string>(...commandNames),
    fc.string(),
    fc.constantFrom('__proto__', 'toString', '../../ping', 'ping/..'),
  );
  const fields = fc.dictionary(
    fc.oneof(
      fc.constantFrom(
        'camera',
        'from',
        'to',
        'event',
        'case',
        'rule',
        'enabled',
        'sensitivity',
        'at',
        'nonce',
        'topic',
        'signature',
        '__proto__',
      ),
      fc.string(),
    ),
    fc.oneof(fc.json(), fc.constantFrom('tower', '../../../tmp/x', '01KJM3QZ80T7V9C2M4N6P8R0S2', ...Object.values(span)), fc.jsonValue()),
  );
  const payloads = fc.oneof(
    fields.map((value) => Buffer.from(JSON.stringify(value))),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.integer({ min: 0, max: 60_000 }).map((depth) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))),
  );

  it('a command gets a reply that fits its schema, and nothing from outside becomes a path', async () => {
    const seen: unknown[] = [];
    const note = (payload: unknown): Record<string, unknown> => {
      seen.push(payload);
      return {};
    };
    const handlers = { snapshot: note, clip: note, verify: note, set: note };
    await fc.assert(
      fc.asyncProperty(names, payloads, fc.boolean(), fc.boolean(), async (name, payload, retained, signed) => {
        const { desk } = createBench({ allow: commandNames, key: signed ? 'A'.repeat(43).concat('=') : null }, handlers);
        const reply = replySchema.parse(await desk.answer(name, { payload, retained }));
        expect(reply.ok).toBe(reply.code === null);
        expect(reply.command.length).toBeLessThanOrEqual(40);
        if (reply.code !== null) expect(refusalCodes).toContain(reply.code);
        if (reply.code === 'failed') throw new Error(`${name} ${payload.toString()} failed: ${reply.error}`);
      }),
      { numRuns: runs },
    );
    for (const payload of seen as { camera?: string; event?: string }[]) {
      expect(payload.camera ?? 'x').toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
      expect(payload.event ?? 'X').toMatch(/^[0-9A-Z]+$/);
    }
  });

  it('a topic is one that is known, or is turned away with one line', () => {
    const topics = fc.oneof(
      fc.tuple(fc.constantFrom('ack', 'need', 'cmd/ping', 'cases/01KJM3QZ80T7V9C2M4N6P8R0S2/state'), payloads),
      fc.tuple(
        fc.string().map((name) => `cmd/${name}`),
        payloads,
      ),
      fc.tuple(
        fc.string().map((event) => `cases/${event}/state`),
        payloads,
      ),
      fc.tuple(fc.string(), payloads),
    );
    fc.assert(
      fc.property(topics, ([topic, payload]) => {
        const message = { topic: `${base}/${topic}`, payload, retained: false, responseTopic: null, correlationData: null };
        try {
          expect(['ack', 'need', 'case', 'command']).toContain(parseInbound(base, message).kind);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: runs },
    );
  });
});
