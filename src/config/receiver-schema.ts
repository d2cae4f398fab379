import { z } from 'zod';
import { flag, id, integer, number, oneOf, size, text } from '../domain/option/schema.js';

/** The config of the reference central side. */

const path = (about: string) => text({ about, max: 4096 });

const tokenText = (about: string) =>
  text({ about, max: 512, pattern: /^\S{16,}$/, form: 'at least 16 characters without blanks', secret: true });

const httpSchema = z
  .strictObject({
    listen: text({
      about: 'Address and port to listen on. Anything but a loopback address opens it to the network: put TLS before it. null: off.',
      max: 300,
      pattern: /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/,
      form: "an address and a port such as '127.0.0.1:8788'",
    })
      .nullable()
      .default(null),
    token: tokenText('Bearer token that may see and do everything.').nullable().default(null),
    tokens: z
      .array(
        z
          .strictObject({
            name: id({ about: 'Whose it is; the history of a case says so.' }),
            token: tokenText('The bearer token.'),
            sites: z
              .array(text({ about: 'A site.', max: 64 }))
              .min(1)
              .max(10_000)
              .meta({ description: 'Sites whose cases it may see; null: all.' })
              .nullable()
              .default(null),
            write: flag({ about: 'Whether it may move cases, not only look.' }).default(false),
          })
          .meta({ description: 'A token.' }),
      )
      .max(1000)
      .meta({ description: 'Further bearer tokens, each with a name and bounds.' })
      .default([]),
    public_url: text({
      about: 'Where agents reach it from outside: what they are told to upload to. null: nothing can be asked for by HTTPS.',
      max: 300,
      pattern: /^https?:\/\/[^\s/@]+(\/[^\s?#]*)?$/i,
      form: 'a URL such as https://centre.example/parapet',
    })
      .nullable()
      .default(null),
  })
  .superRefine(({ listen, token, tokens }, context) => {
    if (Number(listen?.split(':').at(-1) ?? 0) > 65_535) {
      context.addIssue({ code: 'custom', path: ['listen'], message: 'a port is at most 65535', params: { say: true } });
    }
    if (listen === null || token !== null || tokens.length > 0) return;
    const message = 'give a token (file:/path, or from the environment): without one nobody may ask anything';
    context.addIssue({ code: 'custom', path: ['token'], message, params: { say: true } });
  })
  .prefault({})
  .meta({ description: 'Cases over HTTP (docs/cases.md).' });

const webhookSchema = z
  .strictObject({
    url: text({
      about: 'Who is told: https, or http with `allow_http`.',
      max: 2000,
      pattern: /^https?:\/\/[^\s/@]+(\/\S*)?$/i,
      form: 'a URL such as https://city.example/cases, without a user name',
    }),
    secret: tokenText('Notices are signed with it (HMAC-SHA256); `whsec_` and base64, or any text.'),
    allow_http: flag({ about: 'Take http too: whoever listens on the way reads the cases.' }).default(false),
  })
  .superRefine(({ url, allow_http: allowHttp }, context) => {
    if (allowHttp || url.toLowerCase().startsWith('https:')) return;
    const message = 'it must be https; with `allow_http: true` it may be http';
    context.addIssue({ code: 'custom', path: ['url'], message, params: { say: true } });
  })
  .meta({ description: 'A webhook.' });

const placeSchema = z
  .strictObject({
    of: text({
      about: 'Camera `site/agent/camera`, agent `site/agent` or `site`; the longest that fits counts.',
      max: 200,
      pattern: /^[^\s/]+(\/[^\s/]+){0,2}$/,
      form: "'site/agent/camera', 'site/agent' or 'site'",
    }),
    longitude: number({ about: 'Longitude, WGS 84.', min: -180, max: 180, unit: 'degrees' }),
    latitude: number({ about: 'Latitude, WGS 84.', min: -90, max: 90, unit: 'degrees' }),
    address: text({ about: 'What people call the place.', max: 300 }).nullable().default(null),
  })
  .meta({ description: 'A place.' });

const storeSchema = z
  .strictObject({
    url: text({
      about:
        'PostgreSQL, which several receivers may share: postgres://user@host/database; `?sslmode=verify-full` for TLS. null: a SQLite file in `data_dir`, for one.',
      max: 2000,
      pattern: /^postgres(ql)?:\/\/\S+$/i,
      form: 'a URL such as postgres://parapet@db.example/parapet',
    })
      .nullable()
      .default(null),
    password: text({ about: 'Password at the database; it beats one in `url`.', max: 1024, secret: true }).nullable().default(null),
    connections: integer({ about: 'Connections to PostgreSQL at once, at most.', min: 2, max: 100, unit: 'connections' }).default(8),
  })
  .prefault({})
  .meta({ description: 'Where events, cases and the progress of evidence are kept (docs/receiver.md).' });

export const receiverConfigSchema = z
  .strictObject({
    data_dir: path('Folder for received events and evidence; made when missing.').default('./received'),
    client_id: text({
      about: 'Client id at the broker; of two receivers at one broker each needs its own.',
      max: 128,
      pattern: /^[A-Za-z0-9_.:-]+$/,
      form: "letters, digits, '-', '_', '.' and ':'",
    }).default('parapet-receiver'),
    share_group: text({
      about:
        'Group whose members share the messages (MQTT 5 shared subscription): each goes to one of them. For several receivers, which then need one PostgreSQL and one `data_dir`. null: all messages come to this one.',
      max: 64,
      pattern: /^[A-Za-z0-9_.-]+$/,
      form: "letters, digits, '-', '_' and '.'",
    })
      .nullable()
      .default(null),
    connections: integer({
      about:
        'Connections to the broker, each with one message in hand; more than one needs `share_group`. Eight commit together what one would commit singly.',
      min: 1,
      max: 64,
      unit: 'connections',
    }).default(1),
    store: storeSchema,
    max_evidence: size({ about: 'Largest single file that is accepted.', min: '1 MB', max: '100 GB' }).prefault('512 MiB'),
    keys: z
      .array(
        text({
          about: 'An agent and the fingerprint of its key.',
          max: 256,
          pattern: /^[^\s/=]+\/[^\s/=]+=sha256:[0-9a-f]{64}$/,
          form: "'site/agent=sha256:…', as 'parapet evidence key' prints it on the agent",
        }),
      )
      .max(100_000)
      .meta({
        description:
          'Agents whose key is known beforehand: of these no other is taken. Of all others the first key that is seen is trusted.',
      })
      .default([]),
    http: httpSchema,
    cases: oneOf(['confirmed', 'all'], {
      about: 'Which events become cases: `confirmed` ones alone, or `all`, suspected ones too.',
    }).default('confirmed'),
    command_key: path(
      'PEM file of the Ed25519 key that commands to agents are signed with; agents know its public half as `mqtt.commands.key`. null: `centre.key` in `data_dir`, made at the first start.',
    )
      .nullable()
      .default(null),
    categories: path('YAML file with the city’s own codes for incident types; null: none.').nullable().default(null),
    places: z.array(placeSchema).max(100_000).meta({ description: 'Where cameras stand.' }).default([]),
    webhooks: z.array(webhookSchema).max(100).meta({ description: 'Who is told of each new case and of each change.' }).default([]),
  })
  .superRefine(({ connections, share_group: group }, context) => {
    if (connections === 1 || group !== null) return;
    const message = 'several connections need `share_group`: without one each of them gets every message';
    context.addIssue({ code: 'custom', path: ['connections'], message, params: { say: true } });
  })
  .prefault({})
  .meta({ description: 'The reference central side, `parapet receive`; the agent ignores it.' });
