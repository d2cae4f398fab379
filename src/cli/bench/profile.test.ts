import type { Profiler } from 'node:inspector';
import { expect, test } from 'vitest';
import { divideProfile, type EnginePart } from './profile.js';

const root = 'file:///p/dist/cli/bench/stages.js';
const kernels = 'wasm://wasm/1';
const motion = 'file:///p/dist/core/motion/motion-detector.js';
const geometry = 'file:///p/dist/core/geometry/homography.js';
const linker = 'file:///p/dist/core/tracking/linker.js';
const rule = 'file:///p/dist/rules/thrown-object/rule.js';
const ballistics = 'file:///p/dist/core/ballistics/fall-fit.js';

/** One stack from the outside in, and how long it was seen, microseconds. */
type Stack = readonly [us: number, ...frames: (readonly [name: string, url: string])[]];

/** As V8 gives it: one chain of nodes a stack, all below one root. */
function profileOf(stacks: readonly Stack[]): Profiler.Profile {
  let id = 1;
  const nodes: Profiler.ProfileNode[] = [];
  const node = (functionName: string, url: string, children: number[]): number => {
    nodes.push({ id: ++id, callFrame: { functionName, url, scriptId: '0', lineNumber: 0, columnNumber: 0 }, children });
    return id;
  };
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const tops = stacks.map(([us, ...frames]) => {
    let below: number[] = [];
    for (const [i, [name, url]] of frames.toReversed().entries()) {
      below = [node(name, url, below)];
      if (i === 0) samples.push(...below);
    }
    timeDeltas.push(us);
    return below[0] as number;
  });
  node('(root)', '', tops);
  // The first sample's time counts from the profiler's start.
  return { nodes, startTime: 0, endTime: 0, samples: [tops[0] as number, ...samples], timeDeltas: [1e6, ...timeDeltas] };
}

const work = ['engineWork', root] as const;

test.each<[string, Stack, EnginePart]>([
  ['a kernel', [10, work, ['push', motion], ['wasm-function[7]', kernels]], 'kernels'],
  ['motion itself', [10, work, ['push', motion]], 'motion'],
  ['linking, called by the rule', [10, work, ['step', rule], ['step', linker]], 'linking'],
  ['geometry, called by linking', [10, work, ['step', rule], ['step', linker], ['apply', geometry]], 'linking'],
  ['geometry, called by the rule', [10, work, ['step', rule], ['apply', geometry]], 'judging'],
  ['a fit', [10, work, ['step', rule], ['fitFall', ballistics]], 'judging'],
  ['the garbage collector, within linking', [10, work, ['step', linker], ['(garbage collector)', '']], 'linking'],
  ['nothing known', [10, work, ['process', 'file:///p/dist/pipeline/x.js']], 'other'],
])('%s', (_name, stack, part) => {
  expect(divideProfile(profileOf([stack]), 'engineWork', new Map()).parts[part]).toBe(1);
});

test('shares add up, and what is not below the root does not count', () => {
  const helper = ['wasm-function[9]', kernels] as const;
  const { parts, kernels: single } = divideProfile(
    profileOf([
      [500, ['read', motion]],
      [30, work, ['push', motion], ['wasm-function[7]', kernels]],
      [10, work, ['push', motion], ['wasm-function[7]', kernels], helper],
      [20, work, ['push', motion], ['wasm-function[8]', kernels]],
      [40, work, ['step', rule]],
    ]),
    'engineWork',
    new Map([
      ['wasm-function[7]', 'detect'],
      ['wasm-function[8]', 'label'],
    ]),
  );
  expect(parts).toEqual({ kernels: 0.6, motion: 0, linking: 0, judging: 0.4, other: 0 });
  expect(single).toEqual({ detect: 0.4, label: 0.2 });
});

test('nothing below the root gives no shares', () => {
  expect(divideProfile(profileOf([[10, ['read', motion]]]), 'engineWork', new Map()).parts.motion).toBe(0);
});
