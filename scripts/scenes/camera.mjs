/**
 * A pin-hole camera with radial distortion. World: metres, x to the right along the facade, y up, z away from the
 * camera; the facade's wall is the plane z = 0 and the camera stands at negative z. Picture: pixels, origin top left,
 * y down; the centre of the first pixel is at (0.5, 0.5).
 *
 * @typedef {object} Camera
 * @property {number} width
 * @property {number} height
 * @property {number} focalPx
 * @property {readonly [number, number, number]} position
 * @property {(x: number, y: number, z: number) => {x: number, y: number, depth: number}} project
 *   `depth` is along the optical axis; a point at or behind the camera has depth ≤ 0 and no meaningful x, y
 * @property {(px: number, py: number, out: Float64Array) => void} ray direction (not normalised) through a picture point
 */

/**
 * @param {{width: number, height: number, position: readonly [number, number, number], yawRad: number, pitchRad: number,
 *   rollRad: number, focalPx: number, principal: readonly [number, number], k1: number, k2: number}} p
 *   `principal` as a fraction of width and height; `k1`, `k2` act on tangents of the angle off axis (barrel: k1 < 0)
 * @returns {Camera}
 */
export function createCamera(p) {
  const { width, height, focalPx, k1, k2 } = p;
  const [ox, oy, oz] = p.position;
  const cx = p.principal[0] * width;
  const cy = p.principal[1] * height;
  const [right, up, forward] = axes(p.yawRad, p.pitchRad, p.rollRad);
  const undistort = createUndistortion(k1, k2);

  return {
    width,
    height,
    focalPx,
    position: p.position,
    project(x, y, z) {
      const vx = x - ox;
      const vy = y - oy;
      const vz = z - oz;
      const depth = vx * forward[0] + vy * forward[1] + vz * forward[2];
      const tx = (vx * right[0] + vy * right[1] + vz * right[2]) / depth;
      const ty = (vx * up[0] + vy * up[1] + vz * up[2]) / depth;
      const r2 = tx * tx + ty * ty;
      const bend = 1 + k1 * r2 + k2 * r2 * r2;
      return { x: cx + focalPx * tx * bend, y: cy - focalPx * ty * bend, depth };
    },
    ray(px, py, out) {
      const dx = (px - cx) / focalPx;
      const dy = (cy - py) / focalPx;
      const scale = undistort(Math.hypot(dx, dy));
      const tx = dx * scale;
      const ty = dy * scale;
      out[0] = forward[0] + tx * right[0] + ty * up[0];
      out[1] = forward[1] + tx * right[1] + ty * up[1];
      out[2] = forward[2] + tx * right[2] + ty * up[2];
    },
  };
}

/** Right, up and forward of a camera that looks along +z when yaw and pitch are 0; yaw turns right, pitch turns up. */
function axes(yaw, pitch, roll) {
  const forward = [Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch)];
  const right0 = [Math.cos(yaw), 0, -Math.sin(yaw)];
  const up0 = [-Math.sin(yaw) * Math.sin(pitch), Math.cos(pitch), -Math.cos(yaw) * Math.sin(pitch)];
  const c = Math.cos(roll);
  const s = Math.sin(roll);
  const right = right0.map((r, i) => c * r + s * up0[i]);
  const up = right0.map((r, i) => -s * r + c * up0[i]);
  return [right, up, forward];
}

/** A function from distorted radius to (undistorted radius ÷ distorted radius), by Newton's method. */
function createUndistortion(k1, k2) {
  if (k1 === 0 && k2 === 0) return () => 1;
  return (rd) => {
    if (rd < 1e-9) return 1;
    let r = rd;
    for (let i = 0; i < 8; i++) {
      const r2 = r * r;
      const f = r * (1 + k1 * r2 + k2 * r2 * r2) - rd;
      const slope = 1 + 3 * k1 * r2 + 5 * k2 * r2 * r2;
      r -= f / Math.max(0.2, slope); // far outside the lens's range the polynomial folds back; keep the step finite
    }
    return r / rd;
  };
}

/**
 * Aims a camera at a part of the facade so that it fills the picture.
 *
 * @param {{width: number, height: number, position: readonly [number, number, number], widthM: number, fromM: number,
 *   toM: number, marginTop: number, marginBottom: number, marginSide: number}} p `fromM`, `toM` heights on the facade;
 *   margins as fractions of the picture
 * @returns {{yawRad: number, pitchRad: number, focalPx: number}}
 */
export function aimAtFacade(p) {
  const [x, y, z] = p.position;
  const yawRad = Math.atan2(-x, -z);
  const distance = Math.hypot(x, z);
  const top = Math.atan2(p.toM - y, distance);
  const bottom = Math.atan2(p.fromM - y, distance);
  // The pitch that puts both ends at their margins: found by bisection, since tangents are not linear in the angle.
  const spanTop = 0.5 - p.marginTop;
  const spanBottom = 0.5 - p.marginBottom;
  let lo = bottom;
  let hi = top;
  for (let i = 0; i < 50; i++) {
    const mid = (lo + hi) / 2;
    if (Math.tan(top - mid) / spanTop > Math.tan(mid - bottom) / spanBottom) lo = mid;
    else hi = mid;
  }
  const pitchRad = (lo + hi) / 2;
  const focalV = (spanTop * p.height) / Math.tan(top - pitchRad);
  // The lower corners are nearest and therefore widest.
  const depth = distance * Math.cos(pitchRad) + (p.fromM - y) * Math.sin(pitchRad);
  const focalH = ((0.5 - p.marginSide) * p.width * depth) / (p.widthM / 2);
  return { yawRad, pitchRad, focalPx: Math.min(focalV, focalH) };
}
