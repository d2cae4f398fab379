import { expect, it } from 'vitest';
import { createModelPace } from './model-pace.js';

/** Pictures come five times a second for so many seconds; every nth is answered, the others are replaced. */
function watch(seconds: number, everyNth: number, offerEvery = 1): { few: number | null; changes: number } {
  const pace = createModelPace();
  let replaced = 0;
  let answered = 0;
  let changes = 0;
  for (let i = 0; i <= seconds * 5; i++) {
    if (i % offerEvery === 0) {
      if ((i / offerEvery) % everyNth === 0) answered++;
      else replaced++;
    }
    if (pace.note({ replaced, answered }, 1_000 + i * 200)) changes++;
  }
  return { few: pace.tooFew(), changes };
}

it.each([
  { what: 'takes all', everyNth: 1, offerEvery: 1, few: null, changes: 0 },
  { what: 'takes every third: 1.7 a second', everyNth: 3, offerEvery: 1, few: null, changes: 0 },
  { what: 'takes every tenth: one in two seconds', everyNth: 10, offerEvery: 1, few: 0.5, changes: 1 },
  { what: 'is given one in two seconds, and takes all', everyNth: 1, offerEvery: 10, few: null, changes: 0 },
])('a model that $what', ({ everyNth, offerEvery, few, changes }) => {
  const seen = watch(150, everyNth, offerEvery);
  if (few === null) expect(seen.few).toBeNull();
  else expect(seen.few).toBeCloseTo(few, 1);
  expect(seen.changes).toBe(changes);
});

it('says nothing before a minute has passed, and takes it back when the model keeps up again', () => {
  expect(watch(59, 10).few).toBeNull();
  const pace = createModelPace();
  expect(pace.note({ replaced: 0, answered: 0 }, 0)).toBe(false);
  expect(pace.note({ replaced: 270, answered: 30 }, 60_000)).toBe(true);
  expect(pace.tooFew()).toBeCloseTo(0.5);
  expect(pace.note({ replaced: 300, answered: 300 }, 120_000)).toBe(true);
  expect(pace.tooFew()).toBeNull();
});
