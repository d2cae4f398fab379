import { z } from 'zod';
import { duration, id, integer, number, oneOf, size, text } from '../domain/option/schema.js';
import { commandNames } from '../domain/wire/command.js';
import { logLevels } from '../platform/logger.js';
import { cameraConfigSchema } from './camera-schema.js';
import { evidenceTransferSchema } from './evidence-transfer-schema.js';
import { formatsSchema, homeAssistantSchema, onvifSchema } from './integrations-schema.js';
import { receiverConfigSchema } from './receiver-schema.js';
import { timeZone } from './time-zone.js';

/**
 * The config: the only truth about its keys, their defaults, bounds and meaning. Resolved values carry base units:
 * durations are milliseconds, lengths metres, sizes bytes, rates bytes a second.
 */

const path = (about: string) => text({ about, max: 4096 });

const tlsSchema = z
  .strictObject({
    ca: path('PEM file of the authority that signed the broker’s certificate; null: those that the system trusts.')
      .nullable()
      .default(null),
    cert: path('PEM file of this agent’s certificate, when the broker asks for one.').nullable().default(null),
    key: path('PEM file of the private key that belongs to `cert`.').nullable().default(null),
    servername: text({ about: 'Name that the broker’s certificate must bear; null: the host in `mqtt.url`.', max: 253 })
      .nullable()
      .default(null),
  })
  .superRefine((tls, context) => {
    if ((tls.cert === null) === (tls.key === null)) return;
    const missing = tls.cert === null ? 'cert' : 'key';
    const message = 'a client certificate needs both `cert` and `key`';
    context.addIssue({ code: 'custom', path: [missing], message, params: { say: true } });
  })
  .prefault({})
  .meta({ description: 'Certificates for mqtts:// and wss://. The broker’s certificate is always verified.' });

const commandsSchema = z
  .strictObject({
    allow: z
      .array(oneOf(commandNames, { about: 'A command.' }))
      .max(commandNames.length)
      .meta({ description: 'Commands that the centre may give over MQTT; all others are refused.' })
      .default(['ping', 'status']),
    key: path(
      'PEM file of the centre’s Ed25519 public key: then only commands that it has signed are carried out; null: whoever may publish.',
    )
      .nullable()
      .default(null),
  })
  .prefault({})
  .meta({ description: 'Commands from the centre (docs/commands.md).' });

/** A broker's address without a scheme, or with that of a web page. */
function mendBrokerUrl(url: string): string {
  const must = 'it must begin with mqtt:// or mqtts://';
  const address = /^(?:[a-z][a-z0-9+.-]*:\/\/)?((?:\S*@)?[\w.-]+)(?::(\d{1,5}))?\/?$/i.exec(url);
  if (address === null) return must;
  // The port of a web page is not the broker's.
  const port = /^https?:/i.test(url) || address[2] === undefined ? '1883' : address[2];
  return `${must}; did you mean mqtt://${address[1]}:${port}?`;
}

const mqttConfigSchema = z
  .strictObject({
    url: text({
      about: 'The broker: mqtt://, mqtts://, ws:// or wss:// host and port. null: no broker; events are kept on this machine.',
      max: 2000,
      pattern: /^(mqtts?|wss?):\/\/[^\s/]+/i,
      form: 'a URL such as mqtts://broker.example:8883',
      mend: mendBrokerUrl,
    })
      .nullable()
      .default(null),
    username: text({ about: 'User name at the broker.', max: 256, secret: true }).nullable().default(null),
    password: text({ about: 'Password at the broker.', max: 1024, secret: true }).nullable().default(null),
    prefix: text({
      about: 'First part of every topic; it may have several levels.',
      max: 128,
      pattern: /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/,
      form: "letters, digits, '-' and '_', levels parted by '/'",
    }).default('parapet'),
    delivery: oneOf(['broker', 'centre'], {
      about:
        'When a message counts as delivered: `broker` when the broker has acknowledged it; `centre` when a Parapet receiver has committed it. Choose `centre` only with a receiver: with nobody to acknowledge, messages would be kept for ever.',
    }).default('broker'),
    keepalive: duration({ about: 'How often the link is checked when nothing is sent.', min: '5 s', max: '10 min' }).prefault('30 s'),
    session_expiry: duration({
      about: 'How long the broker keeps this agent’s session while it is away.',
      min: '0 s',
      max: '30 d',
    }).prefault('1 d'),
    max_in_flight: integer({
      about: 'Messages under way at once, at most; a lower limit set by the broker wins.',
      min: 1,
      max: 100,
      unit: 'messages',
    }).default(20),
    chunk_size: size({ about: 'Size of the pieces that evidence is sent in.', min: '1 KiB', max: '256 KiB' }).prefault('128 KiB'),
    evidence: evidenceTransferSchema,
    tls: tlsSchema,
    commands: commandsSchema,
    formats: formatsSchema,
    onvif: onvifSchema,
    home_assistant: homeAssistantSchema,
  })
  .prefault({})
  .meta({ description: 'The way to the city’s case-management system.' });

