import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedOnnxModel } from '../testing/onnx-model.js';
import { checkModel } from './check-model.js';
import { type ModelEntry, modelEntrySchema } from './model-entry.js';

/** Processes run compiled code; vitest's global set-up builds it. */
const built = new URL('../../dist/detectors/detector-child.js', import.meta.url);
/** YOLOX's outputs for 64 × 32 and two labels, with nothing to see. */
const model = fixedOnnxModel({ name: 'images', dims: [1, 3, 32, 64] }, [{ name: 'output', dims: [1, 42, 7], data: new Float32Array(294) }]);
const hash = createHash('sha256').update(model).digest('hex');
const entry = (more: Partial<ModelEntry> = {}): ModelEntry => ({
  ...modelEntrySchema.parse({ name: 'tiny', file: 'tiny.onnx', url: null, sha256: hash, licence: 'CC0-1.0', labels: ['bag', 'person'] }),
  ...more,
});

describe('checking a model', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-check-'));
    file = join(folder, 'tiny.onnx');
    await writeFile(file, model);
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  it.each([
    ['the very one that is meant', {}, true],
    ['another', { sha256: 'f'.repeat(64) }, false],
    ['one whose hash nobody knows', { sha256: null }, null],
  ] as const)('says what it is, and that it is %s', async (_, more, asPublished) => {
    expect(await checkModel(entry(more), file, undefined, built)).toMatchObject({ about: { family: 'yolox', classes: 2 }, asPublished });
  });

  it.each([
    [
      'is cut off',
      {},
      async () => await written('cut.onnx', model.slice(0, 300)),
      'MODEL_INVALID',
      /^tiny: .*cut\.onnx is no ONNX model that can run: /,
    ],
    [
      'is empty',
      {},
      async () => await written('empty.onnx', new Uint8Array()),
      'MODEL_INVALID',
      /^tiny: .*empty\.onnx is no ONNX model that can run: /,
    ],
    [
      'is a page',
      {},
      async () => await written('page.onnx', Buffer.from('<html>Not found</html>')),
      'MODEL_INVALID',
      /is no ONNX model that can run: /,
    ],
    [
      'is of another family',
      { family: 'nanodet' },
      async () => file,
      'MODEL_INVALID',
      /^tiny: it is called nanodet, and it has 1 outputs, not 6$/,
    ],
    [
      'has other labels',
      { labels: 'coco80' },
      async () => file,
      'MODEL_INVALID',
      /^tiny: .*its output is 1×42×7, not 1×42×85 as for 64 × 32 and 80 labels/,
    ],
  ] as const)('says in one line when it %s', async (_, more, path, code, message) => {
    await expect(checkModel(entry(more), await path(), undefined, built)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  async function written(name: string, content: Uint8Array): Promise<string> {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  }
});
