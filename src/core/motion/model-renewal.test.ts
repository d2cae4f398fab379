import { describe, expect, it } from 'vitest';
import type { Kernels, ModelRates } from '../kernels/kernels.js';
import { ModelRenewal } from './model-renewal.js';

const calm = { moving: 3, settling: false };
const threshold = { deviationsEighths: 30, floorGrey: 8 };

/** What the kernels were asked for, in order. */
function renewed() {
  const calls: { readonly first: number; readonly step: number; readonly rates: ModelRates }[] = [];
  const updateModel: Kernels['updateModel'] = (_slot, first, step, rates) => {
    calls.push({ first, step, rates });
  };
  return { calls, renewal: new ModelRenewal({ updateModel } as Kernels) };
}

describe('the background is renewed', () => {
  it.each([
    [30, 8],
    [25, 8],
    [20, 8],
    [15, 4],
    [12.5, 4],
  ])('at %d pictures a second every %d rows once it is known, each row in turn', (fps, step) => {
    const { calls, renewal } = renewed();
    for (let n = 0; n < 10 * fps; n++) renewal.renew(0, { frameS: 1 / fps, ...calm }, threshold);
    const last = calls.slice(-2 * step);
    expect(last.map((call) => call.step)).toEqual(last.map(() => step));
    expect(new Set(last.slice(0, step).map(({ first }) => first)).size).toBe(step);
    // As much a second, however often.
    expect((last[0]?.rates.mean ?? 0) / step).toBeCloseTo(1 / fps / 2.5, 9);
  });

  it('quickly at first, with rates that make the mean of all pictures so far, and so again where it is begun anew', () => {
    const { calls, renewal } = renewed();
    const rates = (): number[] => calls.splice(0).flatMap(({ first, step, rates: { mean } }) => (first === 0 && step === 4 ? [mean] : []));
    for (let n = 0; n < 16; n++) renewal.renew(0, { frameS: 0.04, ...calm }, threshold);
    expect(rates()).toEqual([1 / 2, 1 / 3, 1 / 4, 1 / 5]);
    for (let n = 0; n < 500; n++) renewal.renew(0, { frameS: 0.04, ...calm }, threshold);
    calls.length = 0;
    renewal.beginAnew(1, threshold);
    expect(calls.splice(0)).toMatchObject([{ first: 0, step: 1, rates: { mean: 1, deviation: 0 } }]);
    for (let n = 0; n < 8; n++) renewal.renew(0, { frameS: 0.04, ...calm }, threshold);
    expect(rates()).toEqual([1 / 2, 1 / 3]);
  });

  it.each<[string, number | null]>([
    ['rain falls', 60],
    ['most of the picture differs', null],
  ])('quickly while %s, and for a while after', (_, moving) => {
    const { calls, renewal } = renewed();
    const stepAfter = (pictures: number, seen: { readonly moving: number | null; readonly settling: boolean }): number => {
      for (let n = 0; n < pictures; n++) renewal.renew(0, { frameS: 0.04, ...seen }, threshold);
      return calls.at(-1)?.step ?? 0;
    };
    expect(stepAfter(200, calm)).toBe(8);
    expect(stepAfter(2, { ...calm, moving })).toBe(8);
    expect(stepAfter(48, { ...calm, moving })).toBe(4);
    expect(stepAfter(12, calm)).toBe(4);
    expect(stepAfter(100, calm)).toBe(8);
  });

  it('with the noise learnt quickly while it settles', () => {
    const { calls, renewal } = renewed();
    for (let n = 0; n < 500; n++) renewal.renew(0, { frameS: 0.04, ...calm }, threshold);
    renewal.renew(0, { frameS: 0.04, ...calm, settling: true }, threshold);
    const [usual, settling] = calls.slice(-2).map(({ rates }) => rates) as [ModelRates, ModelRates];
    expect(settling.slackGrey).toBeGreaterThan(usual.slackGrey);
    expect(settling.deviation).toBeGreaterThanOrEqual(usual.deviation);
  });
});