const inferenceSchema = z
  .strictObject({
    model: text({ about: 'Model of the registry that names objects on cameras that do not say otherwise; null: none.', max: 64 })
      .nullable()
      .default(null),
    folder: path(
      'Folder of the models’ files, as `parapet models pull` fills it; a relative one begins at the working folder, which is /var/lib/parapet of the service and in the container.',
    ).default('./models'),
    registry: path('File that lists the models; null: the one that comes with Parapet.').nullable().default(null),
    providers: z
      .array(oneOf(['cpu', 'cuda', 'tensorrt', 'webgpu', 'coreml'], { about: 'What may run models.' }))
      .min(1)
      .max(5)
      .meta({ description: 'What runs models, tried in this order; the CPU is the last resort, and that it was needed is reported.' })
      .default(['cpu']),
    threads: integer({ about: 'Threads that a model may take.', min: 1, max: 64, unit: 'threads' }).default(1),
  })
  .prefault({})
  .meta({ description: 'Models that name objects for street rules (docs/detectors.md). Without one, whatever moves or stays counts.' });

export const configSchema = z
  .strictObject({
    site: id({ about: 'Name of the place in topics and events: an estate, a street.' }).default('local'),
    agent: id({ about: 'Name of this machine in topics and events; unique within the site.' }).default('agent'),
    data_dir: path('Folder for the database, the running recordings and the evidence; made when missing.').default('./data'),
    log: z
      .strictObject({ level: oneOf(logLevels, { about: 'Least weight of what is logged, on standard error.' }).default('info') })
      .prefault({})
      .meta({ description: 'The log.' }),
    mqtt: mqttConfigSchema,
    retention: z
      .strictObject({
        days: number({ about: 'How long delivered evidence stays on this machine.', min: 0, max: 3650, unit: 'days' }).default(30),
        max_size: size({
          about:
            'Room for evidence on this machine; above it the oldest delivered files go first. Undelivered ones are not removed for it; without a broker, none waits for delivery.',
          min: '10 MB',
          max: '100 TB',
        }).prefault('20 GB'),
        record_days: number({
          about:
            'How long records of files that are gone stay in the chain, at least as long as `days`; older ones are closed by a signed checkpoint and forgotten (docs/evidence.md#proof).',
          min: 1,
          max: 3650,
          unit: 'days',
        }).default(90),
        reserve: number({
          about:
            'Share of the disk that stays free. Below it running recordings are thinned, then delivered files go, oldest first; below half of it undelivered clips are given up, of the least severe incidents first, and each is told of; below a quarter nothing is recorded any more (docs/evidence.md#full-disks). 0: no care is taken.',
          min: 0,
          max: 50,
          unit: '%',
        }).default(5),
      })
      .prefault({})
      .meta({ description: 'How long evidence is kept after delivery.' }),
    console: z
      .strictObject({
        host: text({ about: 'Address to listen on. Anything but a loopback address opens the console to the network.', max: 253 }).default(
          '127.0.0.1',
        ),
        sensor_token: text({
          about:
            'What devices in the street must bear to be heard on `POST /sensors/<name>` (`Authorization: Bearer …`); null: none is heard over HTTP.',
          max: 512,
          pattern: /^\S{16,}$/,
          form: 'at least 16 characters without blanks',
          secret: true,
        })
          .nullable()
          .default(null),
        port: z
          .union([z.int().min(0).max(65_535), z.literal(false).transform(() => null)])
          .meta({
            description: 'Port of /healthz, /metrics and the console; 0: any free one; null or false: off.',
            leaf: { kind: 'integer', min: 0, max: 65_535, unit: 'port' },
          })
          .nullable()
          .default(8787),
      })
      .prefault({})
      .meta({ description: 'Health, metrics and the console on HTTP.' }),
    receiver: receiverConfigSchema,
    time_zone: timeZone('Time zone that schedules are told in; null: that of this machine.').nullable().default(null),
    inference: inferenceSchema,
    cameras: z.array(cameraConfigSchema).max(256).meta({ description: 'The cameras.' }).default([]),
  })
  .meta({ description: 'Config of a Parapet agent.' });

/** The whole config, every key present. Durations in milliseconds, lengths in metres, sizes in bytes, rates in bytes a second. */
export type ResolvedConfig = z.output<typeof configSchema>;
export type MqttConfig = ResolvedConfig['mqtt'];
