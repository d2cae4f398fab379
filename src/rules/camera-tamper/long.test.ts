import { describe, expect, it } from 'vitest';
import { createSceneAnalyser } from '../../core/scene/scene-analyser.js';
import type { ScenePicture } from '../../domain/street.js';
import { createRandom } from '../../testing/random.js';
import { type Patch, ScenePainter } from '../../testing/scene-pictures.js';
import { context } from '../../testing/street-script.js';
import type { RuleFinding } from '../contract.js';
import { cameraTamperConfigSchema } from './config.js';
import { createCameraTamperRule } from './rule.js';

const rule = () => createCameraTamperRule(cameraTamperConfigSchema.parse({ type: 'camera_tamper' }), context());

/** Two views of a street, each a few times with another noise: drawing costs more than looking. */
const painter = new ScenePainter();
function views(
  seed: number,
  shift = { x: 0, y: 0 },
  change: (picture: ScenePicture) => ScenePicture = (picture) => picture,
): readonly ScenePicture[] {
  const random = createRandom(seed);
  const at = (most: number): number => Math.floor(random() * most);
  const patches = Array.from({ length: 40 }, (): Patch => ({ x: at(300), y: at(160), w: 10 + at(40), h: 10 + at(30), luma: 30 + at(200) }));
  return Array.from({ length: 5 }, () => change(painter.paint({ patches, shift })));
}
const street = views(1);
const wall = views(2, { x: 20, y: 15 });
/** The same out of focus: each pixel the mean of some around it. */
const blurred = views(1, { x: 0, y: 0 }, (picture) => {
  const { width, height, luma } = picture;
  const out = luma.slice();
  for (let y = 3; y < height - 3; y++)
    for (let x = 3; x < width - 3; x++) {
      let sum = 0;
      for (let dy = -3; dy <= 3; dy++) for (let dx = -3; dx <= 3; dx++) sum += luma[(y + dy) * width + x + dx] as number;
      out[y * width + x] = Math.round(sum / 49);
    }
  return { ...picture, luma: out };
});
const black: readonly ScenePicture[] = Array.from({ length: 5 }, () => painter.paint({ gain: 0 }));

interface Stretch {
  readonly seconds: number;
  readonly of: readonly ScenePicture[];
  /** Called when it begins. */
  readonly first?: () => void;
}

/** What a rule says of pictures that the real analyser looks at, one every two seconds. */
function watch(one: ReturnType<typeof rule>, stretches: readonly Stretch[]): RuleFinding[] {
  const analyser = createSceneAnalyser({ width: painter.width, height: painter.height, mask: [] });
  const findings: RuleFinding[] = [];
  let seq = 0;
  for (const { seconds, of, first } of stretches) {
    first?.();
    for (let s = 0; s < seconds; s += 2, seq++) {
      const ptsMs = seq * 2000;
      const picture = of[seq % of.length] as ScenePicture;
      const { still, scene } = analyser.step(picture, ptsMs, { keep: [] });
      findings.push(...one.step({ seq, ptsMs, capturedAtMs: ptsMs, picture, named: false, objects: [], still, scene }));
    }
  }
  return findings;
}
const told = (findings: readonly RuleFinding[]): string[] => findings.map(({ phase, labels }) => `${phase} ${labels.join()}`);

describe('tampering that lasts', () => {
  it.each([
    ['moved', wall],
    ['defocused', blurred],
  ])('a camera that is %s stays told of for ten minutes, until it is back', (fault, of) => {
    const findings = watch(rule(), [
      { seconds: 60, of: street },
      { seconds: 600, of },
      { seconds: 30, of: street },
    ]);
    expect(told(findings)).toEqual([`new ${fault}`, `end ${fault}`]);
    expect((findings[1]?.endPtsMs ?? 0) / 1000).toBeCloseTo(660, -1);
  });

  it('a new view that the centre calls a false alarm is the view', () => {
    const one = rule();
    const incident = {} as never;
    const lesson = { incident, outcome: 'false_alarm', strength: 1, learntAtMs: 5_000 } as const;
    one.learn?.({ nowMs: 0, lessons: [] });
    const findings = watch(one, [
      { seconds: 60, of: street },
      { seconds: 400, of: wall },
      { seconds: 120, of: wall, first: () => one.learn?.({ nowMs: 0, lessons: [lesson] }) },
      { seconds: 30, of: street },
    ]);
    expect(told(findings)).toEqual(['new moved', 'end moved', 'new moved']);
  });
});

describe('tampering over a restart', () => {
  function memoryOf(): unknown {
    const before = rule();
    watch(before, [{ seconds: 40, of: street }]);
    return JSON.parse(JSON.stringify(before.memory?.()));
  }
  const anew = (of: readonly ScenePicture[], memory: unknown = memoryOf()): RuleFinding[] => {
    const one = rule();
    one.recall?.(memory);
    one.learn?.({ nowMs: 0, lessons: [] });
    return watch(one, [{ seconds: 40, of }]);
  };

  it('a camera that was turned meanwhile is suspected', () => {
    const findings = anew(wall);
    expect(told(findings)).toEqual(['new moved']);
    expect(findings[0]?.verdict).toBe('suspected');
  });

  it('a camera that is black from the start is told, whatever is remembered', () => {
    expect(told(anew(black))).toEqual(['new black']);
    expect(told(anew(black, null))).toEqual(['new black']);
  });

  it('the view as it was is nothing', () => {
    expect(anew(street)).toEqual([]);
  });

  it('one that begins elsewhere, and remembers nothing, has its view there', () => {
    for (const memory of [null, {}, { version: 2 }, { version: 1, at: 0, day: 'x', night: null }]) expect(anew(wall, memory)).toEqual([]);
  });
});
