import { describeFall } from '../../domain/incident-words.js';
import type { EventMessage } from '../../domain/wire/event.js';

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

/**
 * A moment of a stream.
 *
 * @example formatStreamTime(72.4) // '01:12.4'
 */
export function formatStreamTime(seconds: number): string {
  const tenths = Math.round(Math.max(0, seconds) * 10);
  const hours = Math.floor(tenths / 36_000);
  const rest = `${pad(Math.floor(tenths / 600) % 60)}:${pad(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  return hours === 0 ? rest : `${hours}:${rest}`;
}

/** @example formatBytes(2_500_000) // '2.5 MB' */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** @example plural(2, 'file') // '2 files' */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const pad = (value: number): string => String(value).padStart(2, '0');
