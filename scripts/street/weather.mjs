/**
 * What falls before the lens or crawls on it.
 *
 * @param {number} width @param {number} height
 * @param {import('../scenes/random.mjs').Random} rng
 */
export function createWeather(width, height, rng) {
  const xy = new Float64Array(8);
  const streak = (canvas, x, y, dx, dy, thick, paint) => {
    const n = Math.hypot(dx, dy) || 1;
    const [px, py] = [(-dy / n) * thick, (dx / n) * thick];
    xy.set([x + px, y + py, x + dx + px, y + dy + py, x + dx - px, y + dy - py, x - px, y - py]);
    canvas.fill(xy, 4, paint);
  };
  return {
    /** @param {number} strength 0..1 @param {number} brightness light of a drop, 0..65535 */
    rain(canvas, strength, brightness) {
      const drops = Math.round(220 * strength);
      for (let i = 0; i < drops; i++) {
        const near = rng.next() ** 3;
        const length = 10 + 45 * near;
        const paint = { linear: brightness, u: 128, v: 128, alpha: 0.18 + 0.2 * near, id: 0 };
        streak(canvas, rng.range(-20, width), rng.range(-30, height), length * 0.12, length, 0.35 + 0.8 * near, paint);
      }
    },
    snow(canvas, strength, brightness) {
      const flakes = Math.round(260 * strength);
      for (let i = 0; i < flakes; i++) {
        const near = rng.next() ** 4;
        const r = 0.9 + 5 * near;
        canvas.blob(rng.range(0, width), rng.range(0, height), r * 1.2, r * 1.4, {
          linear: brightness,
          u: 128,
          v: 128,
          alpha: 0.85 - 0.4 * near,
        });
      }
    },
    /** A spider before the lens: large, out of focus, bright in the camera's own light. */
    spider(canvas, t, dark) {
      const x = width * (0.5 + 0.3 * Math.sin(0.21 * t) + 0.05 * Math.sin(1.9 * t));
      const y = height * (0.45 + 0.28 * Math.sin(0.33 * t + 1));
      const paint = { linear: dark ? 42000 : 3500, u: 128, v: 128, alpha: dark ? 0.85 : 0.7 };
      const size = height * 0.09;
      for (let k = 0; k < 8; k++) {
        const a = (k - 3.5) * 0.42 + (k > 3 ? Math.PI - 1.5 : 0) + 0.2 * Math.sin(2.5 * t + k);
        for (let q = 1; q < 5; q++) {
          canvas.blob(x + Math.cos(a) * size * 0.5 * q, y + Math.sin(a) * size * 0.4 * q, size * 0.3, size * 0.3, {
            ...paint,
            alpha: 0.35,
          });
        }
      }
      canvas.blob(x, y, size, size * 0.8, paint);
    },
  };
}
