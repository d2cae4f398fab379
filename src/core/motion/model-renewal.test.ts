import { describe, expect, it } from 'vitest';
import type { Kernels, ModelRates } from '../kernels/kernels.js';
import { ModelRenewal } from './model-renewal.js';

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
  it.each([30, 25, 12.5])('at %d pictures a second each row in turn, as much a second as at any other rate', (fps) => {
    const { calls, renewal } = renewed();
    for (let n = 0; n < 10 * fps; n++) renewal.renew(0, 1 / fps, false, threshold);
    const last = calls.slice(-4);
    expect(new Set(last.map(({ first }) => first))).toEqual(new Set([0, 1, 2, 3]));
    expect(last.map(({ step }) => step)).toEqual([4, 4, 4, 4]);
    expect((last[0]?.rates.mean ?? 0) / 4).toBeCloseTo(1 / fps / 2.5, 9);
  });

  it('at first so that the mean is that of all pictures so far, and so again where it is begun anew', () => {
    const { calls, renewal } = renewed();
    const rates = (): number[] => calls.splice(0).flatMap(({ first, rates: { mean } }) => (first === 0 ? [mean] : []));
    for (let n = 0; n < 16; n++) renewal.renew(0, 0.04, false, threshold);
    expect(rates()).toEqual([1 / 2, 1 / 3, 1 / 4, 1 / 5]);
    for (let n = 0; n < 500; n++) renewal.renew(0, 0.04, false, threshold);
    calls.length = 0;
    renewal.beginAnew(1, threshold);
    expect(calls.splice(0)).toMatchObject([{ first: 0, step: 1, rates: { mean: 1, deviation: 0 } }]);
    for (let n = 0; n < 8; n++) renewal.renew(0, 0.04, false, threshold);
    expect(rates()).toEqual([1 / 2, 1 / 3]);
  });

  it('with the noise learnt quickly while it settles', () => {
    const { calls, renewal } = renewed();
    for (let n = 0; n < 500; n++) renewal.renew(0, 0.04, false, threshold);
    renewal.beginAnew(0, threshold);
    renewal.renew(0, 0.04, true, threshold);
    renewal.renew(0, 0.04, false, threshold);
    const [settling, usual] = calls.slice(-2).map(({ rates }) => rates) as [ModelRates, ModelRates];
    expect(settling.slackGrey).toBeGreaterThan(usual.slackGrey);
    expect(settling.deviation).toBeGreaterThan(usual.deviation);
  });
});
