import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { commandSchemas } from '../../domain/wire/command.js';
import type { OutgoingMessage } from '../../platform/mqtt/index.js';
import { checkSignature, createSigner } from '../../platform/proof/index.js';
import { createTestClock, type TestClock } from '../../testing/test-clock.js';
import { Rejected } from '../rejected.js';
import { type AgentAsker, createAgentAsker } from './ask-agents.js';

const signer = createSigner(generateKeyPairSync('ed25519').privateKey);
const order = { event: '01KJM3QZ80T7V9C2M4N6P8R0S2', evidence: '01KJM3R2M0A1B2C3D4E5F6G7H8' };

describe('a command to an agent', () => {
  let clock: TestClock;
  let sent: OutgoingMessage[];
  let link: 'up' | 'down';
  let asker: AgentAsker;
  beforeEach(() => {
    clock = createTestClock();
    sent = [];
    link = 'up';
    const publish = () => (link === 'down' ? null : async (message: OutgoingMessage) => void sent.push(message));
    asker = createAgentAsker({ prefix: 'parapet', replyName: 'receiver-1', signer: () => signer, publish, clock });
  });
  const reply = (differ: object = {}): Buffer =>
    Buffer.from(
      JSON.stringify({
        schema: 'parapet/reply/v1',
        command: 'fetch',
        ok: true,
        at: new Date(0).toISOString(),
        code: null,
        error: null,
        result: {},
        ...differ,
      }),
    );
  const correlation = (): Buffer => sent.at(-1)?.correlationData ?? Buffer.alloc(0);
  const box = { site: 'estate', agent: 'box' };

  it('is signed for its topic, and answered to this receiver alone', async () => {
    const answered = asker.ask('estate', 'box', 'fetch', order);
    await clock.advance(0);
    expect(sent[0]).toMatchObject({ topic: 'parapet/estate/box/cmd/fetch', responseTopic: 'parapet/estate/box/reply/receiver-1' });
    const { topic, at, nonce, signature, ...payload } = JSON.parse(sent[0]?.payload.toString() ?? '') as Record<string, unknown>;
    expect(commandSchemas.fetch.parse(payload)).toEqual(order);
    expect([topic, at, typeof nonce]).toEqual(['parapet/estate/box/cmd/fetch', new Date(clock.now()).toISOString(), 'string']);
    expect(checkSignature({ ...payload, topic, at, nonce, signature })).toEqual({ state: 'good', key: signer.publicKey });
    expect(sent[0]).not.toHaveProperty('retain');
    asker.takeReply(box, correlation(), reply());
    expect(await answered).toMatchObject({ ok: true });
    // The same once more: nobody waits for it.
    expect(() => asker.takeReply(box, correlation(), reply())).toThrow(Rejected);
  });

  it('is refused in the words of the agent', async () => {
    const answered = expect(asker.ask('estate', 'box', 'fetch', order)).rejects.toMatchObject({
      code: 'AGENT_REFUSED',
      message: 'estate/box refuses fetch: not today',
    });
    await clock.advance(0);
    asker.takeReply(box, correlation(), reply({ ok: false, code: 'not_allowed', error: 'not today', result: null }));
    await answered;
  });

  it('is given up when nobody answers, or another than was asked', async () => {
    const answered = expect(asker.ask('estate', 'box', 'fetch', order)).rejects.toMatchObject({ code: 'AGENT_SILENT' });
    await clock.advance(0);
    expect(() => asker.takeReply({ site: 'estate', agent: 'other' }, correlation(), reply())).toThrow(Rejected);
    expect(() => asker.takeReply(box, null, reply())).toThrow(Rejected);
    expect(() => asker.takeReply(box, correlation(), Buffer.from('{}'))).toThrow(Rejected);
    expect(() => asker.takeReply(box, correlation(), Buffer.alloc(300_000))).toThrow('at most 262144');
    await clock.advance(20_000);
    await answered;
    expect(clock.waiting()).toBe(0);
    link = 'down';
    await expect(asker.ask('estate', 'box', 'fetch', order)).rejects.toMatchObject({
      code: 'AGENT_SILENT',
      message: expect.stringContaining('not connected'),
    });
  });
});
