import { expect, test } from 'vitest';
import { createCollectingSink } from '../../testing/text-sink.js';
import { createProgress } from './progress.js';

test('quiet in a pipe', () => {
  const sink = createCollectingSink();
  const progress = createProgress(sink, 'a.mp4', () => 0);
  progress.update(0.5, 'half');
  progress.clear();
  expect(sink.text()).toBe('');
});

test('draws at most ten times a second, and the end always', () => {
  let now = 0;
  const sink = createCollectingSink({ isTTY: true, columns: 80 });
  const progress = createProgress(sink, 'a.mp4', () => now);
  progress.update(0, 'begin');
  now = 50;
  progress.update(0.25, 'too soon');
  now = 100;
  progress.update(0.5, 'half');
  now = 101;
  progress.update(1, 'end');
  expect(sink.text().split('\r\u001B[2K').slice(1)).toEqual([
    'a.mp4 ░░░░░░░░░░░░░░░░░░░░░░░░   0 % begin',
    'a.mp4 ████████████░░░░░░░░░░░░  50 % half',
    'a.mp4 ████████████████████████ 100 % end',
  ]);
});

test('never longer than the line; cleared for other output', () => {
  const sink = createCollectingSink({ isTTY: true, columns: 20 });
  const progress = createProgress(sink, 'a long name of a file.mp4', () => 0);
  progress.clear();
  progress.update(null, '12 s');
  progress.clear();
  expect(sink.text()).toBe('\r\u001B[2Ka long name of a fi\r\u001B[2K');
});
