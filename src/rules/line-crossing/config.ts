import { z } from 'zod';
import { oneOf } from '../../domain/option/schema.js';
import { head, labels, line, schedule, severity, VEHICLES } from '../common/options.js';

/** Options of the rule `line_crossing`. */
export const lineCrossingConfigSchema = z
  .strictObject({
    ...head('line_crossing'),
    ...line('The line that is crossed.'),
    direction: oneOf(['left', 'right', 'both'], {
      about: 'Which way is told: to the left or to the right, seen from the line’s beginning towards its end.',
    }).default('both'),
    ...labels(['person', 'bicycle', ...VEHICLES]),
    report: oneOf(['each', 'count_only'], { about: 'Whether each crossing is an event, or all are only counted.' }).default('each'),
    ...schedule,
    ...severity('info'),
  })
  .meta({ description: 'Finds, and counts, who crosses a line, by direction and label.' });

export type LineCrossingConfig = z.output<typeof lineCrossingConfigSchema>;
