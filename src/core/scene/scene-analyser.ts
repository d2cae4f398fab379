import type { Box, Point, Polygon } from '../../domain/geometry.js';
import type { ScenePicture, SceneState, StillThing } from '../../domain/street.js';
import type { Detection } from '../detection/detection.js';
import { type CameraFigures, CameraState } from './camera-state.js';
import { CellGrid, type CellPicture } from './cell-grid.js';
import { CellModel, SURE } from './cell-model.js';
import { FrozenPicture } from './frozen-picture.js';
import { LightClassifier } from './light-classifier.js';
import { LightField } from './light-field.js';
import { MovingThings } from './moving-things.js';
import { moveBack, PoseFinder } from './pose.js';
import { RegionFinder } from './regions.js';
import { StillThings } from './still-things.js';

/** What a scene shows without any model. */
export interface SceneView {
  /** What differs from the background and has not been told as a still thing: what moves, and what came to rest just now. By score. */
  readonly moving: readonly Detection[];
  readonly still: readonly StillThing[];
  readonly scene: SceneState;
}

export interface SceneHints {
  /** Boxes of tracked objects that stand still now, under which the background must not learn. Normalised. */
  readonly keep: readonly Box[];
}

export interface SceneAnalyser {
  /**
   * Looks at the next picture.
   *
   * @param ptsMs presentation time, milliseconds, increasing; some 0.5 to 10 pictures a second, as irregular as they come.
   * @throws RangeError when the picture has another size than the analyser was made for.
   */
  step(picture: ScenePicture, ptsMs: number, hints: SceneHints): SceneView;
}

export interface SceneOptions {
  /** Pixels of the pictures that will come. */
  readonly width: number;
  readonly height: number;
  /** `masks.motion`: polygons, normalised, within which nothing is to be found. */
  readonly mask: readonly Polygon[];
}

/** A shift below this is not worth moving the picture back, cells: interpolation would blur more than the shift harms. */
const COMPENSATE_CELLS = 0.2;
/** Share of the picture's 16 × 9 fields that differ, from which the light or the pose changed; a bus in front fills half of them. */
const FLOODED_FIELDS = 0.65;
/** Share of a field's cells that differ surely, for the field to differ. */
const FIELD_SHARE = 0.3;
/**
 * The same after the whole scene has changed, and for how long at most, seconds: where lamps replace infrared, light lies otherwise, and a tenth or more of what is there looks new, until
 * it has stood long enough to be the scene. Lower, and a street of cars is taken for a change of light; higher, and patches of lamplight are taken for things.
 */
const AFTER_FLOOD_FIELDS = 0.1;
const LONGEST_AFTER_S = 15;
/** Share of the edges that must fit some shift: below, and with parts that look otherwise, the pose or the light is another … */
const LEAST_FIT = 0.35;
const POOR_LIKENESS = 0.8;
/** … unless this share of the usual edges is where it was: then it is shadows. */
const LEAST_EDGES = 0.4;
/** … and so it is when fewer of the picture's parts in which nothing large differs look as they did. */
const LEAST_LIKENESS = 0.58;
/** How long all must be calm again, seconds. */
const CALM_S = 1;
/** How long a changed scene must stand before it is the scene: with the edges where they were (another light), and without (another pose). */
const NEW_LIGHT_S = 1.5;
const NEW_POSE_S = 12;
/** Share of the edges that tells one from the other. */
const SAME_EDGES = 0.5;
/** Share of what differs that must stand for a changed scene to stand. */
const STANDING_SHARE = 0.6;
/** What came to rest up to so long after that is no news, seconds: exposure and focus follow. */
const NEWS_AFTER_S = 3;
/** How long after a change nothing is told of what comes to rest, seconds: exposure and focus follow. */
const SETTLING_S = 6;
/** Longest time that one step counts, seconds: after a gap nothing is known of what went on. */
const LONGEST_STEP_S = 3;

