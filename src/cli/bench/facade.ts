/** A picture that a camera below a tower could have taken: where a point of the facade lies in it. */
export interface FacadeView {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Top-left, top-right, bottom-right, bottom-left, normalised to 0..1 of the frame. */
  readonly corners: readonly (readonly [number, number])[];
  /** Pixel of a point `acrossM` right of the facade's middle line and `upM` above the ground. */
  project(acrossM: number, upM: number): { readonly x: number; readonly y: number };
}

/** What is drawn: 24 floors of 2.9 m, 30 m wide, from 45 m away. Any facade does; this one resembles those of `scripts/scenes`. */
export const benchFacade = { floors: 24, floorM: 2.9, widthM: 30, windowsAcross: 10 } as const;
/** Length of the drawn turn, seconds: a fall fits into it, and everything that sways meets its own beginning. */
export const TURN_S = 10;

const DISTANCE_M = 45;
const CAMERA_M = 4;
/** Upward tilt, radians, and focal length in picture heights: foot and roof lie 3 % inside the frame. */
const TILT = 0.441;
const FOCAL_HEIGHTS = 0.77;
const GRAVITY = 9.81;
/** What falls once a turn: from so many metres, thrown so fast to the side. `atS` counts from the turn's start. */
const fall = { atS: 4, fromM: 41, acrossM: -7.3, mps: 0.9, luma: 236 } as const;
/** Side of what falls, picture heights: 5 px at 1080p. */
const OBJECT_HEIGHTS = 0.0046;
/** Exposure, seconds: how much a fall smears. */
const EXPOSURE_S = 0.01;
/** Leaves of the tree beside the facade: what moves all the time in most cameras' pictures. */
const LEAVES = 160;
/** Noise of the sensor, grey levels (standard deviation), and how many pictures of it follow one another again and again. */
const NOISE_GREY = 1.8;
const NOISE_PICTURES = 5;

/** The view that a camera of this size has. */
export function createFacadeView(width: number, height: number): FacadeView {
  const focal = FOCAL_HEIGHTS * height;
  const [cos, sin] = [Math.cos(TILT), Math.sin(TILT)];
  const project = (acrossM: number, upM: number): { x: number; y: number } => {
    const ahead = (upM - CAMERA_M) * sin + DISTANCE_M * cos;
    const above = (upM - CAMERA_M) * cos - DISTANCE_M * sin;
    return { x: width / 2 + (focal * acrossM) / ahead, y: height / 2 - (focal * above) / ahead };
  };
  const [side, top] = [benchFacade.widthM / 2, benchFacade.floors * benchFacade.floorM];
  const ends = [project(-side, top), project(side, top), project(side, 0), project(-side, 0)];
  return { width, height, corners: ends.map(({ x, y }) => [x / width, y / height] as const), project };
}

/** Where the thing that falls is at a moment of the turn, pixels; `null` while it cannot be seen. */
export function fallAt(view: FacadeView, atS: number): { readonly x: number; readonly y: number } | null {
  const fallenS = atS - fall.atS;
  const upM = fall.fromM - (GRAVITY * fallenS ** 2) / 2;
  return fallenS < 0 || upM < 0 ? null : view.project(fall.acrossM + fall.mps * fallenS, upM);
}

/**
 * Draws the turn: a tower with light and dark windows, a swaying tree, sensor noise, and one thing that falls. The same pictures
 * every time.
 *
 * @returns writes the picture of a moment (0 to {@link TURN_S} seconds) into a `yuv420p` buffer; width and height must be even.
 */
