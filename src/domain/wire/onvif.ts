import { z } from 'zod';

/**
 * ONVIF events as JSON over MQTT (ONVIF Core, "JSON Event Payload"): `<topic prefix>/onvif-ej/<local topic>/&<source>/…`. All values are
 * texts, which the specification always allows.
 */
const items = z.record(z.string(), z.string());

export const onvifEventSchema = z.strictObject({
  UtcTime: z.iso.datetime({ precision: 3 }).describe('when it happened'),
  Source: items.describe('who tells it; the same values, in the same order, end the topic'),
  Data: items.optional().describe('what happened; names with `parapet:` are Parapet’s own'),
});

export type OnvifEvent = z.infer<typeof onvifEventSchema>;
