import type { Point } from '../../domain/geometry.js';
import type { ScenePicture } from '../../domain/street.js';
import type { CellGrid, CellPicture } from './cell-grid.js';

/** Slope that makes an edge of the scene, grey over two cells. */
const EDGE_GREY = 18;
/** Edge cells kept at most, spread over the picture. */
const EDGES = 2500;
/** An edge is where it was when its slope points the same way (cosine) … */
const SAME_DIRECTION = 0.7;
/** … and is at least this share of what it was, and more than noise, grey over two cells. */
const SAME_STRENGTH = 0.2;
const NOISE_GREY = 4;
/** How fast the usual edges and detail follow while nothing is wrong, seconds: slower than dusk, or a lens that fogs is usual. */
const USUAL_MEMORY_S = 300;
/** Time for which another view must stand before it is the usual one, seconds: long enough for a rule to tell of it. */
const NEW_VIEW_S = 300;
/** Share of the edges below which the view is another. */
const SAME_VIEW = 0.4;
/** Share of the usual detail below which a lens is out of focus, and its blur does not become usual: more than any rule tells it from. */
const IN_FOCUS = 0.65;
/** How long after a switch to or from infrared it does, seconds: that light has a focus of its own. As long as rules leave a camera alone then. */
const SWITCH_S = 330;
/** Saturation of infrared night and of day, grey, with room between for noise. An infrared picture has none at all; an empty street under lamps has 1.1, and is no infrared. */
const NIGHT_SATURATION = 0.6;
const DAY_SATURATION = 2.2;
/** How long the colour must be gone, or back, seconds. */
const NIGHT_AFTER_S = 3;

/** What can be said of the camera from one picture and those before. */
export interface CameraFigures {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  readonly sharpness: number;
  readonly edgesKept: number;
  readonly night: boolean;
}

/** Keeps what is usual for a camera, and says how the present picture compares. */
export class CameraState {
  private readonly edges: Int32Array;
  private readonly edgeX: Float32Array;
  private readonly edgeY: Float32Array;
  private count = 0;
  private usualDetail = 0;
  private usualCoarse = 0;
  private otherViewS = 0;
  private learntS = 0;
  private isNight = false;
  private switchedS = Number.POSITIVE_INFINITY;
  private colourlessS = 0;
  private colourfulS = 0;

  constructor(private readonly grid: CellGrid) {
    this.edges = new Int32Array(EDGES);
    this.edgeX = new Float32Array(EDGES);
    this.edgeY = new Float32Array(EDGES);
  }

  /**
   * @param raw the picture as it came.
   * @param cells the same in cells, moved back to the usual pose.
   * @param expected the slow background.
   * @param settled whether the scene is as expected: only then it teaches what is usual.
   */
  step(raw: ScenePicture, cells: CellPicture, expected: CellPicture, shift: Point, stepS: number, settled: boolean): CameraFigures {
    const { brightness, contrast, saturation } = this.levels(cells);
    if (this.count === 0 && settled) this.chooseEdges(expected);
    const edgesKept = this.edgesKept(cells);
    const sharpness = this.sharpness(raw, shift, stepS, settled);
    this.learn(expected, edgesKept, stepS, settled);
    this.tellNight(saturation, brightness, stepS);
    return { brightness, contrast, saturation, sharpness, edgesKept, night: this.isNight };
  }

  private levels(cells: CellPicture): { readonly brightness: number; readonly contrast: number; readonly saturation: number } {
    let [sum, squares, chroma, n] = [0, 0, 0, 0];
    for (let i = 0; i < this.grid.count; i += 3) {
      const luma = cells.luma[i] as number;
      sum += luma;
      squares += luma * luma;
      chroma += Math.abs((cells.cb[i] as number) - 128) + Math.abs((cells.cr[i] as number) - 128);
      n++;
    }
    const brightness = sum / n;
    return { brightness, contrast: Math.sqrt(Math.max(0, squares / n - brightness * brightness)), saturation: chroma / n / Math.SQRT2 };
  }

  private chooseEdges(expected: CellPicture): void {
    const { columns, rows, masked } = this.grid;
    const { luma } = expected;
    let total = 0;
    for (let pass = 0, stride = 1; pass < 2; pass++) {
      let [seen, kept] = [0, 0];
      for (let y = 4; y < rows - 4; y++) {
        for (let x = 4; x < columns - 4; x++) {
          const i = y * columns + x;
          if (masked[i] !== 0) continue;
          const gx = (luma[i + 1] as number) - (luma[i - 1] as number);
          const gy = (luma[i + columns] as number) - (luma[i - columns] as number);
          if (Math.abs(gx) + Math.abs(gy) < EDGE_GREY) continue;
          if (pass === 0) {
            total++;
            continue;
          }
          if (seen++ % stride !== 0 || kept >= EDGES) continue;
          this.edges[kept] = i;
          this.edgeX[kept] = gx;
          this.edgeY[kept] = gy;
          kept++;
        }
      }
      stride = Math.max(1, Math.ceil(total / EDGES));
      this.count = kept;
    }
    this.learntS = 0;
  }

