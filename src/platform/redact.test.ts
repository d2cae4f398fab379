import { expect, test } from 'vitest';
import { redactUrls } from './redact.js';

test.each([
  ['open rtsp://admin:hunter2@10.0.0.8/main', 'open rtsp://***@10.0.0.8/main'],
  ['rtsp://10.0.0.8/main', 'rtsp://10.0.0.8/main'],
  ['mqtts://box@broker:8883 and ws://u:p@b/', 'mqtts://***@broker:8883 and ws://***@b/'],
  ['rtsp://u:p@ss@host/x', 'rtsp://***@host/x'],
  ['rtsp://u:pa#ss@host/x', 'rtsp://***@host/x'],
  ['rtsp://u:pa?ss/x@host/x', 'rtsp://***@host/x'],
  ['{"url":"rtsp://host/x","to":"a@b"}', '{"url":"rtsp://host/x","to":"a@b"}'],
])('%s', (text, expected) => {
  expect(redactUrls(text)).toBe(expected);
});
