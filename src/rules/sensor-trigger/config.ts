import { z } from 'zod';
import { id, number, text } from '../../domain/option/schema.js';
import { after, coolDown, head, schedule, severity, zone } from '../common/options.js';

const field = (about: string) =>
  text({
    about,
    max: 128,
    pattern: /^[^.\s][^.\s]*(\.[^.\s]+)*$/,
    form: "a field such as 'tilt' or, one inside another, 'state.cover'",
  });

const condition = (about: string) =>
  z
    .strictObject({
      field: field('Field of the message; a message that is no JSON object has its word or number in `value`.').default('value'),
      equals: z
        .union([z.string().max(64), z.number(), z.boolean()])
        .meta({ description: 'It says this: a word, a number, true or false.', leaf: { kind: 'text' } })
        .nullable()
        .default(null),
      above: number({ about: 'It is a number above this.', min: -1e9, max: 1e9, unit: 'the sensor’s' }).nullable().default(null),
      below: number({ about: 'It is a number below this.', min: -1e9, max: 1e9, unit: 'the sensor’s' }).nullable().default(null),
    })
    .superRefine(({ equals, above, below }, context) => {
      const asked = [equals, above, below].filter((limit) => limit !== null).length;
      if (asked === 1) return;
      const message = asked === 0 ? 'say what it must be: `equals`, `above` or `below`' : 'only one of `equals`, `above` and `below`';
      context.addIssue({ code: 'custom', message, params: { say: true } });
    })
    .meta({ description: about });

/** Options of the rule `sensor_trigger`. */
export const sensorTriggerConfigSchema = z
  .strictObject({
    ...head('sensor_trigger'),
    sensor: id({
      about: 'Name of the sensor: it is heard on `<prefix>/<site>/<agent>/sensors/<name>` and by POST on the console’s `/sensors/<name>`.',
    }),
    topic: text({
      about: 'Another topic that it is heard on, whole; null: none.',
      max: 512,
      pattern: /^[^+#\0$/][^+#\0]*$/,
      form: 'a topic without wildcards, such as city/manholes/17/state',
    })
      .nullable()
      .default(null),
    kind: text({ about: 'What it is, as a label of the event: manhole, lamp_pole, water_quality, gate, fire_panel.', max: 64 }),
    when: condition('What in its messages is the alarm.'),
    clear: condition('What in its messages ends it; null: whatever is no alarm.').nullable().default(null),
    unit: text({ about: 'Unit of what it measures, for the reasons; null: none.', max: 16 }).nullable().default(null),
    ...zone('Where in the picture it is.'),
    ...after('How long the alarm must have stood without being cleared.', '0 s', { min: '0 s', max: '1 d' }),
    ...schedule,
    end_after: after('How long after its last alarm message an incident that nobody clears is over.', '1 h', { min: '10 s', max: '7 d' })
      .after,
    ...coolDown('1 min'),
    ...severity('warning'),
  })
  .meta({ description: 'Takes what a device in the street says, by MQTT or HTTP, for a case, with the camera’s clip and picture.' });

export type SensorTriggerConfig = z.output<typeof sensorTriggerConfigSchema>;
export type SensorCondition = SensorTriggerConfig['when'];
