import { describe, expect, it } from 'vitest';
import { isNearlyConfirmed, type Judgement } from './judgement.js';

const lead = (value: number): Judgement => ({
  verdict: 'suspected',
  confidence: 0.4,
  model: 'drag',
  reasons: [{ criterion: 'fall_against_steady_motion', value, threshold: 15, unit: 'BIC' }],
  failed: ['fall_against_steady_motion'],
  fit: null,
});

describe('a suspected fall is told at once', () => {
  it.each([
    ['with a third of the lead over steady motion', lead(5), true],
    ['not with less', lead(4.9), false],
    ['not when it drifts, too', { ...lead(12), failed: ['fall_against_steady_motion', 'speed_at_end'] }, false],
    ['that was hidden in too many of its pictures', { ...lead(30), failed: ['seen'] }, true],
    ['not for another doubt', { ...lead(30), failed: ['wind'] }, false],
    ['not when it is confirmed', { ...lead(30), verdict: 'confirmed', failed: [] }, false],
  ] as const)('%s', (_, judgement, expected) => {
    expect(isNearlyConfirmed(judgement)).toBe(expected);
  });
});
