import { expect, test } from 'vitest';
import { parseSourceUrl } from './source-url.js';

test.each([
  ['rtsp://10.0.0.8/main', { kind: 'rtsp', url: 'rtsp://10.0.0.8/main' }],
  ['RTSPS://u:p@10.0.0.8/main', { kind: 'rtsp', url: 'RTSPS://u:p@10.0.0.8/main' }],
  ['file:///a%20b.mp4', { kind: 'file', path: '/a b.mp4' }],
  ['FILE:///a.mp4', { kind: 'file', path: '/a.mp4' }],
  ['clips/a%20b.mp4', { kind: 'file', path: 'clips/a%20b.mp4' }],
  ['/a/b: c.mp4', { kind: 'file', path: '/a/b: c.mp4' }],
])('%s', (url, expected) => {
  expect(parseSourceUrl(url)).toEqual(expected);
});

test.each([
  ['http://u:secret@10.0.0.8/x', /^http:\/\/\S*10\.0\.0\.8\/x: no source reads http:\/\//],
  ['10.0.0.8:554/main', /did you mean rtsp:\/\/10\.0\.0\.8:554\/main\?/],
  ['cam.lan:554', /did you mean rtsp:\/\/cam\.lan:554\?/],
  ['10.0.0.8/main', /did you mean rtsp:\/\/10\.0\.0\.8\/main\?/],
  ['admin:secret@10.0.0.8:554/main', /did you mean rtsp:\/\/\*\*\*@10\.0\.0\.8:554\/main\?/],
  ['file://elsewhere/a.mp4', /names no file/],
  ['file:///a%2Fb.mp4', /names no file/],
])('%s is refused', (url, says) => {
  expect(() => parseSourceUrl(url)).toThrow(says);
  expect(() => parseSourceUrl(url)).not.toThrow(/secret/);
  expect(() => parseSourceUrl(url)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
