import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from './make-folder.js';

const home = mkdtempSync(join(tmpdir(), 'parapet-folder-'));
afterAll(() => rmSync(home, { recursive: true }));

it('makes what is missing, and names the topmost of it', () => {
  const path = join(home, 'a', 'b', 'c');
  expect(makeFolder(path, 0o750)).toBe(join(home, 'a'));
  expect(statSync(path).mode & 0o777).toBe(0o750);
  expect(makeFolder(path)).toBeNull();
  expect(makeFolder(join(home, 'a', 'd'))).toBe(join(home, 'a', 'd'));
});

it('a file in the way is said', () => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow(/EEXIST/);
  expect(() => makeFolder(join(file, 'below'))).toThrow(/EEXIST|ENOTDIR/);
});

// Node's own recursive mkdir does not come back from there.
it.skipIf(!existsSync('/proc/self'))('a file system that takes no folders is said, at once', () => {
  expect(() => makeFolder('/proc/parapet/found')).toThrow('no folder can be made in /proc');
});
