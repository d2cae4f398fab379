import { describe, expect, it } from 'vitest';
import type { SceneState } from '../../domain/street.js';
import { context, inShort, type Moment, play } from '../../testing/street-script.js';
import { cameraTamperConfigSchema } from './config.js';
import { createCameraTamperRule } from './rule.js';

const rule = (given: object = {}) => createCameraTamperRule(cameraTamperConfigSchema.parse({ type: 'camera_tamper', ...given }), context());

/** A good camera that shows something else from one second to another. */
const between =
  (from: number, to: number, scene: Partial<SceneState>) =>
  (s: number): Moment =>
    s >= from && s < to ? { scene } : {};

const black = { brightness: 14, contrast: 2, edgesKept: 0, sharpness: 0.1 };

describe('tampering', () => {
  it.each<[string, Partial<SceneState>]>([
    ['black', black],
    ['white', { brightness: 240, contrast: 3, edgesKept: 0, sharpness: 0.1 }],
    ['covered', { brightness: 60, contrast: 9, edgesKept: 0.05, sharpness: 0.2, unsettled: true }],
    ['defocused', { contrast: 42, edgesKept: 0.6, sharpness: 0.2 }],
    ['moved', { contrast: 55, edgesKept: 0.1, unsettled: true }],
  ])('%s is told within ten seconds, and ends when the camera sees again', (fault, scene) => {
    const findings = play(rule(), { to: 90 }, between(30, 60, scene));
    expect(inShort(findings)).toBe('1 new 30-38, 1 end 30-59.8');
    expect(findings[0]).toMatchObject({ labels: [fault], severity: 'critical', verdict: 'confirmed' });
  });

  it.each<[string, (s: number) => Moment]>([
    ['a bus before the lens for five seconds', between(30, 35, { contrast: 25, edgesKept: 0.1, unsettled: true })],
    ['a step of the exposure', between(30, 33, { brightness: 180, contrast: 40, edgesKept: 0.8, unsettled: true })],
    [
      'the second of black at a switch to infrared',
      (s) => (s >= 30 && s < 31.4 ? { scene: black } : s < 30 ? {} : { scene: { night: true } }),
    ],
    [
      'infrared light, by which edges lie elsewhere',
      (s) => (s < 30 ? {} : { scene: { night: s > 33, saturation: 0.4, edgesKept: s < 200 ? 0.25 : 0.9, sharpness: s < 200 ? 0.4 : 1 } }),
    ],
    ['a slow dusk', (s) => ({ scene: { brightness: Math.max(20, 110 - s / 3), contrast: Math.max(8, 50 - s / 8), edgesKept: 0.7 } })],
    ['a camera that is still finding its focus', between(0, 9, { sharpness: 0.2 })],
  ])('is not: %s', (_, show) => {
    expect(inShort(play(rule(), { to: 400 }, show))).toBe('');
  });

  it('is one, soon after a switch to infrared that left the view as it was', () => {
    const show = (s: number): Moment => ({
      scene: { night: s >= 30, saturation: s >= 30 ? 0 : 20, ...(s >= 45 && s < 70 && { edgesKept: 0.1 }) },
    });
    expect(inShort(play(rule(), { to: 90 }, show))).toBe('1 new 45-53, 1 end 45-69.8');
  });

  it('begins when the picture did not change any more, although that is known only later', () => {
    const show = between(34, 60, { frozenMs: 3_000 });
    const findings = play(rule(), { to: 90 }, show);
    expect(inShort(findings)).toBe('1 new 31-39, 1 end 31-59.8');
    expect(findings[0]).toMatchObject({ labels: ['frozen'], severity: 'critical', verdict: 'confirmed' });
  });

  it('is one, although headlights flash through the cover', () => {
    const show = (s: number): Moment => (s >= 30 && s < 60 && Math.round(s * 5) % 50 !== 0 ? { scene: black } : {});
    expect(play(rule(), { to: 90 }, show).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is told by how little is left of the view, as sensitivity says', () => {
    const show = between(30, 60, { edgesKept: 0.35 });
    expect(inShort(play(rule(), { to: 90 }, show))).toBe('');
    expect(inShort(play(rule({ sensitivity: 'high' }), { to: 90 }, show))).toContain('1 new');
  });
});
