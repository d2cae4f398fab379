/** Vehicles: x forward from the middle, y to the left, z up; metres. */
const GLASS = [0.05, 0.06, 0.07];
const TYRE = [0.03, 0.03, 0.03];
const HUB = [0.4, 0.4, 0.42];
const WHITE_LAMP = [0.9, 0.9, 0.85];
const RED_LAMP = [0.5, 0.03, 0.03];
const DARK = [0.05, 0.05, 0.055];

export const carColours = [
  [0.75, 0.75, 0.74],
  [0.5, 0.51, 0.53],
  [0.05, 0.05, 0.06],
  [0.45, 0.05, 0.05],
  [0.07, 0.13, 0.35],
  [0.6, 0.57, 0.48],
  [0.2, 0.22, 0.24],
];
export const vanColours = [
  [0.78, 0.78, 0.77],
  [0.55, 0.56, 0.58],
  [0.15, 0.25, 0.4],
  [0.62, 0.5, 0.12],
];
export const busColours = [
  [0.1, 0.38, 0.2],
  [0.12, 0.25, 0.5],
  [0.65, 0.2, 0.08],
];

const kinds = {
  car: { label: 'car', length: 4.5, width: 1.8, height: 1.48, colours: carColours },
  van: { label: 'truck', length: 5.3, width: 1.95, height: 2.25, colours: vanColours },
  lorry: { label: 'truck', length: 7.2, width: 2.35, height: 3, colours: vanColours },
  bus: { label: 'bus', length: 11.5, width: 2.5, height: 3.15, colours: busColours },
};

/**
 * @param {'car' | 'van' | 'lorry' | 'bus'} kind
 * @param {import('../../scenes/random.mjs').Random} rng
 * @param {{colour?: readonly number[]}} [look]
 */
export function vehicle(kind, rng, look = {}) {
  const { label, length, width, height, colours } = kinds[kind];
  const colour = look.colour ?? rng.pick(colours);
  const half = length / 2;
  const side = width / 2;
  const body = { car: carBody, van: vanBody, lorry: lorryBody, bus: busBody }[kind];
  return {
    label,
    thing: kind,
    length,
    width,
    height,
    /** A vehicle's own lamps are lit at night. */
    lamps: true,
    footprint: [
      [-half, -side],
      [half, -side],
      [half, side],
      [-half, side],
    ],
    draw(pen, pose) {
      const dark = pose.dark === true;
      for (const y of [-side * 0.97, side * 0.97]) for (const x of axles(kind, half)) wheel(pen, x, y, kind === 'car' ? 0.32 : 0.42);
      body(pen, half, side, height, colour);
      lampsOf(pen, half, side, kind, dark, pose.braking === true);
      for (const y of [-side, side]) for (const x of axles(kind, half)) wheel(pen, x, y, kind === 'car' ? 0.32 : 0.42);
    },
    /** What its headlights throw on the road. */
    glow(pen, albedo) {
      for (const [reach, spread, power] of [
        [13, 2.6, 0.05],
        [9, 1.9, 0.1],
        [5.5, 1.3, 0.12],
      ]) {
        const points = [];
        for (let k = 0; k < 12; k++) {
          const a = (2 * Math.PI * k) / 12;
          points.push([half + 0.5 + reach / 2 + (reach / 2) * Math.cos(a), spread * Math.sin(a), 0.005]);
        }
        pen.pool(points, power, albedo);
      }
    },
  };
}

function axles(kind, half) {
  return {
    car: [-half + 0.85, half - 0.85],
    van: [-half + 0.95, half - 0.9],
    lorry: [-half + 1.3, half - 1],
    bus: [-half + 2.6, half - 2.2],
  }[kind];
}

function wheel(pen, x, y, radius) {
  const rim = (r) =>
    Array.from({ length: 12 }, (_, k) => {
      const a = (Math.PI * k) / 6;
      return [x + r * Math.cos(a), y, radius + r * Math.sin(a)];
    });
  const normal = [0, Math.sign(y), 0];
  if (!facesCamera(pen, x, y, radius, normal)) return;
  pen.poly(rim(radius), TYRE, { normal });
  pen.poly(rim(radius * 0.55), HUB, { normal });
}

/** Whether a side of the thing is turned to the camera. */
function facesCamera(pen, x, y, z, [nx, ny, nz]) {
  return pen.faces([x, y, z], [x + nx, y + ny, z + nz]);
}

