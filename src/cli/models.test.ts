import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCli } from '../testing/cli-process.js';
import { ffmpeg, ffprobeRows } from '../testing/clips.js';
import { fixedOnnxModel } from '../testing/onnx-model.js';
import { twinModels } from '../testing/twin-models.js';

/** YOLOX's outputs for 64 × 32 and two labels, with one person in place 33. */
function model(): Uint8Array {
  const data = new Float32Array(42 * 7);
  data.set([0, 1, 0, 0, 0.9, 0.1, 0.8], 33 * 7);
  return fixedOnnxModel({ name: 'images', dims: [1, 3, 32, 64] }, [{ name: 'output', dims: [1, 42, 7], data }]);
}

describe('parapet models', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-models-'));
    await mkdir(join(folder, 'usb'));
    await writeFile(join(folder, 'usb', 'tiny.onnx'), model());
    const sha256 = createHash('sha256').update(model()).digest('hex');
    const entry = (name: string, file: string, hash: string): string =>
      `  - { name: ${name}, file: ${file}, url: null, sha256: ${hash}, licence: CC0-1.0, labels: [bag, person] }\n`;
    await writeFile(
      join(folder, 'registry.yaml'),
      `models:\n${entry('tiny', 'tiny.onnx', sha256)}${entry('other', 'other.onnx', 'f'.repeat(64))}`,
    );
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=5:d=1', '-c:v', 'libx264', join(folder, 'scene.mp4'));
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  const run = async (...args: readonly string[]) => await startCli(['models', ...args], { cwd: folder }).ended;

  it('lists what comes with Parapet', async () => {
    const { code, stdout } = await run('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^yolox-nano\s+absent\s+Apache-2\.0\s+yolox\s+yolox_nano\.onnx$/m);
  });

  it('brings one from a folder, and knows it then', async () => {
    expect((await run('list', '--registry', 'registry.yaml')).stdout).toMatch(/^tiny\s+absent/m);
    const pulled = await run('pull', 'tiny', '--from', 'usb', '--registry', 'registry.yaml');
    expect(pulled).toMatchObject({ code: 0, stdout: `${join(folder, 'models', 'tiny.onnx')}: tiny, CC0-1.0, hash as published\n` });
    expect(await readFile(join(folder, 'models', 'tiny.onnx'))).toEqual(Buffer.from(model()));
    expect((await run('list', '--registry', 'registry.yaml')).stdout).toMatch(/^tiny\s+installed/m);
  });

  it('brings a model of TensorFlow.js with its weights, or nothing of it', async () => {
    const files = Object.entries(twinModels(2).tfjs);
    await mkdir(join(folder, 'usb', 'twin'));
    for (const [name, content] of files) await writeFile(join(folder, 'usb', 'twin', name), content);
    const hash = files.reduce((sum, [, content]) => sum.update(content), createHash('sha256')).digest('hex');
    const entry = `{ name: twin, file: twin/model.json, url: null, sha256: ${hash}, licence: CC0-1.0, labels: [bag, person] }`;
    await writeFile(join(folder, 'tfjs.yaml'), `models:\n  - ${entry}\n`);
    const flags = ['--registry', 'tfjs.yaml', '--dir', 'brought'];
    expect(await run('pull', 'twin', '--from', 'usb', ...flags)).toMatchObject({ code: 0 });
    expect((await readdir(join(folder, 'brought', 'twin'))).toSorted()).toEqual(files.map(([name]) => name).toSorted());
    expect((await run('list', ...flags)).stdout).toMatch(/^twin\s+installed/m);
    expect((await run('verify', 'twin', ...flags)).stdout).toMatch(/family\s+yolox\n[\s\S]*runs on\s+wasm\n/);

    await writeFile(join(folder, 'usb', 'twin', 'group1-shard2of2.bin'), 'damaged');
    expect((await run('pull', 'twin', '--from', join('usb', 'twin', 'model.json'), ...flags)).stderr).toMatch(/its SHA-256 is/);
    expect((await run('list', ...flags)).stdout).toMatch(/^twin\s+installed/m);
    expect(await run('pull', 'twin', '--from', 'usb', '--registry', 'tfjs.yaml', '--dir', 'empty')).toMatchObject({ code: 1 });
    expect(await readdir(join(folder, 'empty', 'twin'))).toEqual([]);
  });

  it('says which one in the folder is not what the registry means, and what to do', async () => {
    await mkdir(join(folder, 'bad'), { recursive: true });
    await writeFile(join(folder, 'bad', 'tiny.onnx'), model().slice(0, -1));
    const { stdout } = await run('list', '--registry', 'registry.yaml', '--dir', 'bad');
    expect(stdout).toMatch(/^MODEL\s+STATE\s+LICENCE\s+FAMILY\s+FILE\n/);
    expect(stdout).toMatch(/^tiny\s+differs/m);
    expect(stdout).toContain(`to bring the registry's: parapet models pull tiny --dir ${join(folder, 'bad')}\n`);
    expect((await run('list', '--registry', 'registry.yaml')).stdout).not.toContain('differs');
  });

  it('keeps nothing that is not what the registry means', async () => {
    const { code, stderr } = await run('pull', 'other', '--from', join('usb', 'tiny.onnx'), '--registry', 'registry.yaml', '--dir', 'none');
    expect(code).toBe(1);
    expect(stderr).toMatch(/its SHA-256 is [0-9a-f]{64}, and the registry says f{64}: it is another model, or was damaged/);
    expect(await readdir(join(folder, 'none'))).toEqual([]);
  });

  it.each([
    ['a name that is not known', ['pull', 'tinny', '--registry', 'registry.yaml'], 2, /no model is called tinny; did you mean tiny\?/],
    [
      'one without an address',
      ['pull', 'other', '--registry', 'registry.yaml'],
      1,
      /the registry knows no address of other; give a file or a folder with --from/,
    ],
    [
      'an address that is not secure',
      ['pull', 'tiny', '--from', 'http://10.0.0.1/x', '--registry', 'registry.yaml'],
      2,
      /models are fetched by https alone/,
    ],
    [
      'nobody’s answer',
      ['pull', 'tiny', '--from', 'https://127.0.0.1:9/x', '--registry', 'registry.yaml'],
      1,
      /cannot be fetched \(.+\); fetch it elsewhere/,
    ],
    ['a registry that is none', ['list', '--registry', join('usb', 'tiny.onnx')], 1, /tiny\.onnx/],
    [
      'one that is not here',
      ['verify', 'other', '--registry', 'registry.yaml'],
      1,
      /other\.onnx is not there; bring it with: parapet models pull other/,
    ],
    ['a file that is not here', ['verify', 'x/none.onnx'], 1, /none\.onnx is not there/],
    ['what is no model', ['verify', 'scene.mp4'], 1, /scene\.mp4 is no ONNX model that can run/],
  ] as const)('says what is wrong with %s', async (_, args, code, message) => {
    const result = await run(...args);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('says what a model is, and draws what it finds in a video', async () => {
    const { code, stdout } = await run('verify', 'tiny', 'scene.mp4', '--registry', 'registry.yaml', '--dir', 'usb', '--out', 'found.jpg');
    expect(stdout).toMatch(/family\s+yolox\n\s+input\s+64×32\n\s+labels\s+2\n\s+runs on\s+cpu\n/);
    expect(stdout).toMatch(/found\s+person 0\.72\n/);
    expect(code).toBe(0);
    expect(await ffprobeRows(join(folder, 'found.jpg'), '-show_entries', 'stream=width,height')).toEqual([['320', '240']]);
  });

  it('needs no picture to say it, and speaks JSON', async () => {
    const { stdout } = await run('verify', 'usb/tiny.onnx', '--registry', 'registry.yaml', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ family: 'yolox', classes: 2, provider: 'cpu', picture: null });
    await expect(stat(join(folder, 'tiny.onnx.detections.jpg'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
