import { describeFall } from './incident-words.js';
import type { EventMessage } from './wire/event.js';

/**
 * What an event says, in words for people.
 *
 * @example describeEvent(parked) // 'illegal parking (confirmed): car in lane'
 * @example describeEvent(event) // 'thrown object (confirmed) from floor 17, unit 02: something heavy, fell 45.1 m in 3.4 s, about 96 km/h (85 to 108) at impact'
 */
export function describeEvent(event: EventMessage): string {
  const what = `${event.type.replaceAll('_', ' ')} (${event.verdict})`;
  if (event.throw === null) {
    const labels = event.labels.map((label) => label.replaceAll('_', ' ')).join(', ');
    return `${what}${labels === '' ? '' : `: ${labels}`}${event.zone === null ? '' : ` in ${event.zone}`}`;
  }
  const { origin, fall, mass_class: massClass } = event.throw;
  const floor = origin.floor === null ? '' : ` from floor ${origin.floor}${origin.unit === null ? '' : `, unit ${origin.unit}`}`;
  const { drop_m: dropM, drop_floors: dropFloors, duration_s: durationS, impact_speed_mps: impactSpeedMps } = fall;
  const impactSpeedIntervalMps = fall.impact_speed_interval_mps ?? null;
  return `${what}${floor}: ${describeFall({ massClass, fall: { dropM, dropFloors, durationS, impactSpeedMps, impactSpeedIntervalMps } })}`;
}