/**
 * Finds what moves and what stands in a street without knowing what it is: two backgrounds of different speed with a state for each cell, tests for
 * light, shadow and outline, and a memory of still things ([how](../../../docs/adr/0019-scene-analyser.md)). Pure and deterministic.
 *
 * @throws RangeError for pictures under 16 × 16.
 */
export function createSceneAnalyser(options: SceneOptions): SceneAnalyser {
  return new Analyser(new CellGrid(options.width, options.height, options.mask));
}

class Analyser implements SceneAnalyser {
  private readonly seen: CellPicture;
  private readonly straight: CellPicture;
  private readonly model: CellModel;
  private readonly light: LightField;
  private readonly lightClassifier: LightClassifier;
  private readonly pose: PoseFinder;
  private readonly camera: CameraState;
  private readonly frozen: FrozenPicture;
  private readonly movingThings: MovingThings;
  private readonly stillThings: StillThings;
  private readonly kept: Uint8Array;
  private readonly objects: Uint8Array;
  /** Cells of {@link objects} that are marked; as they were while the scene is flooded. */
  private marked = 0;
  private readonly fields = new Int32Array(16 * 9);
  private lastPtsMs: number | null = null;
  private unsettledS = 0;
  private calmS = CALM_S;
  /** What has stood since before this time, seconds, is no news: the scene was not calm. */
  private settledAtS = Number.NEGATIVE_INFINITY;

  constructor(private readonly grid: CellGrid) {
    this.seen = grid.createPicture();
    this.straight = grid.createPicture();
    this.model = new CellModel(grid);
    this.light = new LightField(grid);
    this.lightClassifier = new LightClassifier(grid);
    this.pose = new PoseFinder(grid);
    this.camera = new CameraState(grid);
    this.frozen = new FrozenPicture(grid);
    const finder = new RegionFinder(grid.columns, grid.rows);
    this.movingThings = new MovingThings(grid, finder);
    this.stillThings = new StillThings(grid, finder);
    this.kept = new Uint8Array(grid.count);
    this.objects = new Uint8Array(grid.count);
  }

  step(picture: ScenePicture, ptsMs: number, hints: SceneHints): SceneView {
    const { grid, model, light, pose, stillThings } = this;
    grid.read(picture, this.seen);
    const first = this.lastPtsMs === null;
    const stepS = this.lastPtsMs === null ? 0.2 : Math.max(0.001, Math.min(LONGEST_STEP_S, (ptsMs - this.lastPtsMs) / 1000));
    this.lastPtsMs = ptsMs;
    if (first) model.begin(this.seen, 0);
    this.markKept(hints.keep);
    stillThings.forgetGone();

    pose.measure(this.seen, model.expected, light.overall, ptsMs / 1000);
    const cells = this.straightened(pose.shift);
    light.measure(cells, model.expected);
    model.step(cells, light, ptsMs / 1000, stepS, this.kept);
    const likeness = light.quietLikeness(model.foreground);
    const unlike = likeness < LEAST_LIKENESS || (likeness < POOR_LIKENESS && pose.fit < LEAST_FIT);
    const lost = unlike && this.camera.edgesKept(cells) < LEAST_EDGES;
    const flooded = lost || this.isFlooded();
    this.calmS = flooded ? 0 : this.calmS + stepS;
    if (this.calmS < CALM_S) this.settledAtS = ptsMs / 1000 + NEWS_AFTER_S;
    const unsettled = this.calmS < CALM_S;
    const figures = this.camera.step(picture, cells, model.expected, pose.shift, stepS, !unsettled);
    const steady = !unsettled && Math.hypot(pose.shift.x, pose.shift.y) < COMPENSATE_CELLS;
    const frozenMs = this.frozen.step(this.seen, ptsMs / 1000, stepS, figures.night, steady);

    let moving: readonly Detection[] = [];
    if (flooded) {
      this.unsettledS += stepS;
      this.beginAnewIfItStands(figures, cells);
      this.movingThings.reset();
    } else {
      this.unsettledS = 0;
      this.lightClassifier.run(cells, model);
      this.markObjects(cells, stepS);
      stillThings.step(cells, model, light, this.objects, this.lightClassifier.lit, this.kept, ptsMs, stepS, this.settledAtS);
      this.markObjects(null, stepS);
      const found = this.movingThings.find(this.objects, model, ptsMs / 1000, stillThings);
      if (!unsettled) moving = found;
    }
    model.finish();
    return { moving, still: stillThings.list(), scene: this.stateOf(figures, frozenMs, pose.shift, unsettled) };
  }

