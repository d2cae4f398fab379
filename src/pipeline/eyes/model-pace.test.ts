import { expect, it } from 'vitest';
import { createModelPace, type ModelPace } from './model-pace.js';

/** A model that is given five pictures a second, and takes one of so many. */
function play(pace: ModelPace, fromS: number, toS: number, oneOf: number): number {
  let changes = 0;
  for (let i = 0; i < (toS - fromS) * 5; i++) {
    if (i % oneOf === oneOf - 1) changes += pace.answered(fromS * 1000 + i * 200) ? 1 : 0;
    else pace.replaced();
  }
  return changes;
}

it.each([
  { what: 'takes all', oneOf: 1, few: null, changes: 0 },
  { what: 'takes every third: 1.7 a second', oneOf: 3, few: null, changes: 0 },
  { what: 'takes every tenth: one in two seconds', oneOf: 10, few: 0.5, changes: 1 },
  { what: 'takes one in six seconds', oneOf: 30, few: 1 / 6, changes: 1 },
])('a model that $what', ({ oneOf, few, changes }) => {
  const pace = createModelPace();
  expect(play(pace, 0, 150, oneOf)).toBe(changes);
  if (few === null) expect(pace.tooFew()).toBeNull();
  else expect(pace.tooFew()).toBeCloseTo(few, 2);
});

it('is given one in two seconds for most of a minute, and takes two a second for the rest', () => {
  const pace = createModelPace();
  for (let minute = 0; minute < 3; minute++) {
    for (let s = 0; s < 45; s += 2) expect(pace.answered((minute * 60 + s) * 1000)).toBe(false);
    expect(play(pace, minute * 60 + 46, minute * 60 + 60, 3)).toBe(0);
  }
  expect(pace.tooFew()).toBeNull();
});

it('says nothing before a minute has passed, and takes it back when the model keeps up again', () => {
  const pace = createModelPace();
  expect(play(pace, 0, 58, 10)).toBe(0);
  expect(pace.tooFew()).toBeNull();
  expect(play(pace, 58, 70, 10)).toBe(1);
  expect(pace.tooFew()).toBeCloseTo(0.5, 1);
  expect(play(pace, 70, 200, 1)).toBe(1);
  expect(pace.tooFew()).toBeNull();
});

it('does not count the time for which the process was away', () => {
  const pace = createModelPace();
  play(pace, 0, 50, 2);
  pace.replaced();
  pace.interrupted();
  play(pace, 110, 180, 2);
  expect(pace.tooFew()).toBeNull();
});
