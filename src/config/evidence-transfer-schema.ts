import { z } from 'zod';
import { flag, oneOf, rate, size, text } from '../domain/option/schema.js';

/** How evidence goes to the centre: how fast, when, and by which way beside MQTT. All of it may change while the agent runs. */

const uploadSchema = z
  .strictObject({
    hosts: z
      .array(
        text({
          about: 'A host that files may be uploaded to.',
          max: 259,
          pattern: /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/,
          form: "a host name or address, with ':port' where it is not 443, such as media.example or 10.0.0.2:8443",
        }),
      )
      .max(64)
      .meta({
        description:
          'Hosts that the command `upload` may name; with none, nothing is uploaded. Each is compared as it stands, port included.',
      })
      .default([]),
    ca: text({ about: 'PEM file of the authority that signed the hosts’ certificates; null: those that the system trusts.', max: 4096 })
      .nullable()
      .default(null),
    allow_http: flag({ about: 'Also take http:// URLs: whoever is on the way reads the evidence, and may change it unseen.' }).default(
      false,
    ),
  })
  .prefault({})
  .meta({ description: 'Uploads by HTTPS PUT, to a URL that the centre gives with the command `upload` (docs/commands.md).' });

export const evidenceTransferSchema = z
  .strictObject({
    bandwidth: rate({
      about: 'Most that evidence may take of the uplink, over MQTT and HTTPS together; null: no limit. Events never wait for it.',
      min: '8 kbit/s',
      max: '10 Gbit/s',
    })
      .nullable()
      .default(null),
    hold: oneOf(['never', 'always', 'schedule'], {
      about:
        'For links that are paid by volume: `always` announces files and sends them only when the centre asks (command `fetch`); `schedule` does so outside `free_hours`.',
    }).default('never'),
    free_hours: z
      .array(
        text({
          about: 'A span of the day.',
          max: 11,
          pattern: /^(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/,
          form: "'HH:MM-HH:MM'; an end before the beginning is on the next day",
        }),
      )
      .max(24)
      .meta({ description: 'When nothing is held with `hold: schedule`, in the local time of this machine, such as "23:00-06:00".' })
      .default([]),
    hold_over: size({
      about: 'Files up to this size are never held: with 500 kB the pictures go at once, and clips wait.',
      min: '0 B',
      max: '100 GB',
    }).prefault('0 B'),
    upload: uploadSchema,
  })
  .superRefine((evidence, context) => {
    if (evidence.hold === 'schedule' && evidence.free_hours.length === 0) {
      const message = 'a schedule needs at least one span, such as "23:00-06:00"; or write hold: always';
      context.addIssue({ code: 'custom', path: ['free_hours'], message, params: { say: true } });
    }
  })
  .prefault({})
  .meta({ description: 'How evidence goes to the centre: how fast, when, which way.' });