  private markKept(boxes: readonly Box[]): void {
    this.kept.fill(0);
    for (const box of boxes) {
      this.grid.cellsIn(box, (cell) => {
        this.kept[cell] = 1;
      });
    }
  }

  private straightened(shift: Point): CellPicture {
    if (Math.hypot(shift.x, shift.y) < COMPENSATE_CELLS) return this.seen;
    moveBack(this.grid, this.seen, this.straight, shift, this.model.expected);
    return this.straight;
  }

  /** Whether so many of the picture's fields differ that it is another scene; fewer, while one has just become another: new light that lies otherwise. */
  private isFlooded(): boolean {
    const afterFlood = this.unsettledS > 0 && this.unsettledS <= LONGEST_AFTER_S;
    const least = afterFlood ? AFTER_FLOOD_FIELDS : FLOODED_FIELDS;
    return this.model.share >= least * FIELD_SHARE && this.differingFields() >= least;
  }

  /** Share of the picture's fields that differ. */
  private differingFields(): number {
    const { columns, rows, count } = this.grid;
    const { foreground } = this.model;
    this.fields.fill(0);
    for (let i = 0; i < count; i++) {
      if (foreground[i] !== SURE) continue;
      const y = (i / columns) | 0;
      const field = Math.floor((16 * (i - y * columns)) / columns) + 16 * Math.floor((9 * y) / rows);
      this.fields[field] = (this.fields[field] as number) + 1;
    }
    const enough = (FIELD_SHARE * count) / this.fields.length;
    let differing = 0;
    for (const n of this.fields) if (n >= enough) differing++;
    return differing / this.fields.length;
  }

  /** A scene that changed at once is the scene when it has stood long enough. */
  private beginAnewIfItStands(figures: CameraFigures, cells: CellPicture): void {
    const sameEdges = figures.edgesKept >= SAME_EDGES;
    if (this.unsettledS < (sameEdges ? NEW_LIGHT_S : NEW_POSE_S)) return;
    const { foreground, shows, support } = this.model;
    let [differing, standing] = [0, 0];
    for (let i = 0; i < this.grid.count; i++) {
      if (foreground[i] === 0) continue;
      differing++;
      if (shows[i] !== 0 && (support[i] as number) > NEW_LIGHT_S / 2) standing++;
    }
    if (standing < STANDING_SHARE * differing) return;
    const scene = sameEdges ? cells : this.seen;
    this.model.begin(scene, -SETTLING_S);
    if (sameEdges) this.stillThings.relight(scene);
    else this.stillThings.reset();
    this.pose.reset();
    this.unsettledS = 0;
  }

  /** Marks what differs and is not light's; with a picture given, what flickers is learnt as noise. */
  private markObjects(picture: CellPicture | null, stepS: number): void {
    const { model, objects } = this;
    const { lit } = this.lightClassifier;
    const { foreground } = model;
    let marked = 0;
    for (let i = 0; i < this.grid.count; i++) {
      objects[i] = 0;
      if (foreground[i] === 0 || lit[i] !== 0) continue;
      if (model.restless(i)) {
        if (picture !== null) model.tolerate(i, picture, stepS);
      } else {
        objects[i] = 1;
        marked++;
      }
    }
    this.marked = marked;
  }

  private stateOf(figures: CameraFigures, frozenMs: number, shift: Point, unsettled: boolean): SceneState {
    const { cellPx, width, height, count } = this.grid;
    return {
      ...figures,
      frozenMs,
      shift: { x: (shift.x * cellPx) / width, y: (shift.y * cellPx) / height },
      unsettled,
      foreground: this.marked / count,
    };
  }
}
