import type { Command } from 'commander';
import type { LoadedConfig } from '../config/index.js';
import { describeEvent } from '../domain/event-words.js';
import { brokerOptions } from '../pipeline/centre/broker-options.js';
import { systemClock } from '../platform/clock.js';
import { AgentError } from '../platform/errors.js';
import {
  addConfigOptions,
  type CommandContext,
  type ConfigOptions,
  createCommand,
  createCommandLogger,
  loadConfigFromFlags,
  quietLogLevel,
} from './context.js';
import { describeStatus } from './receive/status.js';
import { aborted } from './shared/aborted.js';
import { formatBytes } from './shared/words.js';

interface ReceiveOptions extends ConfigOptions {
  readonly data?: string;
  readonly clientId?: string;
  readonly status?: boolean;
}

/** `parapet receive`: the reference central side. */
export function createReceiveCommand(context: CommandContext): Command {
  const command = createCommand(
    'receive',
    'Takes events and evidence from a broker, checks them, and keeps one folder an event and one JSON line an event.',
    'parapet receive --mqtt mqtt://10.0.0.2:1883 --data received\nparapet receive -c centre.yaml',
  );
  return addConfigOptions(command)
    .option('--mqtt <url>', 'the broker, such as mqtt://10.0.0.2:1883')
    .option('--data <folder>', 'where to keep what arrives (receiver.data_dir)')
    .option('--client-id <id>', 'client id at the broker (receiver.client_id); two receivers need two')
    .option('--status', 'print which events are missing or lost, and end; with SQLite, while no receiver runs')
    .action((options: ReceiveOptions) => (options.status === true ? printStatus(context, options) : receive(context, options)));
}

function loadReceiverConfig(context: CommandContext, options: ReceiveOptions): LoadedConfig {
  const data = options.data === undefined ? [] : [`receiver.data_dir=${options.data}`];
  // The name of an agent means nothing here; with one set, nobody is warned that it is missing.
  const clientId = options.clientId === undefined ? [] : [`receiver.client_id=${options.clientId}`];
  const set = ['agent=receiver', ...(options.set ?? []), ...data, ...clientId];
  return loadConfigFromFlags(context, { ...options, set });
}

async function printStatus(context: CommandContext, options: ReceiveOptions): Promise<void> {
  const loaded = loadReceiverConfig(context, options);
  const logger = createCommandLogger(context, quietLogLevel(loaded));
  const { createCentreDatabase, readStatus } = await import('../receiver/index.js');
  const { centreStore, expectCentre, openLeft } = await import('./shared/centre-from-config.js');
  const store = centreStore(context, loaded.config);
  expectCentre(store);
  await using database = createCentreDatabase({ ...store, clock: systemClock, logger });
  await openLeft(database, store);
  for (const line of describeStatus(await readStatus(database))) context.stdout.write(`${line}\n`);
}

async function receive(context: CommandContext, options: ReceiveOptions): Promise<void> {
  const loaded = loadReceiverConfig(context, options);
  const { config } = loaded;
  if (config.mqtt.url === null) {
    throw new AgentError(
      'CONFIG_INVALID',
      'no broker is given; name one with --mqtt mqtt://host:1883, or under mqtt.url in a file given with -c',
    );
  }
  const logger = createCommandLogger(context, quietLogLevel(loaded)).child({ component: 'receiver' });
  const mqtt = { ...brokerOptions(config.mqtt), clientId: config.receiver.client_id };
  // Loaded here because only this command needs a database and an MQTT client.
  const { createReceiver } = await import('../receiver/index.js');
  const { centreParts, centreStore } = await import('./shared/centre-from-config.js');
  const { startReceiveHttp } = await import('./receive/http.js');
  const { checkBroker } = await import('../uplink/index.js');
  const { brokerName } = await import('../platform/mqtt/index.js');

  const store = centreStore(context, config);
  const parts = centreParts(context, config);
  const say = (line: string): void => void context.stdout.write(`${line}\n`);
  try {
    await checkBroker(mqtt, systemClock, context.signal);
  } catch (error) {
    if (context.signal.aborted) return;
    // A broker that is away may come back; one that refuses us will go on refusing.
    if (!(error instanceof AgentError) || error.code !== 'BROKER_UNREACHABLE') throw error;
    context.stderr.write(`parapet: warning: ${error.message}; trying again until it does\n`);
  }
  await using receiver = createReceiver({
    mqtt,
    prefix: config.mqtt.prefix,
    ...store,
    ...(config.receiver.share_group === null ? {} : { shareGroup: config.receiver.share_group }),
    connections: config.receiver.connections,
    maxEvidenceBytes: config.receiver.max_evidence,
    pinnedKeys: new Map(
      config.receiver.keys.map((entry): [string, string] => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    ),
    caseRules: parts.rules,
    webhooks: parts.webhooks,
    ...(parts.signer === null ? {} : { signer: parts.signer }),
    clock: systemClock,
    logger,
    signal: context.signal,
    onEvent: ({ event }) => {
      const detail = event.phase === 'end' ? describeEvent(event) : event.type.replaceAll('_', ' ');
      say(`${event.started_at} ${event.site}/${event.agent}/${event.camera} ${event.phase}: ${detail} [${event.id}]`);
    },
    onEvidence: ({ event, kind, bytes, path }) => say(`evidence of ${event}: ${kind}, ${formatBytes(bytes)}, hash verified: ${path}`),
    onRefused: (line) => context.stderr.write(`parapet: refused: ${line}\n`),
    onComplete: ({ message, folder }) => {
      const failed = message.failed.map(({ kind, reason }) => `; ${kind} is missing: ${reason}`).join('');
      say(`evidence of ${message.event} is complete${failed}: ${folder}`);
    },
  });
  await receiver.start();
  const { http } = config.receiver;
  await using server = await startReceiveHttp({ config: http, receiver, parts, version: context.version, clock: systemClock, logger });
  context.stderr.write(`parapet: receiving from ${brokerName(mqtt.url)} into ${store.dataDir}; stop with Ctrl-C\n`);
  if (server !== null) context.stderr.write(`parapet: cases at ${server.url}/cases\n`);
  await aborted(context.signal);
}