function carBody(pen, half, side, height, colour) {
  pen.box([-half, half, -side, side, 0.28, 0.86], colour, { taper: [0.12, 0.08, 0.06] });
  pen.box([-half + 0.55, half - 1.05, -side + 0.06, side - 0.06, 0.86, height], GLASS, { taper: [0.75, 0.5, 0.2], top: colour });
  // Pillars between the windows.
  for (const y of [-side + 0.05, side - 0.05]) {
    if (!pen.faces([0, y, 1], [0, 2 * y, 1])) continue;
    pen.capsule([-0.15, y, 0.86], [-0.15, y * 0.82, height], 0.05, 0.05, colour);
  }
}

function vanBody(pen, half, side, height, colour) {
  pen.box([-half, half, -side, side, 0.3, 1.15], colour, { taper: [0.25, 0, 0.02] });
  pen.box([-half, half - 0.25, -side + 0.02, side - 0.02, 1.15, height], colour, { taper: [0.85, 0.06, 0.1] });
  panel(pen, [half - 0.32, half - 0.95], side, [1.2, height - 0.2]);
  for (const y of [-side, side]) windowStrip(pen, y, [0.2, half - 0.75], [1.2, height - 0.35]);
}

function lorryBody(pen, half, side, height, colour) {
  const cab = half - 1.7;
  pen.box([-half, cab - 0.1, -side, side, 0.75, height], [0.6, 0.6, 0.58]);
  pen.box([-half, cab, -side + 0.2, side - 0.2, 0.4, 0.75], DARK);
  pen.box([cab, half, -side + 0.06, side - 0.06, 0.35, height - 0.45], colour, { taper: [0.25, 0, 0.08] });
  panel(pen, [half - 0.08, half - 0.2], side - 0.06, [1.45, height - 0.65]);
  for (const y of [-side + 0.06, side - 0.06]) windowStrip(pen, y, [cab + 0.3, half - 0.4], [1.45, height - 0.75]);
}

function busBody(pen, half, side, height, colour) {
  pen.box([-half, half, -side, side, 0.3, 1.25], colour);
  pen.box([-half, half, -side, side, 1.25, 2.45], GLASS);
  pen.box([-half, half, -side, side, 2.45, height], colour, { taper: [0.1, 0.1, 0.15], top: [0.6, 0.6, 0.6] });
  for (const y of [-side, side]) {
    if (!pen.faces([0, y, 1], [0, 2 * y, 1])) continue;
    for (let x = -half + 0.1; x <= half; x += 1.55) pen.capsule([x, y, 1.25], [x, y, 2.45], 0.07, 0.07, colour);
  }
}

/** A dark pane across the front. */
function panel(pen, [xLow, xHigh], side, [low, high]) {
  if (!pen.faces([xLow, 0, low], [xLow + 1, 0, low])) return;
  const w = side - 0.12;
  pen.poly(
    [
      [xLow, -w, low],
      [xLow, w, low],
      [xHigh, w - 0.1, high],
      [xHigh, -w + 0.1, high],
    ],
    GLASS,
    { normal: [0.9, 0, 0.4] },
  );
}

function windowStrip(pen, y, [from, to], [low, high]) {
  if (!pen.faces([0, y, low], [0, 2 * y, low])) return;
  pen.poly(
    [
      [from, y * 1.005, low],
      [to, y * 1.005, low],
      [to - 0.25, y * 0.97, high],
      [from, y * 0.97, high],
    ],
    GLASS,
    { normal: [0, Math.sign(y), 0] },
  );
}

function lampsOf(pen, half, side, kind, dark, braking) {
  const z = kind === 'car' ? 0.66 : 0.85;
  for (const y of [-side + 0.25, side - 0.25]) {
    if (pen.faces([half, y, z], [half + 1, y, z])) lampPane(pen, half + 0.01, y, z, WHITE_LAMP, dark ? 3 : null);
    if (pen.faces([-half, y, z], [-half - 1, y, z])) lampPane(pen, -half - 0.01, y, z, RED_LAMP, braking ? 1.6 : dark ? 0.7 : null);
  }
}

function lampPane(pen, x, y, z, rgb, emits) {
  pen.poly(
    [
      [x, y - 0.16, z - 0.08],
      [x, y + 0.16, z - 0.08],
      [x, y + 0.16, z + 0.09],
      [x, y - 0.16, z + 0.09],
    ],
    rgb,
    { emits, normal: [Math.sign(x), 0, 0] },
  );
  if (emits !== null && emits > 1) pen.puff([x + 0.1 * Math.sign(x), y, z], 0.55, rgb, { alpha: 0.5, emits: 1 });
}
