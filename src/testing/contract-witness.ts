import { readFileSync } from 'node:fs';
import { connect } from 'mqtt';
import { parse } from 'yaml';
import { channelOf, channels } from '../domain/contract/channels.js';
import { createValidator, type Validator } from './json-schema.js';

/** Hears all that goes over a broker and holds it to docs/asyncapi.yaml. */
export interface ContractWitness extends AsyncDisposable {
  /** What was wrong so far, one line each: an unknown topic, a payload that does not fit, a wrong QoS or retain flag. */
  problems(): readonly string[];
  /** Channels that something went over, and how often. */
  seen(): ReadonlyMap<string, number>;
}

/** @param isForeign topics that are the test's own, such as its response topic. */
export async function startContractWitness(url: string, isForeign: (topic: string) => boolean): Promise<ContractWitness> {
  const document = parse(readFileSync(new URL('../../docs/asyncapi.yaml', import.meta.url), 'utf8')) as {
    readonly components: { readonly schemas: Readonly<Record<string, object>> };
  };
  const validators = new Map<string, Validator>(
    Object.entries(document.components.schemas).map(([name, schema]) => [name, createValidator(schema)]),
  );
  const problems: string[] = [];
  const seen = new Map<string, number>();
  const client = connect(url, { protocolVersion: 5, clientId: 'witness' });
  client.on('message', (topic, payload, { qos, retain }) => {
    if (isForeign(topic)) return;
    const name = channelOf(topic);
    const channel = name === null ? undefined : channels[name];
    if (name === null || channel === undefined) {
      problems.push(`${topic}: no channel of the document`);
      return;
    }
    seen.set(name, (seen.get(name) ?? 0) + 1);
    if (qos !== channel.qos) problems.push(`${topic}: QoS ${qos}, and the document says ${channel.qos}`);
    if (channel.retained !== 'either' && retain !== (channel.retained === 'yes'))
      problems.push(`${topic}: retain ${retain}, and the document says ${channel.retained}`);
    if (payload.length === 0) {
      if (channel.retained === 'no' && !name.startsWith('command')) problems.push(`${topic}: an empty payload where nothing is retained`);
      return;
    }
    const errors = channel.messages.map((message) => errorsOf(validators.get(message), payload));
    if (!errors.some((list) => list.length === 0))
      problems.push(`${topic}: ${errors.flat().join('; ')}: ${payload.toString().slice(0, 300)}`);
  });
  // As it was published: otherwise a broker tells the retain flag only of what it has kept.
  await client.subscribeAsync('#', { qos: 1, rap: true });
  return {
    problems: () => [...problems],
    seen: () => new Map(seen),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

/** Without a validator the payload is raw bytes, and any are right. */
function errorsOf(validate: Validator | undefined, payload: Buffer): readonly string[] {
  if (validate === undefined) return [];
  try {
    return validate(JSON.parse(payload.toString('utf8')));
  } catch (error) {
    return [`not JSON (${String(error)})`];
  }
}
