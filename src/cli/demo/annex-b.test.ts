import { expect, test } from 'vitest';
import { parameterSets, splitAccessUnits } from './annex-b.js';

const START = [0, 0, 0, 1];
const sps = [0x67, 0x42, 0xc0, 0x1f];
const pps = [0x68, 0xce];
const idr = [0x65, 0x88, 1];
const idrSecondSlice = [0x65, 0x40, 2];
const slice = [0x41, 0x9a, 3];
const stream = (...nals: number[][]): Uint8Array => Uint8Array.from(nals.flatMap((nal) => [...START, ...nal]));

test.each([
  ['one picture', stream(sps, pps, idr), [3]],
  ['slices of one picture stay together', stream(sps, pps, idr, idrSecondSlice, slice, slice), [4, 1, 1]],
  ['parameter sets belong to the picture after them', stream(sps, pps, idr, slice, sps, pps, idr), [3, 1, 3]],
  ['a delimiter begins a picture', stream([9, 0xf0], sps, pps, idr, [9, 0xf0], slice), [4, 2]],
])('%s', (_name, bytes, sizes) => {
  expect(splitAccessUnits(bytes).map((unit) => unit.nals.length)).toEqual(sizes);
});

test('keyframes are known, and zeros between units belong to none', () => {
  const units = splitAccessUnits(Uint8Array.from([...START, ...sps, ...START, ...pps, 0, ...START, ...idr, 0, 0, ...START, ...slice]));
  expect(units.map((unit) => unit.keyframe)).toEqual([true, false]);
  expect(units[0]?.nals[2]).toEqual(Buffer.from(idr));
  expect(parameterSets(units)).toEqual({ sps: Buffer.from(sps), pps: Buffer.from(pps) });
});

test('what is no H.264 is refused', () => {
  expect(() => splitAccessUnits(new Uint8Array(100))).toThrow(RangeError);
  expect(() => parameterSets(splitAccessUnits(stream(slice)))).toThrow(RangeError);
});
