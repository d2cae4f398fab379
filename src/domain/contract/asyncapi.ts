import { type Channel, channels, manyLevels, parameters } from './channels.js';
import { type MessageName, messages } from './messages.js';

export type Document = Readonly<Record<string, unknown>>;

/** Payloads to show, by the name of their message. */
export type Examples = Partial<Readonly<Record<MessageName, readonly unknown[]>>>;

const MQTT_BINDING = '0.2.0';
const ref = (kind: string, name: string): Document => ({ $ref: `#/components/${kind}/${name}` });

/**
 * The whole contract as an AsyncAPI 3.0 document: what an agent sends and receives over MQTT.
 *
 * @param version of the program.
 */
export function asyncApiDocument(version: string, examples: Examples = {}): Document {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Parapet',
      version,
      description:
        'What a Parapet agent sends and takes over MQTT: events of things thrown from buildings and of incidents in the street, their evidence, states, commands and cases. `send` is what the agent publishes, `receive` what it has subscribed to. docs/mqtt.md says the same in words.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      broker: {
        host: '{host}:{port}',
        protocol: 'secure-mqtt',
        protocolVersion: '5.0',
        description: 'The broker at `mqtt.url`. MQTT 3.1.1 will do where it speaks no more.',
        variables: {
          host: { description: 'Name or address.', default: 'broker.example' },
          port: { description: '8883 with TLS, 1883 without.', default: '8883' },
        },
        security: [{ type: 'userPassword' }, { type: 'X509' }],
        bindings: { mqtt: { cleanSession: false, keepAlive: 30, bindingVersion: MQTT_BINDING } },
      },
    },
    channels: { ...mapValues(channels, channelObject), responseTopic: responseTopic() },
    operations: Object.fromEntries(
      Object.entries(channels).flatMap(([name, channel]) => {
        return bindings(channel).map(({ suffix, retain }) => [
          `${channel.action}${capital(name)}${suffix}`,
          operation(name, channel, retain),
        ]);
      }),
    ),
    components: {
      parameters: mapValues(parameters, ({ about, byDefault, examples: shown }, name) => ({
        description: about,
        ...(byDefault === undefined ? {} : { default: byDefault }),
        ...(shown === undefined ? {} : { examples: shown }),
        ...(manyLevels.has(name) ? { 'x-many-levels': true } : {}),
      })),
      messages: mapValues(messages, (_, name) => messageObject(name, examples[name] ?? [])),
      schemas: Object.fromEntries(
        Object.entries(messages).flatMap(([name, { jsonSchema, title }]) =>
          jsonSchema === null ? [] : [[name, { title, ...jsonSchema() }]],
        ),
      ),
    },
  };
}

function channelObject({ address, about, messages: names }: Channel): Document {
  const used = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  return {
    address,
    description: about,
    messages: Object.fromEntries(names.map((name) => [name, ref('messages', name)])),
    parameters: Object.fromEntries(used.map((name) => [name, ref('parameters', name)])),
  };
}

/** Where an answer goes that the request has named a topic for. */
function responseTopic(): Document {
  return {
    address: null,
    description: 'The MQTT 5 response topic of a command, with its correlation data; without one the answer goes to `reply`.',
    messages: { reply: ref('messages', 'reply') },
  };
}

/** The binding has one flag, so what is retained or not according to what it says has two operations. */
function bindings({ retained, action }: Channel): readonly { readonly suffix: string; readonly retain: boolean }[] {
  if (retained !== 'either') return [{ suffix: '', retain: retained === 'yes' }];
  // Whoever receives must take both.
  return action === 'receive'
    ? [{ suffix: '', retain: false }]
    : [
        { suffix: '', retain: false },
        { suffix: 'Property', retain: true },
      ];
}

function operation(name: string, channel: Channel, retain: boolean): Document {
  const { action, about, qos, messages: names, reply } = channel;
  return {
    action,
    summary: about,
    channel: { $ref: `#/channels/${name}` },
    messages: names.map((message) => ({ $ref: `#/channels/${name}/messages/${message}` })),
    ...(reply === undefined
      ? {}
      : {
          reply: {
            address: { location: '$message.header#/responseTopic', description: 'MQTT 5 response topic' },
            channel: { $ref: '#/channels/responseTopic' },
            messages: [{ $ref: `#/channels/responseTopic/messages/${reply.message}` }],
          },
        }),
    bindings: { mqtt: { qos, retain, bindingVersion: MQTT_BINDING } },
  };
}

function messageObject(name: MessageName, examples: readonly unknown[]): Document {
  const { title, schema, contentType, jsonSchema } = messages[name];
  return {
    name: schema ?? name,
    title,
    contentType,
    payload: jsonSchema === null ? { type: 'string', format: 'binary' } : ref('schemas', name),
    ...(name.startsWith('command-')
      ? {
          bindings: {
            mqtt: {
              responseTopic: { type: 'string', description: 'where the answer is to go' },
              correlationData: { type: 'string', description: 'comes back with the answer' },
              bindingVersion: MQTT_BINDING,
            },
          },
        }
      : {}),
    ...(examples.length === 0 ? {} : { examples: examples.map((payload) => ({ payload })) }),
  };
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function mapValues<Key extends string, In, Out>(
  object: Readonly<Record<Key, In>>,
  map: (value: In, key: Key) => Out,
): Readonly<Record<Key, Out>> {
  return Object.fromEntries(Object.entries<In>(object).map(([key, value]) => [key, map(value, key as Key)])) as Record<Key, Out>;
}
