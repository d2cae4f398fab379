import { expect, it } from 'vitest';
import { createIncidentBook, type IncidentState } from './incident-book.js';

const state: IncidentState = {
  verdict: 'suspected',
  confidence: 0.5,
  reasons: [],
  startPtsMs: 1_000,
  endPtsMs: 2_000,
  box: { x1: 0, y1: 0, x2: 1, y2: 1 },
  zone: null,
  labels: [],
};
const book = () => createIncidentBook<string>({ severity: { confirmed: 'critical', suspected: 'info' }, coolDownMs: 10_000 });

it('numbers incidents, and takes the severity of what is known', () => {
  const kept = book();
  expect(kept.begin('a', state, 2_000)).toMatchObject({ number: 1, phase: 'new', severity: 'info' });
  expect(kept.begin('b', state, 2_000)).toMatchObject({ number: 2 });
  expect(kept.begin('a', state, 2_500)).toBeNull();
  expect(kept.update('a', { ...state, verdict: 'confirmed' })).toMatchObject({ number: 1, phase: 'update', severity: 'critical' });
  kept.note('b', { ...state, endPtsMs: 4_000 });
  expect(kept.end('b', 5_000)).toMatchObject({ number: 2, phase: 'end', endPtsMs: 4_000 });
  expect(kept.keys()).toEqual(['a']);
  expect(kept.finish(6_000)).toMatchObject([{ number: 1, phase: 'end', verdict: 'confirmed' }]);
  expect(kept.keys()).toEqual([]);
});

it('tells once of what is confirmed later, and takes nothing back that it has told', () => {
  const kept = book();
  kept.begin('a', state, 2_000);
  expect(kept.follow('a', { ...state, endPtsMs: 3_000 })).toBeNull();
  expect(kept.follow('a', { ...state, verdict: 'confirmed' })).toMatchObject({
    phase: 'update',
    verdict: 'confirmed',
    severity: 'critical',
  });
  expect(kept.follow('a', { ...state, verdict: 'confirmed' })).toBeNull();
  expect(kept.follow('a', { ...state, endPtsMs: 4_000 })).toBeNull();
  expect(kept.end('a', 5_000)).toMatchObject({ verdict: 'confirmed', severity: 'critical', endPtsMs: 4_000 });
});

it('is silent of a key that has only just ended', () => {
  const kept = book();
  kept.begin('a', state, 2_000);
  kept.end('a', 3_000);
  expect(kept.begin('a', state, 12_999)).toBeNull();
  expect(kept.begin('a', state, 13_000)).toMatchObject({ number: 2 });
});

it('knows what is open', () => {
  expect(() => book().end('a', 0)).toThrow('no incident is open for a');
});
