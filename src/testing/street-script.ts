import type { Box, Polygon } from '../domain/geometry.js';
import type { ScenePicture, SceneState, StillThing, StreetFrame, TrackedObject } from '../domain/street.js';
import type { OpenIncident, Rule, RuleContext, RuleFinding } from '../rules/contract.js';

/** Scripted input of street rules, for tables of tests: what the stages before them would say, without a picture. */

export const usualScene: SceneState = {
  brightness: 110,
  contrast: 50,
  sharpness: 1,
  saturation: 20,
  edgesKept: 1,
  night: false,
  shift: { x: 0, y: 0 },
  frozenMs: 0,
  unsettled: false,
  foreground: 0.01,
};

export function greyPicture(width = 64, height = 36, grey = 110): ScenePicture {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  return {
    width,
    height,
    luma: new Uint8Array(width * height).fill(grey),
    cb: new Uint8Array(chroma).fill(128),
    cr: new Uint8Array(chroma).fill(128),
  };
}

export const context = (given: Partial<RuleContext> = {}): RuleContext => ({
  width: 640,
  height: 360,
  facade: null,
  zones: new Map(),
  lines: new Map(),
  ground: null,
  timeZone: 'UTC',
  ...given,
});

/** The left half of the picture. */
export const leftHalf: Polygon = [
  { x: 0, y: 0 },
  { x: 0.5, y: 0 },
  { x: 0.5, y: 1 },
  { x: 0, y: 1 },
];

/** An upright box that stands on a point. */
export const standing = (x: number, y: number, width = 0.05, height = 0.15): Box => ({
  x1: x - width / 2,
  y1: y - height,
  x2: x + width / 2,
  y2: y,
});

/** An object as the tracker would tell it; what is not given fits its box. */
export function object(given: Partial<TrackedObject> & { readonly id: number; readonly box: Box }, ptsMs: number): TrackedObject {
  const foot = { x: (given.box.x1 + given.box.x2) / 2, y: given.box.y2 };
  return {
    label: 'person',
    score: 0.8,
    state: 'confirmed',
    foot,
    velocity: { x: 0, y: 0 },
    firstPtsMs: 0,
    seenPtsMs: ptsMs,
    stillSincePtsMs: null,
    stillBox: null,
    path: [{ ptsMs, ...foot }],
    ...given,
  };
}

export function stillThing(given: Partial<StillThing> & { readonly id: number; readonly box: Box }, ptsMs: number): StillThing {
  const { x1, y1, x2, y2 } = given.box;
  return {
    area: (x2 - x1) * (y2 - y1),
    sincePtsMs: ptsMs,
    seenPtsMs: ptsMs,
    core: given.box,
    kind: 'added',
    confidence: 0.9,
    state: 'present',
    ...given,
  };
}

/** What one moment of a script shows; what is left out is as usual. */
export type Moment = Partial<Omit<StreetFrame, 'seq' | 'ptsMs' | 'scene'>> & { readonly scene?: Partial<SceneState> };

export interface ScriptOptions {
  /** Seconds. */
  readonly from?: number;
  readonly to: number;
  /** Pictures a second. */
  readonly fps?: number;
  /** Wall clock of second 0, UTC milliseconds. */
  readonly startMs?: number;
}

/** Takes a rule through a script, and to the stream's end. @param show what is to be seen at a second. */
export function play(
  rule: Rule<StreetFrame>,
  { from = 0, to, fps = 5, startMs = 0 }: ScriptOptions,
  show: (s: number) => Moment,
): RuleFinding[] {
  const findings: RuleFinding[] = [];
  const picture = greyPicture();
  const count = Math.round((to - from) * fps);
  for (let i = 0; i < count; i++) {
    const ptsMs = Math.round((from + i / fps) * 1000);
    const { scene, ...shown } = show(ptsMs / 1000);
    const frame: StreetFrame = {
      ...{ seq: i, ptsMs, capturedAtMs: startMs + ptsMs, picture, named: true, objects: [], still: [] },
      ...shown,
      scene: { ...usualScene, ...scene },
    };
    findings.push(...rule.step(frame));
  }
  findings.push(...rule.finish());
  return findings;
}

/** `new@3.0 end@9.8`: findings at a glance, by the times that they tell. */
export const inShort = (findings: readonly RuleFinding[]): string =>
  findings.map(({ number, phase, startPtsMs, endPtsMs }) => `${number} ${phase} ${startPtsMs / 1000}-${endPtsMs / 1000}`).join(', ');

/** An incident as its `new` told of it, left open by a stream whose second 0 was at `startMs`. */
export const leftOpen = (begun: RuleFinding | undefined, startMs: number, number = 1): OpenIncident => {
  if (begun === undefined) throw new RangeError('no incident began');
  const { verdict, confidence, reasons, box, zone, labels, startPtsMs, endPtsMs } = begun;
  return { number, verdict, confidence, reasons, box, zone, labels, startedAtMs: startMs + startPtsMs, seenAtMs: startMs + endPtsMs };
};
