import { z } from 'zod';
import { flag, oneOf, text } from '../domain/option/schema.js';

/** Keys of `mqtt` for those who do not speak Parapet's own messages (docs/integrations.md). */

const topicPrefix = (about: string) =>
  text({
    about,
    max: 128,
    pattern: /^[A-Za-z0-9_:-]+(\/[A-Za-z0-9_:-]+)*$/,
    form: "letters, digits, '-', '_' and ':', levels parted by '/'",
  });

export const formatsSchema = z
  .array(oneOf(['parapet', 'onvif'], { about: 'A form of message.' }))
  .min(1)
  .max(2)
  .superRefine((formats, context) => {
    if (formats.includes('parapet') && new Set(formats).size === formats.length) return;
    const message = formats.includes('parapet')
      ? 'a form is named twice'
      : '`parapet` must be among them: evidence, cases and commands go by its messages; [parapet, onvif] adds the other';
    context.addIssue({ code: 'custom', message, params: { say: true } });
  })
  .meta({ description: 'Forms that events go out in: `parapet`, and beside it `onvif`, event JSON as ONVIF cameras send it.' })
  .default(['parapet']);

export const onvifSchema = z
  .strictObject({
    topic_prefix: topicPrefix(
      'First part of the ONVIF topics; null: parapet:<site>:<agent>, a single level, so that who subscribes to +/onvif-ej/# hears it.',
    )
      .nullable()
      .default(null),
  })
  .prefault({})
  .meta({ description: 'ONVIF event JSON, where `formats` names `onvif`.' });

export const homeAssistantSchema = z
  .strictObject({
    enabled: flag({ about: 'Whether cameras and rules are announced to Home Assistant.' }).default(false),
    prefix: topicPrefix('Discovery prefix, as set in Home Assistant’s MQTT options.').default('homeassistant'),
    images: flag({
      about: 'Whether the picture of the last fall is published for it, some 200 to 550 KB an incident beside the evidence itself.',
    }).default(true),
  })
  .prefault({})
  .meta({ description: 'MQTT discovery for Home Assistant.' });
