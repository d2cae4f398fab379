import { describe, expect, it } from 'vitest';
import { scaleTrend } from './gravity-trend.js';

describe('gravity of several falls', () => {
  const sample = (share: number, sigma = 0.02) => ({ logRatio: Math.log(share), sigma });

  it.each([
    ['too few falls', [0.8, 0.8, 0.8, 0.8], null],
    ['a scale that is right', [1.01, 0.98, 1, 1.03, 0.99], false],
    ['a scale that is off by a tenth', [0.9, 0.89, 0.91, 0.88, 0.9], true],
    ['a scale that is off by less than 8 %', [0.94, 0.93, 0.95, 0.94, 0.93], false],
    ['two wild ones of five', [1.01, 0.98, 0.6, 1.5, 0.99], false],
    ['falls that do not agree', [0.75, 1.1, 0.85, 1.2, 0.9], false],
  ])('%s', (_what, shares, off) => {
    const samples = shares.map((share) => sample(share));
    expect(scaleTrend(samples, false)?.off ?? null).toBe(off);
  });

  it('falls that are unsure of themselves do not make a verdict', () => {
    const shares = [0.91, 0.91, 0.91, 0.91, 0.91];
    expect(
      scaleTrend(
        shares.map((share) => sample(share, 0.02)),
        false,
      )?.off,
    ).toBe(true);
    expect(
      scaleTrend(
        shares.map((share) => sample(share, 0.1)),
        false,
      )?.off,
    ).toBe(false);
  });

  it('what was called off stays so until it is clearly right', () => {
    const near = Array.from({ length: 10 }, () => sample(0.94));
    expect(scaleTrend(near, false)?.off).toBe(false);
    expect(scaleTrend(near, true)?.off).toBe(true);
    expect(
      scaleTrend(
        Array.from({ length: 10 }, () => sample(0.97)),
        true,
      )?.off,
    ).toBe(false);
  });

  it('the newest falls count', () => {
    const samples = [...Array.from({ length: 60 }, () => sample(0.8)), ...Array.from({ length: 25 }, () => sample(1))];
    expect(scaleTrend(samples, true)).toMatchObject({ falls: 25, ratio: 1, off: false });
  });
});
