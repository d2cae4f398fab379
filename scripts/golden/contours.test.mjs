import { expect, test } from 'vitest';
import { contourPicture } from './contours.mjs';
import { fitRecall } from './recall-model.mjs';

/** Found when size × contrast is at least 100, and not faster than 60 px a picture. */
const throws = [2, 3, 4, 6, 9, 15].flatMap((sizePx) =>
  [8, 12, 17, 25, 40, 60, 80].flatMap((contrast) =>
    [2, 5, 10, 20, 40, 80, 120].map((speedPx) => ({ sizePx, contrast, speedPx, found: sizePx * contrast >= 100 && speedPx <= 60 })),
  ),
);

test('the model finds the border that the throws show', () => {
  const recall = fitRecall(throws);
  for (const [size, contrast, speed] of [
    [15, 60, 10],
    [6, 40, 20],
    [9, 40, 5],
  ])
    expect(recall(size, contrast, speed)).toBeGreaterThan(0.9);
  for (const [size, contrast, speed] of [
    [2, 17, 10],
    [3, 12, 5],
    [15, 60, 120],
  ])
    expect(recall(size, contrast, speed)).toBeLessThan(0.2);
});

test('a picture has a panel for each speed and a dot for each throw', () => {
  const svg = contourPicture(throws.map((t) => ({ ...t, found: t.found ? 'confirmed' : null })));
  expect(svg.match(/px a picture/g)).toHaveLength(7);
  expect(svg.match(/<circle/g)).toHaveLength(throws.length);
  expect(svg.match(/<polyline/g)?.length).toBeGreaterThan(8);
  expect([...svg.matchAll(/>(\d+) of 42</g)].map((m) => Number(m[1]))).toEqual([27, 27, 27, 27, 27, 0, 0]);
});