  /** Share of the usual edges that are where they were; 1 while none are known. */
  edgesKept(cells: CellPicture): number {
    const { columns } = this.grid;
    const { luma } = cells;
    const { count, edges, edgeX, edgeY } = this;
    if (count === 0) return 1;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const i = edges[k] as number;
      const gx = (luma[i + 1] as number) - (luma[i - 1] as number);
      const gy = (luma[i + columns] as number) - (luma[i - columns] as number);
      const ux = edgeX[k] as number;
      const uy = edgeY[k] as number;
      const strength = Math.sqrt(gx * gx + gy * gy);
      const usual = Math.sqrt(ux * ux + uy * uy);
      if (strength < Math.max(NOISE_GREY, SAME_STRENGTH * usual)) continue;
      if (gx * ux + gy * uy >= SAME_DIRECTION * strength * usual) kept++;
    }
    return kept / count;
  }

  /** Differences over one pixel against those over eight, at the usual edges: blur takes the former and leaves the latter. */
  private sharpness(raw: ScenePicture, shift: Point, stepS: number, settled: boolean): number {
    if (this.count === 0) return 1;
    const { columns, cellPx } = this.grid;
    const { luma, width, height } = raw;
    let [fine, coarse] = [0, 0];
    const moveX = Math.round(shift.x * cellPx);
    const moveY = Math.round(shift.y * cellPx);
    for (let k = 0; k < this.count; k++) {
      const i = this.edges[k] as number;
      const row = (i / columns) | 0;
      const x = Math.max(4, Math.min(width - 5, (i - row * columns) * cellPx + (cellPx >> 1) + moveX));
      const y = Math.max(4, Math.min(height - 5, row * cellPx + (cellPx >> 1) + moveY));
      const at = y * width + x;
      const finest = Math.max(
        Math.abs((luma[at] as number) - (luma[at - 1] as number)),
        Math.abs((luma[at] as number) - (luma[at + 1] as number)),
        Math.abs((luma[at] as number) - (luma[at - width] as number)),
        Math.abs((luma[at] as number) - (luma[at + width] as number)),
      );
      fine += Math.max(0, finest - 2);
      coarse += Math.max(
        Math.abs((luma[at + 4] as number) - (luma[at - 4] as number)),
        Math.abs((luma[at + 4 * width] as number) - (luma[at - 4 * width] as number)),
      );
    }
    fine /= this.count;
    coarse /= this.count;
    const detail = fine / Math.max(1, coarse);
    if (this.usualDetail === 0) {
      this.usualDetail = detail;
      this.usualCoarse = coarse;
    }
    const sharpness = (detail / Math.max(0.01, this.usualDetail)) * Math.min(1, coarse / Math.max(1, 0.25 * this.usualCoarse));
    if (settled && (sharpness >= IN_FOCUS || this.switchedS < SWITCH_S)) {
      const rate = 1 - Math.exp(-stepS / USUAL_MEMORY_S);
      this.usualDetail += rate * (detail - this.usualDetail);
      this.usualCoarse += rate * (coarse - this.usualCoarse);
    }
    return Math.min(2, sharpness);
  }

  /** What is usual follows the scene slowly, and takes another view for the usual one when it has stood long enough. */
  private learn(expected: CellPicture, edgesKept: number, stepS: number, settled: boolean): void {
    this.learntS += stepS;
    this.otherViewS = edgesKept < SAME_VIEW ? this.otherViewS + stepS : 0;
    const anew = this.otherViewS > NEW_VIEW_S && settled;
    if (anew || (settled && edgesKept >= SAME_VIEW && this.learntS > USUAL_MEMORY_S)) {
      this.chooseEdges(expected);
      this.otherViewS = 0;
      if (anew) this.usualDetail = 0;
    }
  }

  private tellNight(saturation: number, brightness: number, stepS: number): void {
    // A black picture has no colour by day either.
    const colourless = saturation < NIGHT_SATURATION && brightness > 20;
    this.colourlessS = colourless ? this.colourlessS + stepS : 0;
    this.colourfulS = saturation > DAY_SATURATION ? this.colourfulS + stepS : 0;
    const before = this.isNight;
    if (this.colourlessS >= NIGHT_AFTER_S) this.isNight = true;
    if (this.colourfulS >= NIGHT_AFTER_S) this.isNight = false;
    this.switchedS = this.isNight === before ? this.switchedS + stepS : 0;
  }
}
