import { type CameraConfig, toFacade } from '../../config/index.js';
import { toGround, toLines, toZones } from '../../config/places.js';
import { facadeRoi } from '../../core/geometry/facade-roi.js';
import type { Facade } from '../../domain/facade.js';
import type { Point } from '../../domain/geometry.js';
import { pixelRoi } from '../../domain/roi.js';
import { encodeSheet, n, outlinedText, stroked } from '../../evidence/drawing/index.js';
import { createMediaTools } from '../../media/footage-tools.js';
import type { RgbPicture } from '../../media/image.js';
import type { FileInput, RtspInput } from '../../media/input.js';
import { samplePictures } from '../../media/sample-pictures.js';
import { facadeDrawing } from '../shared/facade-drawing.js';

type Place = Pick<CameraConfig, 'zones' | 'lines' | 'masks' | 'facade' | 'ground'>;
interface Size {
  readonly width: number;
  readonly height: number;
}

const COLOURS = { zone: '#22d3ee', line: '#ffb000', motion: '#a3a3a3', privacy: '#f43f5e', ground: '#84cc16' } as const;
/** Of words, as a share of the picture's width, and how large those of the grid are against them. */
const FONT = 0.014;
const GRID_FONT = 0.75;
/** Lines of the grid, from 0 to 1. */
const GRID = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;
/** How long the arrow of a line is against the picture's width: it points to the side that is called left. */
const ARROW = 0.03;

/** One picture of a camera, or the first of a file. @throws {AgentError} when there is none. */
export async function readScene(input: FileInput | RtspInput, signal: AbortSignal): Promise<RgbPicture> {
  let scene: RgbPicture = { width: 0, height: 0, data: new Uint8Array() };
  await samplePictures(
    { input, count: 1, everyS: 1 },
    ({ width, height, data }) => {
      scene = { width, height, data: new Uint8Array(data) };
    },
    signal,
  );
  return scene;
}

/** A picture with all that a config says of it, and a grid. @returns a JPEG. */
export async function drawCamera(scene: RgbPicture, camera: Place): Promise<Uint8Array> {
  return await encodeSheet(createMediaTools(), { scene, drawing: cameraDrawing(scene, camera) });
}

/** The drawing as the content of an SVG of the picture's size. */
export function cameraDrawing(size: Size, camera: Place): string {
  const facade = toFacade(camera);
  const ground = toGround(camera);
  const polygon = (points: readonly (readonly [number, number])[]): readonly Point[] => points.map(([x, y]) => ({ x, y }));
  return [
    grid(size),
    ...(facade === null ? [] : [...besideThrows(size, facade), facadeDrawing(size, facade)]),
    ...camera.masks.motion.map((points) => area(polygon(points), 'not looked at', COLOURS.motion, size)),
    ...camera.masks.privacy.map((points) => area(polygon(points), 'private', COLOURS.privacy, size)),
    ...(ground === null ? [] : [area(ground.picture, 'ground', COLOURS.ground, size)]),
    ...[...toZones(camera)].map(([name, points]) => area(points, name, COLOURS.zone, size)),
    ...[...toLines(camera)].map(([name, { from, to }]) => crossing(from, to, name, size)),
  ].join('');
}

/** What lies so far beside the facade that no throw from it is looked for there. */
function besideThrows(size: Size, facade: Facade): readonly string[] {
  const roi = facadeRoi(facade);
  if (roi === null) return [];
  const { left, width } = pixelRoi(roi, size.width);
  const edges = [0, left, left + width, size.width].map((x) => x / size.width) as [number, number, number, number];
  const strip = (from: number, to: number): readonly Point[] => [
    { x: from, y: 0 },
    { x: to, y: 0 },
    { x: to, y: 1 },
    { x: from, y: 1 },
  ];
  return [strip(edges[0], edges[1]), strip(edges[2], edges[3])]
    .filter(([from, to]) => (from as Point).x < (to as Point).x)
    .map((points) => area(points, 'no throws', COLOURS.motion, size));
}

function grid({ width, height }: Size): string {
  const fontPx = GRID_FONT * FONT * width;
  const path = GRID.map((at) => `M${n(at * width)} 0V${height}M0 ${n(at * height)}H${width}`).join('');
  const numbers = GRID.flatMap((at) => [
    outlinedText(String(at), at * width, 1.1 * fontPx, fontPx, 'middle'),
    outlinedText(String(at), 0.3 * fontPx, at * height - 0.2 * fontPx, fontPx, 'start'),
  ]);
  return `<path d="${path}" stroke="#fff" stroke-opacity="0.35" stroke-width="1"/>${numbers.join('')}`;
}

function area(points: readonly Point[], name: string, colour: string, { width, height }: Size): string {
  const at = points.map(({ x, y }) => ({ x: x * width, y: y * height }));
  const path = at.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`).join('');
  const middle = { x: mean(at.map(({ x }) => x)), y: mean(at.map(({ y }) => y)) };
  return (
    `<path d="${path}Z" fill="${colour}" fill-opacity="0.12"/>${stroked(`<path d="${path}Z"/>`, colour, width)}` +
    outlinedText(name, middle.x, middle.y, FONT * width, 'middle')
  );
}

/** With an arrow to its left side, as who stands at its beginning and looks along it has it. */
function crossing(from: Point, to: Point, name: string, { width, height }: Size): string {
  const [a, b] = [from, to].map(({ x, y }) => ({ x: x * width, y: y * height })) as [Point, Point];
  const length = Math.max(1, Math.hypot(b.x - a.x, b.y - a.y));
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const [left, along] = [
    { x: (b.y - a.y) / length, y: -(b.x - a.x) / length },
    { x: (b.x - a.x) / length, y: (b.y - a.y) / length },
  ];
  const tip = { x: middle.x + ARROW * width * left.x, y: middle.y + ARROW * width * left.y };
  const barb = (side: 1 | -1): string =>
    `M${n(tip.x)} ${n(tip.y)}l${n(0.35 * ARROW * width * (side * along.x - left.x))} ${n(0.35 * ARROW * width * (side * along.y - left.y))}`;
  const shape = `<path d="M${n(a.x)} ${n(a.y)}L${n(b.x)} ${n(b.y)}M${n(middle.x)} ${n(middle.y)}L${n(tip.x)} ${n(tip.y)}${barb(1)}${barb(-1)}"/>`;
  const word = { x: middle.x + 1.6 * ARROW * width * left.x, y: middle.y + 1.6 * ARROW * width * left.y };
  return stroked(shape, COLOURS.line, width, 1.5) + outlinedText(`${name}: left`, word.x, word.y, FONT * width, 'middle');
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
