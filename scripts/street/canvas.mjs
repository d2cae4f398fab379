/** Sub-scanlines a pixel row: edges have this many levels of coverage down, exact ones across. */
const SUB = 3;

/**
 * The picture under way: light in 16 bits, linear, 65535 is what saturates the sensor at gain 1; colour at half the size, 8 bits around 128. Every
 * pixel knows which object was drawn on it last, so that how much of each is to be seen is counted on the way.
 */
export class Canvas {
  /** @param {number} width @param {number} height even, pixels */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.linear = new Uint16Array(width * height);
    this.u = new Uint8Array((width * height) / 4);
    this.v = new Uint8Array((width * height) / 4);
    this.owner = new Uint16Array(width * height);
    /** Pixels drawn by each object, and what others have left of them. */
    this.drawn = new Int32Array(65536);
    this.visible = new Int32Array(65536);
    this.stamp = new Uint8Array(width * height);
    this.starts = new Float64Array(SUB);
    this.ends = new Float64Array(SUB);
  }

  /** Begins a picture: `backdrop` as it is without anything that moves. */
  begin(backdrop) {
    this.linear.set(backdrop.linear);
    this.u.set(backdrop.u);
    this.v.set(backdrop.v);
    this.owner.fill(0);
    this.drawn.fill(0);
    this.visible.fill(0);
  }

  /**
   * Fills a convex polygon.
   *
   * @param {ArrayLike<number>} xy corners, x and y in turn, pixels
   * @param {number} n how many corners
   * @param {{linear: number, u: number, v: number, alpha: number, id: number}} paint id 0: part of the scene
   */
  fill(xy, n, paint) {
    const { width, height, linear, u, v, owner } = this;
    const { alpha, id } = paint;
    const solid = alpha > 0.5;
    this.eachSpan(xy, n, (y, from, to, coverage) => {
      const a = coverage * alpha;
      const row = y * width;
      for (let i = row + from; i < row + to; i++) {
        linear[i] += (paint.linear - linear[i]) * a;
        if (a > 0.5 && solid && owner[i] !== id) {
          this.visible[owner[i]]--;
          this.visible[id]++;
          this.drawn[id]++;
          owner[i] = id;
        }
      }
      if ((y & 1) === 0 && y < height) {
        const half = (y >> 1) * (width >> 1);
        for (let k = half + ((from + 1) >> 1); k < half + ((to + 1) >> 1); k++) {
          u[k] += Math.round((paint.u - u[k]) * a);
          v[k] += Math.round((paint.v - v[k]) * a);
        }
      }
    });
  }

  /** Changes the light of every pixel that a polygon mostly covers, by what it was. */
  recolour(xy, n, id, change) {
    const { width, linear, owner } = this;
    this.eachSpan(xy, n, (y, from, to, coverage) => {
      if (coverage < 0.5) return;
      for (let i = y * width + from; i < y * width + to; i++) {
        // Neighbouring polygons of one thing share their seams.
        if (owner[i] === id) continue;
        linear[i] = Math.min(65535, change(i, linear[i]));
        this.visible[owner[i]]--;
        this.visible[id]++;
        this.drawn[id]++;
        owner[i] = id;
      }
    });
  }

  /** Marks a polygon's coverage (0..255 × strength) in the stamp, where it is more than was there: shadows that overlap are one shadow. */
  mark(xy, n, strength) {
    const { width, stamp } = this;
    this.eachSpan(xy, n, (y, from, to, coverage) => {
      const a = coverage * strength * 255;
      for (let i = y * width + from; i < y * width + to; i++) if (stamp[i] < a) stamp[i] = a;
    });
  }

  /** Adds light to what a polygon of the ground or wall reflects: `albedo` × `power` (65535 at power 1). */
  light(xy, n, power, albedo) {
    const { width, linear } = this;
    this.eachSpan(xy, n, (y, from, to, coverage) => {
      const a = coverage * power * 65535;
      for (let i = y * width + from; i < y * width + to; i++) linear[i] = Math.min(65535, linear[i] + albedo[i] * a);
    });
  }

  /** A blob without edges: densest in its middle, nothing at its rim. */
  blob(x, y, radiusX, radiusY, paint) {
    const { width, height, linear, u, v } = this;
    const xa = Math.max(0, Math.floor(x - radiusX));
    const xb = Math.min(width, Math.ceil(x + radiusX));
    const ya = Math.max(0, Math.floor(y - radiusY));
    const yb = Math.min(height, Math.ceil(y + radiusY));
    for (let py = ya; py < yb; py++) {
      const b = ((py + 0.5 - y) / radiusY) ** 2;
      for (let px = xa; px < xb; px++) {
        const q = 1 - b - ((px + 0.5 - x) / radiusX) ** 2;
        if (q <= 0) continue;
        const a = q * q * paint.alpha;
        const i = py * width + px;
        linear[i] += (paint.linear - linear[i]) * a;
        if (((px | py) & 1) === 0) {
          const k = (py >> 1) * (width >> 1) + (px >> 1);
          u[k] += Math.round((paint.u - u[k]) * a);
          v[k] += Math.round((paint.v - v[k]) * a);
        }
      }
    }
  }

  /** Calls for every run of pixels of a row that a convex polygon covers alike: (y, from, to, coverage 0..1). */
  eachSpan(xy, n, run) {
    const { width, height, starts, ends } = this;
    let top = Infinity;
    let bottom = -Infinity;
    for (let k = 1; k < 2 * n; k += 2) {
      if (xy[k] < top) top = xy[k];
      if (xy[k] > bottom) bottom = xy[k];
    }
    const yEnd = Math.min(height, Math.ceil(bottom));
    for (let y = Math.max(0, Math.floor(top)); y < yEnd; y++) {
      let lines = 0;
      let outerA = Infinity;
      let outerB = -Infinity;
      let innerA = -Infinity;
      let innerB = Infinity;
      for (let sub = 0; sub < SUB; sub++) {
        const at = y + (sub + 0.5) / SUB;
        let a = Infinity;
        let b = -Infinity;
        for (let k = 0, j = 2 * n - 2; k < 2 * n; j = k, k += 2) {
          const y1 = xy[j + 1];
          const y2 = xy[k + 1];
          if (y1 <= at === y2 <= at) continue;
          const x = xy[j] + ((at - y1) / (y2 - y1)) * (xy[k] - xy[j]);
          if (x < a) a = x;
          if (x > b) b = x;
        }
        if (a >= b) continue;
        a = Math.max(0, a);
        b = Math.min(width, b);
        if (a >= b) continue;
        starts[lines] = a;
        ends[lines++] = b;
        if (a < outerA) outerA = a;
        if (b > outerB) outerB = b;
        if (a > innerA) innerA = a;
        if (b < innerB) innerB = b;
      }
      if (lines === 0) continue;
      const last = Math.ceil(outerB);
      const from = Math.ceil(innerA);
      const to = Math.floor(innerB);
      const full = from < to;
      for (let x = Math.floor(outerA); x < last; x++) {
        if (full && x === from) {
          run(y, from, to, lines / SUB);
          x = to - 1;
          continue;
        }
        let covered = 0;
        for (let k = 0; k < lines; k++) covered += Math.max(0, Math.min(ends[k], x + 1) - Math.max(starts[k], x));
        if (covered > 0) run(y, x, x + 1, covered / SUB);
      }
    }
  }
}
