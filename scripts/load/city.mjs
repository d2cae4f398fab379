/**
 * The city that this is measured for, from the requirements: a centre handles 25,000 cases a month from 3,000 cameras, 8,000 of them
 * with video. Every case counts as an incident that an agent has found, which is more than agents will ever bring.
 */
export const city = { cameras: 3_000, casesAMonth: 25_000, videoCasesAMonth: 8_000 };

/** Of a month of 30 days. */
export const MONTH_S = 30 * 86_400;

/** An incident makes two events: `new` when it is found, `end` when it is over. */
export const EVENTS_A_CASE = 2;

/** Files of an incident with video, as an agent makes them. */
const FILES_A_CASE = ['clip', 'trail', 'snapshot', 'track'];

/**
 * What a city's cases are a second.
 *
 * @param {{casesAMonth: number, videoCasesAMonth: number}} of
 * @param {number} factor times the city's own rate
 * @returns {{casesPerS: number, eventsPerS: number, videoShare: number, filesPerS: number}}
 * @example ratesOf(city, 100).eventsPerS // 1.93
 */
export function ratesOf({ casesAMonth, videoCasesAMonth }, factor = 1) {
  const casesPerS = (factor * casesAMonth) / MONTH_S;
  const videoShare = videoCasesAMonth / casesAMonth;
  return { casesPerS, eventsPerS: EVENTS_A_CASE * casesPerS, videoShare, filesPerS: casesPerS * videoShare * FILES_A_CASE.length };
}
