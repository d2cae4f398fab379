import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCli } from '../../testing/cli-process.js';
import { fixedOnnxModel } from '../../testing/onnx-model.js';
import { describePace } from './wanted.js';

/** YOLOX's outputs for 64 × 32 and two labels, with nothing to see. */
const model = fixedOnnxModel({ name: 'images', dims: [1, 3, 32, 64] }, [{ name: 'output', dims: [1, 42, 7], data: new Float32Array(294) }]);

describe('the models of a config', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-wanted-'));
    await writeFile(join(folder, 'good.onnx'), model);
    await writeFile(join(folder, 'cut.onnx'), model.slice(0, 400));
    const entries = [
      ['good', 'good.onnx', '[bag, person]'],
      ['cut', 'cut.onnx', '[bag, person]'],
      ['labels', 'good.onnx', 'coco80'],
      ['gone', 'gone.onnx', 'coco80'],
    ].map(([name, file, labels]) => `  - { name: ${name}, file: ${file}, url: null, sha256: null, licence: CC0-1.0, labels: ${labels} }`);
    await writeFile(join(folder, 'registry.yaml'), `models:\n${entries.join('\n')}\n`);
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  /** A camera a model, each with a rule that wants names. */
  async function run(command: string, ...models: readonly string[]) {
    const cameras = models.map(
      (name) => `  - id: sees-${name}
    source: { url: rtsp://127.0.0.1:9/${name} }
    detector: { model: ${name} }
    zones: { yard: { polygon: [[0, 0], [1, 0], [1, 1]] } }
    rules: [{ type: intrusion, zone: yard }]`,
    );
    await writeFile(join(folder, 'parapet.yaml'), `inference: { folder: ., registry: registry.yaml }\ncameras:\n${cameras.join('\n')}\n`);
    return await startCli([command, '-c', 'parapet.yaml'], { cwd: folder }).ended;
  }

  it('are what they are said to be, and validate says no word', async () => {
    expect(await run('validate', 'good')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('model: good') });
  });

  it('that are cut off, or have other labels, are told of by validate, with the cameras that ask for them', async () => {
    const { code, stderr } = await run('validate', 'good', 'cut', 'labels');
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/cut: .*cut\.onnx is no ONNX model that can run: .* \(sees-cut would see no names\); labels: .*not 1×42×85/);
  });

  it('that are not there are warned of: they may be brought yet', async () => {
    const { code, stderr } = await run('validate', 'gone');
    expect(stderr).toMatch(
      /^parapet: warning: \/\S+\/gone\.onnx is not there; bring it with: parapet models pull gone --dir \/\S+ \(sees-gone would see no names\)\n$/,
    );
    expect(code).toBe(0);
  });

  it('must be known', async () => {
    expect(await run('validate', 'goood')).toMatchObject({
      code: 2,
      stderr: 'parapet: cameras.sees-goood.detector.model: no model is called goood; did you mean good? (sees-goood would see no names)\n',
    });
    await writeFile(
      join(folder, 'all.yaml'),
      'inference: { model: goood, registry: registry.yaml }\ncameras: [{ id: a, source: { url: rtsp://h/x }, rules: [{ type: intrusion }] }]\n',
    );
    expect((await startCli(['validate', '-c', 'all.yaml'], { cwd: folder }).ended).stderr).toMatch(
      /^parapet: inference\.model: no model is called goood/,
    );
  });

  it('have a line each in what doctor says', async () => {
    const { stdout } = await run('doctor', 'good', 'cut');
    expect(stdout).toMatch(/^✓ model good: yolox, 64×32, 2 labels, on cpu; \d+\.\d ms a picture$/m);
    expect(stdout).toMatch(/✗ model cut: cut: .*is no ONNX model that can run/);
  });
});

describe('what a picture costs', () => {
  const camera = (columns: number, rows: number) => ({
    detector: { model: null, min_score: 0.3, only_on_motion: true, tiles: { columns, rows } },
  });
  it.each([
    ['is said', 7.74, [camera(1, 1), camera(1, 1)], '7.7 ms a picture'],
    [
      'is held against what four cameras ask for',
      100,
      [1, 2, 3, 4].map(() => camera(1, 1)),
      '100 ms a picture: where all move at once it sees each camera 2.5 times a second instead of 5',
    ],
    [
      'counts for each tile and the whole',
      50,
      [camera(3, 2)],
      '50 ms a picture: where all move at once it sees each camera 2.9 times a second instead of 5',
    ],
  ] as const)('%s', (_what, pictureMs, asking, text) => {
    expect(describePace(pictureMs, asking)).toBe(text);
  });
});
