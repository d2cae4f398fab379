import { z } from 'zod';
import { after, coolDown, head, schedule, severity } from '../common/options.js';

/** Options of the rule `camera_tamper`. */
export const cameraTamperConfigSchema = z
  .strictObject({
    ...head('camera_tamper'),
    ...after('How long the camera must have been blind or turned away. A bus before the lens is gone after a few seconds.', '8 s', {
      min: '2 s',
      max: '10 min',
    }),
    ...schedule,
    ...coolDown('60 s'),
    ...severity('critical'),
  })
  .meta({ description: 'Finds cameras that were covered, turned away, defocused, or that show a frozen, black or white picture.' });

export type CameraTamperConfig = z.output<typeof cameraTamperConfigSchema>;
