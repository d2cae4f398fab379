/**
 * A pin-hole camera on a pole. World: metres; `s` along the road, `d` across it (towards the houses), `z` up; the ground is z = 0.
 *
 * @typedef {object} Camera
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {readonly [number, number, number]} at where it hangs, metres
 * @property {readonly [number, number, number]} forward unit vector
 * @property {(s: number, d: number, z: number, out: Float64Array) => void} toCamera right, down and depth of a point, metres
 * @property {(s: number, d: number, z: number) => [number, number, number]} project pixel and depth; nothing in front of the lens has a depth below 0
 * @property {(x: number, y: number) => [number, number, number]} ray direction through a pixel, not normalised, of depth 1
 * @property {(x: number, y: number) => [number, number] | null} ground the point of the ground that a pixel shows; null above the horizon
 * @property {number} focalPx
 */

/**
 * @param {{width: number, height: number, at: readonly [number, number], heightM: number, headingDeg: number, pitchDeg: number, rollDeg?: number,
 *   hfovDeg: number}} p heading 0 looks along the road, 90 across it; pitch is downward
 * @returns {Camera}
 */
export function createCamera(p) {
  const { width, height } = p;
  const heading = (p.headingDeg * Math.PI) / 180;
  const pitch = (p.pitchDeg * Math.PI) / 180;
  const roll = ((p.rollDeg ?? 0) * Math.PI) / 180;
  const focalPx = width / 2 / Math.tan((p.hfovDeg * Math.PI) / 360);
  const forward = [Math.cos(heading) * Math.cos(pitch), Math.sin(heading) * Math.cos(pitch), -Math.sin(pitch)];
  const levelRight = [Math.sin(heading), -Math.cos(heading), 0];
  const levelUp = [Math.cos(heading) * Math.sin(pitch), Math.sin(heading) * Math.sin(pitch), Math.cos(pitch)];
  const right = levelRight.map((r, i) => r * Math.cos(roll) + levelUp[i] * Math.sin(roll));
  const up = levelUp.map((u, i) => u * Math.cos(roll) - levelRight[i] * Math.sin(roll));
  const at = [p.at[0], p.at[1], p.heightM];
  const toCamera = (s, d, z, out) => {
    const a = s - at[0];
    const b = d - at[1];
    const c = z - at[2];
    out[0] = a * right[0] + b * right[1] + c * right[2];
    out[1] = -(a * up[0] + b * up[1] + c * up[2]);
    out[2] = a * forward[0] + b * forward[1] + c * forward[2];
  };
  const spot = new Float64Array(3);
  const ray = (x, y) => {
    const a = (x - width / 2) / focalPx;
    const b = (height / 2 - y) / focalPx;
    return [0, 1, 2].map((i) => forward[i] + a * right[i] + b * up[i]);
  };
  return {
    width,
    height,
    at,
    forward,
    focalPx,
    toCamera,
    ray,
    project(s, d, z) {
      toCamera(s, d, z, spot);
      return [width / 2 + (focalPx * spot[0]) / spot[2], height / 2 + (focalPx * spot[1]) / spot[2], spot[2]];
    },
    ground(x, y) {
      const [a, b, c] = ray(x, y);
      if (c > -1e-4) return null;
      const k = -at[2] / c;
      return [at[0] + k * a, at[1] + k * b];
    },
  };
}
