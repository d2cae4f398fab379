import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMediaTools } from '../../media/footage-tools.js';
import { ffmpeg } from '../../testing/clips.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { createPictureMaker, type PictureJob } from './picture-maker.js';
import { createPictureProcess } from './picture-process.js';

/** Processes run compiled code; vitest's global set-up builds it. */
const child = new URL('../../../dist/evidence/process/picture-child.js', import.meta.url);
const never = new AbortController().signal;
const scene = createFallScene({ width: 320, height: 240, fps: 25, durationS: 20, startS: 9, sizePx: 8 });

describe('pictures made by a process of their own', () => {
  let folder: string;
  let video: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-picture-'));
    video = join(folder, 'scene.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=25:d=20', '-c:v', 'libx264', '-preset', 'ultrafast', video);
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  const job = (kind: PictureJob['kind'], name: string, path = video): PictureJob => ({
    kind,
    incident: fallIncident(scene),
    footage: { input: { kind: 'file', path }, fromS: 0, toS: 20 },
    redaction: { black: [], coarse: null },
    path: join(folder, name),
  });

  /** A process that does something else. */
  async function createOther(name: string, code: string): Promise<URL> {
    const path = join(folder, name);
    await writeFile(path, code);
    return pathToFileURL(path);
  }

  it.each(['trail', 'snapshot'] as const)('gives the bytes and the span that making a %s here gives', async (kind) => {
    const here = createPictureMaker(createMediaTools());
    const there = createPictureProcess(child);
    expect(await there.make(job(kind, `${kind}-there.jpg`), never)).toEqual(await here.make(job(kind, `${kind}-here.jpg`), never));
    expect(await readFile(join(folder, `${kind}-there.jpg`))).toEqual(await readFile(join(folder, `${kind}-here.jpg`)));
  });

  it('says whether there is a font', async () => {
    expect(await createPictureProcess(child).canDrawText(never)).toBe(await createPictureMaker(createMediaTools()).canDrawText(never));
  });

  it('passes on why a picture cannot be made', async () => {
    const gone = job('snapshot', 'gone.jpg', join(folder, 'gone.mp4'));
    await expect(createPictureProcess(child).make(gone, never)).rejects.toMatchObject({
      code: 'MEDIA_FAILED',
      message: expect.stringContaining('gone.mp4'),
    });
    expect(await readdir(folder)).not.toContain('gone.jpg');
  });

  it('keeps a full disk recognisable', async () => {
    const full = await createOther('full.mjs', `process.once('message', () => process.send({ failed: 'no space', code: 'ENOSPC' }));`);
    await expect(createPictureProcess(full).make(job('trail', 'full.jpg'), never)).rejects.toMatchObject({ code: 'ENOSPC' });
  });

  it.each([
    ['dies of a signal', `process.once('message', () => process.kill(process.pid, 'SIGSEGV'));`, 'ended with SIGSEGV'],
    ['throws', `process.once('message', () => { throw new Error('lost'); });`, 'lost'],
    ['ends without a word', `process.once('message', () => process.exit(0));`, 'ended with 0'],
    ['answers something else', `process.once('message', () => process.send({ canDrawText: true }));`, 'another answer'],
  ])('fails with one line when the process %s', async (what, code, said) => {
    const making = createPictureProcess(await createOther(`${what}.mjs`, code)).make(job('trail', 'x.jpg'), never);
    const error = (await making.catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ code: 'MEDIA_FAILED', message: expect.stringContaining(said) });
    expect(error.message).not.toContain('\n');
  });

  it('lets go when aborted, and the process ends', async () => {
    const pidFile = join(folder, 'pid');
    const slow = await createOther(
      'slow.mjs',
      `import { writeFileSync } from 'node:fs';
       process.once('disconnect', () => process.exit(0));
       process.once('message', () => { writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => undefined, 1000); });`,
    );
    const stop = new AbortController();
    const making = createPictureProcess(slow).make(job('trail', 'slow.jpg'), stop.signal);
    const pid = Number(await expectSoon(() => readFile(pidFile, 'utf8').then((text) => text || Promise.reject(new Error('empty')))));
    stop.abort(new Error('shutting down'));
    await expect(making).rejects.toThrow('shutting down');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

/** What `look` gives as soon as it gives something. */
async function expectSoon<T>(look: () => Promise<T>): Promise<T> {
  let found: T | undefined;
  await expect.poll(async () => (found = await look().catch(() => undefined)), { timeout: 120_000 }).toBeDefined();
  return found as T;
}
