import { describeEvent } from '../../domain/event-words.js';
import type { EventMessage } from '../../domain/wire/event.js';
import type { Logger } from '../../platform/logger.js';

/**
 * One line of the log where an incident begins and one where it is over: whoever follows the log sees what is found, not only the files that come of it.
 * What changes in between stands in the events; at level `debug` here too.
 */
export function logEvent(logger: Logger, event: EventMessage): void {
  const { camera, id: incident, type, rule, phase, verdict, severity } = event;
  const fields = { event: 'incident', camera, incident, type, rule, phase, verdict, severity };
  logger[phase === 'update' ? 'debug' : 'info'](fields, `${camera}: ${describeEvent(event)}, ${moments[phase]}`);
}

const moments = { new: 'begins', update: 'goes on', end: 'is over' } as const;
