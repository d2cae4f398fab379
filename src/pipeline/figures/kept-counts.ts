import { z } from 'zod';

const moment = z.int().min(0).max(1e14);

/** The counters of one rule as they lie on the disk between two starts of the agent. */
export const countsSchema = z.strictObject({
  version: z.literal(1),
  /** Of the rule that counted them. */
  type: z.string(),
  /** UTC milliseconds since 1970. */
  since: moment,
  day: z.string(),
  hour: z.string(),
  counters: z.array(
    z.strictObject({
      name: z.string(),
      of: z.record(z.string(), z.string()),
      value: z.number().min(0),
      /** Its value when the day, and the hour, began. */
      at_day: z.number().min(0),
      at_hour: z.number().min(0),
    }),
  ),
});

export type KeptCounts = z.infer<typeof countsSchema>;
