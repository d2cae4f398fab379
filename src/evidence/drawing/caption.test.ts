import { describe, expect, it } from 'vitest';
import type { ThrowDetails } from '../../domain/incident.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { confidenceWords, throwCaption } from './caption.js';

const scene = createFallScene({ width: 160, height: 120, fps: 25, durationS: 3, startS: 1, sizePx: 6 });
const uncalibrated: Partial<ThrowDetails> = {
  origin: { point: { x: 0.4, y: 0.1 }, floor: null, floorInterval: null, unit: null, heightM: null },
  fall: { dropM: null, dropFloors: null, durationS: 1.44, impactSpeedMps: null },
  massClass: 'undetermined',
  terminalSpeedMps: null,
};

function captionOf(over: Parameters<typeof fallIncident>[1] = {}, throwOver: Partial<ThrowDetails> = {}) {
  const incident = fallIncident(scene, over, throwOver);
  return throwCaption(incident, incident.throw as ThrowDetails);
}

describe('throwCaption', () => {
  it('says everything about a calibrated, confirmed throw', () => {
    expect(captionOf()).toEqual({
      verdict: 'CONFIRMED',
      confidence: '97 %, as good as certain',
      place: 'Floor 17 · Unit 02',
      figures: [
        { value: '45 m', note: 'fall, 15.5 floors' },
        { value: 'about 96 km/h', note: 'at impact (85 to 108)' },
        { value: '3.4 s', note: 'seen falling' },
        { value: 'heavy', note: 'weight class' },
      ],
      notes: [
        '2026-03-01 07:41:12.480 UTC',
        'Origin between floor 16 and floor 18',
        'Heavy: terminal speed 22 to 41 m/s',
        'tower-3-north, stream 1.00 to 2.44 s',
      ],
      origin: 'Floor 17 · Unit 02 · 07:41:12',
      landing: 'Landing, extrapolated',
    });
  });

  it('claims no floor, height or weight without a calibration, and says why', () => {
    const caption = captionOf({ verdict: 'suspected', confidence: 0.5 }, uncalibrated);
    expect(caption).toMatchObject({ verdict: 'SUSPECTED', place: 'Object fell', origin: 'First seen · 07:41:12', landing: 'Last seen' });
    expect(caption.figures.map(({ value }) => value)).toEqual(['1.4 s', 'undetermined']);
    expect(caption.notes).toContain('Floor, height and speed unknown: no facade drawn for this camera');
    expect(JSON.stringify(caption)).not.toMatch(/null|NaN|undefined/);
  });

  it('names no date that nobody knows', () => {
    const caption = captionOf({ startedAtMs: 1000 });
    expect(caption.notes[0]).toBe('1.00 s into the recording, date unknown');
    expect(caption.origin).toBe('Floor 17 · Unit 02 · 1.0 s');
    expect(JSON.stringify(caption)).not.toContain('1970');
  });

  it.each([
    [{ point: { x: 0.5, y: 0.9 }, extrapolated: false }, 'Landing'],
    [{ point: { x: 0.5, y: 0.9 }, extrapolated: true }, 'Landing, extrapolated'],
    [{ point: { x: 0.5, y: 1.2 }, extrapolated: true }, 'Landing below the picture'],
    [{ point: { x: -0.1, y: 0.9 }, extrapolated: true }, 'Landing outside the picture'],
  ])('names the landing %j', (landing, words) => {
    expect(captionOf({}, { landing }).landing).toBe(words);
  });

  it('gives an open end of the terminal speed as one', () => {
    expect(captionOf({}, { terminalSpeedMps: [20, null] }).notes).toContain('Heavy: terminal speed 20 m/s or more');
  });

  it.each([
    ['confirmed', 0.92, '92 %, very likely'],
    ['confirmed', 0.65, '65 %, likely'],
    ['confirmed', 0.49, 'confidence 49 %'],
    ['suspected', 0.49, '49 %, possible'],
  ] as const)('says of a %s incident with %d nothing that contradicts it', (verdict, confidence, words) => {
    expect(captionOf({ verdict, confidence }).confidence).toBe(words);
  });

  it('grows surer in words as the confidence rises', () => {
    const words = [0, 0.4, 0.65, 0.85, 0.95, 1].map(confidenceWords);
    expect(words).toEqual(['doubtful', 'possible', 'likely', 'very likely', 'as good as certain', 'as good as certain']);
  });
});