export function createFacadePainter(view: FacadeView): (picture: Uint8Array, atS: number) => void {
  const { width, height } = view;
  const random = createRandom(1);
  const still = drawStill(view, random);
  const noisy = Array.from({ length: NOISE_PICTURES }, () => addNoise(still, width * height, random));
  const leaves = Array.from({ length: LEAVES }, () => ({
    x: (0.06 + 0.12 * random()) * width,
    y: (0.55 + 0.35 * random()) * height,
    reach: (0.002 + 0.008 * random()) * height,
    turns: 2 + Math.floor(random() * 8),
    phase: random(),
    luma: 50 + Math.floor(random() * 60),
  }));
  const size = Math.max(2, Math.round(OBJECT_HEIGHTS * height));
  const box = (picture: Uint8Array, x: number, y: number, w: number, h: number, luma: number): void => {
    const [left, right] = [Math.max(0, Math.round(x - w / 2)), Math.min(width, Math.round(x + w / 2))];
    const [top, bottom] = [Math.max(0, Math.round(y - h / 2)), Math.min(height, Math.round(y + h / 2))];
    for (let row = top; row < bottom; row++) picture.fill(luma, row * width + left, row * width + right);
  };
  let drawn = 0;
  return (picture, atS) => {
    picture.set(noisy[drawn++ % NOISE_PICTURES] as Uint8Array);
    for (const leaf of leaves) {
      const swing = Math.sin(2 * Math.PI * ((leaf.turns * atS) / TURN_S + leaf.phase));
      box(picture, leaf.x + leaf.reach * swing, leaf.y, 2 * size, size, leaf.luma);
    }
    const [begin, end] = [fallAt(view, atS), fallAt(view, atS + EXPOSURE_S)];
    if (begin !== null) box(picture, begin.x, begin.y, size, size + ((end ?? begin).y - begin.y), fall.luma);
  };
}

function addNoise(still: Uint8Array, lumaBytes: number, random: () => number): Uint8Array {
  const picture = still.slice();
  // The sum of four uniform numbers is close to a Gaussian; its standard deviation is √(4/12).
  const scale = NOISE_GREY * Math.sqrt(3);
  for (let i = 0; i < lumaBytes; i++) {
    const grey = (still[i] as number) + scale * (random() + random() + random() + random() - 2);
    picture[i] = Math.min(255, Math.max(0, Math.round(grey)));
  }
  return picture;
}

/** What never moves, as planes: sky, ground, wall with texture, windows, a balcony's edge below each row of them. */
function drawStill(view: FacadeView, random: () => number): Uint8Array {
  const { width, height } = view;
  const planes = new Uint8Array((width * height * 3) / 2).fill(128);
  const focal = FOCAL_HEIGHTS * height;
  const { floors, floorM, widthM, windowsAcross } = benchFacade;
  const panes = Array.from({ length: floors * windowsAcross }, () => 45 + Math.floor(random() * 50));
  for (let y = 0; y < height; y++) {
    const slope = (height / 2 - y) / focal;
    const reach = DISTANCE_M / (Math.cos(TILT) - slope * Math.sin(TILT));
    const upM = CAMERA_M + reach * (slope * Math.cos(TILT) + Math.sin(TILT));
    for (let x = 0; x < width; x++) {
      const acrossM = widthM / 2 + (reach * (x - width / 2)) / focal;
      const texture = Math.floor(random() * 9) - 4;
      let luma = upM < 0 ? 95 + 2 * texture : 205 - 30 * (y / height);
      if (upM >= 0 && upM < floors * floorM && acrossM >= 0 && acrossM < widthM) {
        const floor = Math.floor(upM / floorM);
        const column = Math.floor((acrossM / widthM) * windowsAcross);
        const inFloor = upM / floorM - floor;
        const inColumn = (acrossM / widthM) * windowsAcross - column;
        const glass = inFloor > 0.3 && inFloor < 0.85 && inColumn > 0.2 && inColumn < 0.8;
        luma = glass ? (panes[floor * windowsAcross + column] as number) : inFloor < 0.08 ? 120 : 158 + 2 * texture;
      }
      planes[y * width + x] = luma;
    }
  }
  return planes;
}

/** Repeatable and uniform in 0..1: Marsaglia's xorshift of 32 bits. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}
