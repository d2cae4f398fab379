/** Points of the path of a fall of three seconds at 25 pictures a second. */
const POINTS = 75;

/** What the engine says of a throw: as many criteria as a real one has (README), so that an event has a real one's size. */
const criteria = [
  ...['drop_floors', 'points', 'downward_steps', 'seen', 'fall_fit', 'sideways_fit', 'size', 'fall_against_steady_motion'],
  ...['speed_at_end', 'speed_at_origin', 'upward_at_origin', 'out_at_origin', 'wind', 'far_fetched', 'sideways', 'sideways_at_origin'],
  ...['rise', 'origin_inside_facade', 'against_clutter', 'fall_against_kink'],
];

/**
 * A confirmed throw, phase `new`.
 *
 * @param {string} id ULID
 * @param {string} cameraId
 * @param {number} startedAtMs UTC milliseconds since 1970
 */
export function makeThrow(id, cameraId, startedAtMs) {
  const path = Array.from({ length: POINTS }, (_, i) => {
    const t = i / 25;
    return { t: 8 + t, x: 0.4582 + 0.0031 * t, y: 0.1437 + 0.09 * t * t, w: 0.00391, h: 0.00694 };
  });
  const last = path[POINTS - 1];
  return {
    id,
    cameraId,
    rule: 'thrown_object',
    type: 'thrown_object',
    phase: 'new',
    severity: 'critical',
    verdict: 'confirmed',
    confidence: 0.92,
    startedAtMs,
    endedAtMs: null,
    streamTime: { start: 8, end: last.t, told: last.t + 0.52 },
    box: { x1: 0.45624, y1: 0.12847, x2: 0.4715, y2: 0.95814 },
    zone: null,
    labels: [],
    throw: {
      trajectory: path,
      origin: { point: { x: 0.46028, y: 0.15669 }, floor: 13, floorInterval: [13, 13], unit: '02', heightM: 35.9 },
      landing: { point: { x: last.x, y: last.y }, extrapolated: false },
      fall: { dropM: 35.9, dropFloors: 12.4, durationS: 2.92, impactSpeedMps: 23.4, impactSpeedIntervalMps: [18.4, 26.2] },
      massClass: 'heavy',
      terminalSpeedMps: [22.1, 50.1],
      pathShape: 'straight',
      fit: { model: 'drag', rmsPx: 0.54 },
    },
    reasons: criteria.map((criterion, i) => ({ criterion, value: 12.694 + i, threshold: 2, unit: 'm/s' })),
  };
}

/** The same throw, over. */
export function ended(incident, atMs) {
  return { ...incident, phase: 'end', endedAtMs: atMs };
}
