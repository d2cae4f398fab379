import { beforeAll, describe, expect, it } from 'vitest';
import { type CameraConfig, cameraConfigSchema } from '../../config/index.js';
import type { Frame } from '../../domain/frame.js';
import type { Incident } from '../../domain/incident.js';
import type { ScenePicture } from '../../domain/street.js';
import type { StreetRuleWork } from '../../rules/contract.js';
import type { RuleConfig } from '../../rules/registry.js';
import { type SceneMoment, ScenePainter } from '../../testing/scene-pictures.js';
import { type CameraParts, loadCameraParts } from './camera-parts.js';
import type { CameraPipeline } from './camera-pipeline.js';
import { createCameraPipeline } from './create-camera-pipeline.js';
import { loadKernels } from './load-kernels.js';

const [width, height] = [320, 180];
const bag = { x: 200, y: 120, w: 24, h: 20, luma: 40 };
const START_MS = Date.UTC(2026, 2, 1, 7);

/** Two rules that tell of whatever is taken away. */
const camera = (given: { readonly two?: object; readonly camera?: object } = {}): CameraConfig =>
  cameraConfigSchema.parse({
    id: 'gate',
    source: { url: 'rtsp://gate/main' },
    zones: { all: { polygon: corners }, other: { polygon: corners } },
    rules: [
      { type: 'removed_object', name: 'one', after: '10 s' },
      { type: 'removed_object', name: 'two', after: '10 s', ...given.two },
    ],
    ...given.camera,
  });
const corners = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

