import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraConfigSchema } from '../config/index.js';
import { createMediaTools } from '../media/footage-tools.js';
import { runCli } from '../testing/cli-process.js';
import { ffmpeg } from '../testing/clips.js';
import { cameraDrawing } from './draw/picture.js';

describe('parapet draw', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parapet-draw-'));
    await ffmpeg('-f', 'lavfi', '-i', 'color=c=gray:s=320x180:d=1', '-pix_fmt', 'yuv420p', join(folder, 'street.mp4'));
    writeFileSync(
      join(folder, 'parapet.yaml'),
      `cameras:
  - id: gate
    source: { url: ${join(folder, 'street.mp4')} }
    zones: { lane: { polygon: [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9], [0.1, 0.9]] } }
    lines: { kerb: { from: [0.7, 1], to: [0.7, 0] } }
    masks: { privacy: [[[0.8, 0], [1, 0], [1, 0.3]]] }
  - { id: other, source: { url: ${join(folder, 'street.mp4')} } }
`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (...args: readonly string[]) => runCli(['draw', '-c', join(folder, 'parapet.yaml'), ...args], { cwd: folder });

  it('draws what a config says on the picture of a camera', async () => {
    const { code, stdout, stderr } = await run('--camera', 'gate');
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'gate.jpg: 1 zone, 1 line, 1 mask, no facade\n', stderr: '' });
    const jpeg = join(folder, 'gate.jpg');
    expect(readFileSync(jpeg).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    let picture = new Uint8Array();
    const keep = ({ data }: { readonly data: Uint8Array }): void => {
      picture = new Uint8Array(data);
    };
    await createMediaTools().readPictures({ input: { kind: 'file', path: jpeg }, fromS: 0, toS: 1 }, keep, new AbortController().signal);
    const at = (x: number, y: number): readonly number[] => [...picture.subarray(3 * (y * 320 + x), 3 * (y * 320 + x) + 3)];
    // The lane’s inside is tinted by its colour, and what is outside all of it is as it was.
    const [red = 0, , blue = 0] = at(100, 100);
    expect(blue - red).toBeGreaterThan(10);
    expect(at(150, 60).every((value) => Math.abs(value - 128) < 6)).toBe(true);
  });

  it.each([
    ['no camera where there are several', [], /which camera\? the config has 'gate', 'other'; choose one with --camera/],
    ['one that is not there', ['--camera', 'roof'], /there is no camera 'roof'; the config has 'gate', 'other'/],
    ['a file that cannot be written', ['--camera', 'gate', '--out', '/proc/none.jpg'], /\/proc\/none\.jpg cannot be written/],
  ] as const)('says what is wrong with %s', async (_, args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('marks what lies too far beside a facade for throws from it', () => {
    const tower = (left: number, right: number): string => {
      const corners = [
        [left, 0],
        [right, 0],
        [right, 1],
        [left, 1],
      ];
      const facade = { corners, floors: { first: 1, last: 20, height: '3 m' }, width: '24 m' };
      return cameraDrawing({ width: 1920, height: 1080 }, cameraConfigSchema.parse({ id: 'gate', source: { url: 'street.mp4' }, facade }));
    };
    expect(tower(0.39, 0.61).match(/fill-opacity="0.12"/g)).toHaveLength(2);
    expect(tower(0.39, 0.61)).toContain('M0.0 0.0L608.0 0.0L608.0 1080.0L0.0 1080.0Z');
    expect(tower(0, 0.3).match(/fill-opacity="0.12"/g)).toHaveLength(1);
    expect(tower(0.05, 0.95)).not.toContain('no throws');
  });

  it('points to the side of a line that events call left', () => {
    const camera = cameraConfigSchema.parse({
      ...{ id: 'gate', source: { url: 'street.mp4' } },
      lines: { kerb: { from: [0.5, 1], to: [0.5, 0] } },
    });
    // Looking up the picture, left is left: the arrow ends at 0.5 − 0.03 of 1000 pixels.
    expect(cameraDrawing({ width: 1000, height: 500 }, camera)).toContain('M500.0 500.0L500.0 0.0M500.0 250.0L470.0 250.0');
  });
});
