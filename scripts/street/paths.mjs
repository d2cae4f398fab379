/**
 * Where something is at any time. A path is a list of steps from a start: go to a point (at a speed, or changing it evenly), or wait there.
 *
 * @typedef {object} Pose
 * @property {number} s metres along the road
 * @property {number} d metres across it
 * @property {number} headingDeg
 * @property {number} speedMps
 * @property {number} walkedM the way so far
 * @property {string} [posture]
 * @property {number} [tilt] 0 upright, 1 on the ground
 *
 * @typedef {{to: readonly [number, number], mps: number, endMps?: number, headingDeg?: number, posture?: string} |
 *   {waitS: number, headingDeg?: number, posture?: string, tilt?: number | readonly [number, number]}} Step
 *
 * @param {number} startS
 * @param {readonly [number, number]} start
 * @param {readonly Step[]} steps
 * @returns {{from: number, to: number, at: (t: number) => Pose | null, endOf: (step: number) => number}} `endOf`: when a step is over
 */
export function pathOf(startS, start, steps) {
  const legs = [];
  let t = startS;
  let [s, d] = start;
  let headingDeg = null;
  let walkedM = 0;
  for (const step of steps) {
    if ('to' in step) {
      const length = Math.hypot(step.to[0] - s, step.to[1] - d);
      const endMps = step.endMps ?? step.mps;
      const duration = (2 * length) / (step.mps + endMps);
      headingDeg = step.headingDeg ?? (length < 1e-6 ? headingDeg : (Math.atan2(step.to[1] - d, step.to[0] - s) * 180) / Math.PI);
      legs.push({ t, duration, s, d, to: step.to, length, mps: step.mps, endMps, headingDeg, walkedM, posture: step.posture ?? 'walk' });
      [s, d] = step.to;
      walkedM += length;
      t += duration;
    } else {
      headingDeg = step.headingDeg ?? headingDeg;
      legs.push({
        t,
        duration: step.waitS,
        s,
        d,
        to: [s, d],
        length: 0,
        mps: 0,
        endMps: 0,
        headingDeg,
        walkedM,
        posture: step.posture ?? 'stand',
        tilt: step.tilt,
      });
      t += step.waitS;
    }
  }
  const end = t;
  return {
    from: startS,
    to: end,
    endOf: (step) => legs[step].t + legs[step].duration,
    at(time) {
      if (time < startS || time > end) return null;
      const leg = legs.find((one) => time <= one.t + one.duration) ?? legs[legs.length - 1];
      const q = Math.max(0, time - leg.t);
      const part = leg.duration === 0 ? 1 : q / leg.duration;
      const gone = leg.mps * q + ((leg.endMps - leg.mps) * q * part) / 2;
      const f = leg.length === 0 ? 0 : gone / leg.length;
      const tilt =
        typeof leg.tilt === 'number'
          ? leg.tilt
          : leg.tilt === undefined
            ? 0
            : leg.tilt[0] + (leg.tilt[1] - leg.tilt[0]) * Math.min(1, part);
      return {
        s: leg.s + f * (leg.to[0] - leg.s),
        d: leg.d + f * (leg.to[1] - leg.d),
        headingDeg: turned(legs, leg, q),
        speedMps: leg.mps + (leg.endMps - leg.mps) * part,
        walkedM: leg.walkedM + gone,
        posture: leg.posture,
        tilt,
        braking: leg.endMps < leg.mps || (leg.length === 0 && leg.duration > 0),
      };
    },
  };
}

/** Turns within the first half second of a leg, not at once. */
function turned(legs, leg, q) {
  const before = legs[legs.indexOf(leg) - 1];
  const heading = leg.headingDeg ?? legs.find((one) => one.headingDeg !== null)?.headingDeg ?? 0;
  if (before === undefined || before.headingDeg === null || q >= 0.5) return heading;
  const by = ((heading - before.headingDeg + 540) % 360) - 180;
  return before.headingDeg + by * (q / 0.5);
}

/** Stays at a place. */
export function stays(s, d, { from = -Infinity, to = Infinity, headingDeg = 0, posture = 'stand' } = {}) {
  const pose = { s, d, headingDeg, speedMps: 0, walkedM: 0, posture, tilt: 0, parked: true };
  return { from, to, at: (t) => (t >= from && t <= to ? pose : null), endOf: () => to };
}