describe('a camera’s pipeline, over connections and settings', () => {
  let kernels: WebAssembly.Module;
  let parts: CameraParts;
  beforeAll(async () => {
    kernels = await loadKernels();
    parts = await loadCameraParts(camera());
  });

  /** Drawing costs more than looking: a few pictures of each kind do, each with another noise. */
  const painter = new ScenePainter(width, height);
  const drawn = new Map<string, ScenePicture>();
  function draw(moment: SceneMoment, turn: number): ScenePicture {
    const key = JSON.stringify([moment, turn % 7]);
    const picture = drawn.get(key) ?? painter.paint(moment);
    drawn.set(key, picture);
    return picture;
  }

  /** The same rules as if they could not take up again what was open, as most cannot. */
  function forgetful(): CameraParts {
    const workOf = (config: RuleConfig): StreetRuleWork<RuleConfig> => {
      const work = parts.workOf(config) as StreetRuleWork<RuleConfig>;
      return {
        ...work,
        create(given, context) {
          const { resume: _, ...rule } = work.create(given, context);
          return rule;
        },
      };
    };
    return { ...parts, workOf: workOf as CameraParts['workOf'] };
  }

  function begin(config = camera(), given = parts) {
    let ids = 0;
    const found: Incident[] = [];
    let pipeline: CameraPipeline = createCameraPipeline({
      ...{ camera: config, parts: given, kernels, width, height, format: 'yuv420p', openEyes: () => null, monotonic: () => 0 },
      createId: () => `incident-${ids++}`,
    });
    /** The time of day goes on, whatever the stream's clock does. */
    let nowS = 0;
    let seq = 0;
    return {
      found,
      /** Takes a connection's pictures in. @param atS seconds since the test began. */
      show(seconds: number, moment: (atS: number) => SceneMoment): void {
        for (let shown = 0; shown < seconds * 5; shown++, seq++, nowS += 0.2) {
          const { luma, cb, cr } = draw(moment(nowS), shown);
          const data = pipeline.frameBuffer();
          data.set(luma);
          data.set(cb, luma.length);
          data.set(cr, luma.length + cb.length);
          const frame: Frame = {
            ...{ cameraId: 'gate', seq, ptsMs: seq * 200, width, height, format: 'yuv420p', data },
            capturedAtMs: START_MS + Math.round(nowS * 1000),
          };
          found.push(...pipeline.process(frame));
        }
      },
      /** The camera is away. */
      away(seconds: number): void {
        found.push(...pipeline.pause());
        nowS += seconds;
        seq = 0;
        pipeline.goOn({});
      },
      set(config: CameraConfig): void {
        const { next, last } = pipeline.succeed({ camera: config, parts: given });
        found.push(...last);
        next.recall({});
        found.push(...next.resume(pipeline.open()));
        pipeline = next;
      },
      suspend: () => found.push(...pipeline.suspend()),
      finish: () => found.push(...pipeline.finish()),
    };
  }

  const secondOf = (ms: number | null): number => ((ms ?? 0) - START_MS) / 1000;
  const phases = (found: readonly Incident[], rule: string): string[] =>
    found.filter((one) => one.rule === rule).map(({ id, phase }) => `${phase} ${id}`);
  /** The bag is taken at a second, and put back at another. */
  const taken = (from: number, to: number) => (s: number) => ({ patches: s < from || s >= to ? [bag] : [] });

  it('one incident goes on while its camera is away for ten seconds, and ends once, when it is over', () => {
    const run = begin();
    run.show(30, taken(12, 60));
    expect(phases(run.found, 'one')).toEqual(['new incident-0']);
    run.away(10);
    run.show(30, taken(12, 60));
    expect(phases(run.found, 'one')).toEqual(['new incident-0', 'end incident-0']);
    const [begun, ended] = run.found.filter(({ rule }) => rule === 'one');
    expect(secondOf(ended?.startedAtMs ?? 0)).toBe(secondOf(begun?.startedAtMs ?? 0));
    expect(secondOf(ended?.startedAtMs ?? 0)).toBeCloseTo(12, -0.5);
    // It was seen to the last, on another clock.
    expect(secondOf(ended?.endedAtMs ?? null)).toBeGreaterThan(58);
    expect(secondOf(ended?.endedAtMs ?? null)).toBeLessThan(62);
    expect(ended?.streamTime.start).toBeCloseTo(12 - 40, -0.5);
    expect(ended?.reasons.map(({ criterion }) => criterion)).toEqual(['seconds_missing', 'seen_taken']);
  });

  it('what came before the camera was away is told after it', () => {
    const run = begin();
    run.show(18, taken(12, 100));
    expect(run.found).toEqual([]);
    run.away(10);
    run.show(20, taken(12, 100));
    const [begun] = run.found.filter(({ rule }) => rule === 'one');
    expect(begun?.phase).toBe('new');
    expect(secondOf(begun?.startedAtMs ?? 0)).toBeCloseTo(12, -0.5);
  });

  it('what is over when the camera is back ends', () => {
    const run = begin();
    run.show(30, taken(12, 35));
    run.away(10);
    run.show(10, taken(12, 35));
    const [, ended] = run.found.filter(({ rule }) => rule === 'one');
    expect(ended).toMatchObject({ phase: 'end', id: 'incident-0' });
    // It was last seen before.
    expect(secondOf(ended?.endedAtMs ?? null)).toBeLessThan(31);
  });

  it('what is open when the camera stays away is ended as it was last seen, and says why', () => {
    const run = begin(camera(), forgetful());
    run.show(30, taken(12, 100));
    run.away(10);
    run.show(10, taken(12, 100));
    run.suspend();
    const [, ended] = run.found.filter(({ rule }) => rule === 'one');
    expect(ended?.reasons.at(-1)).toEqual({ criterion: 'stream_ended', value: 1, threshold: 1, unit: 'streams' });
    expect(secondOf(ended?.endedAtMs ?? null)).toBeGreaterThan(48);
    expect(secondOf(ended?.endedAtMs ?? null)).toBeLessThan(51);
  });

  it('what can be taken up again stays open when the camera stays away', () => {
    const run = begin();
    run.show(30, taken(12, 100));
    run.suspend();
    expect(phases(run.found, 'one')).toEqual(['new incident-0']);
  });

  it('a file that is over says nothing of it', () => {
    const run = begin();
    run.show(30, taken(12, 100));
    run.finish();
    expect(phases(run.found, 'one')).toEqual(['new incident-0', 'end incident-0']);
    expect(run.found.flatMap(({ reasons }) => reasons.map(({ criterion }) => criterion))).not.toContain('stream_ended');
  });

  it('settings of one rule, and places that it has nothing to do with, leave the others as they are', () => {
    const run = begin(camera(), forgetful());
    run.show(30, taken(12, 60));
    run.set(camera({ two: { sensitivity: 'high' } }));
    const [, ended] = run.found.filter(({ rule }) => rule === 'two');
    expect(ended?.reasons.at(-1)).toEqual({ criterion: 'settings_changed', value: 1, threshold: 1, unit: 'changes' });
    run.show(10, taken(12, 60));
    run.set(camera({ two: { sensitivity: 'high' }, camera: { zones: { all: { polygon: corners } } } }));
    run.show(25, taken(12, 60));
    expect(phases(run.found, 'one')).toEqual(['new incident-0', 'end incident-0']);
    // The scene is known still: what was taken is told by the rule as it is now.
    expect(phases(run.found, 'two')).toEqual(['new incident-1', 'end incident-1', 'new incident-2', 'end incident-2']);
  });

  it('a rule that is switched off ends its incidents, and the others go on', () => {
    const run = begin();
    run.show(30, taken(12, 60));
    run.set(camera({ two: { enabled: false } }));
    expect(phases(run.found, 'two')).toEqual(['new incident-1', 'end incident-1']);
    run.show(5, taken(12, 60));
    expect(phases(run.found, 'one')).toEqual(['new incident-0']);
  });

  it('another mask makes another scene: everything begins anew', () => {
    const run = begin(camera(), forgetful());
    run.show(30, taken(12, 60));
    run.set(
      camera({
        camera: {
          masks: {
            motion: [
              [
                [0, 0],
                [0.1, 0],
                [0.1, 0.1],
              ],
            ],
          },
        },
      }),
    );
    expect(phases(run.found, 'one')).toEqual(['new incident-0', 'end incident-0']);
  });
});
