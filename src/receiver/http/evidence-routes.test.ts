import { createHash } from 'node:crypto';
import { readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { ulid } from 'ulid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeCentreDatabases } from '../../testing/centre-databases.js';
import { type Answer, type CentreRig, LOOKER, MAIN, startCentreRig } from '../../testing/centre-rig.js';
import { noise } from '../../testing/delivery-fixtures.js';

describeCentreDatabases('evidence over HTTP', (databases) => {
  let rig: CentreRig;
  beforeEach(async () => {
    rig = await startCentreRig(databases);
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  /** A file that an agent has announced, and that has not come. */
  async function announce(event: string, bytes: Buffer): Promise<string> {
    const id = await rig.keepFile(event, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await rig.database.write((sql) => sql.run("UPDATE evidence SET state = 'incoming', sha256 = ? WHERE id = ?", sha256, id));
    return id;
  }
  const put = (path: string, bytes: Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
    rig.ask(path, { method: 'PUT', token: null, body: bytes, headers: { 'content-type': 'video/mp4', ...headers } });
  const uploadPath = (): string => new URL(rig.asked.at(-1)?.payload['url'] ?? '').pathname.replace('/parapet', '');

  it('hands out evidence, whole and in parts, of its own case alone', async () => {
    const bytes = noise(5_000, 'clip');
    const [id, other, elsewhere] = [await rig.opened(), await rig.opened(), await rig.opened('elsewhere')];
    const evidence = await rig.keepFile(id, bytes);
    const path = `/cases/${id}/evidence/${evidence}`;
    const whole = await rig.ask(path, { token: LOOKER });
    expect(whole.status).toBe(200);
    expect(whole.body.equals(bytes)).toBe(true);
    expect(whole.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '5000',
      'accept-ranges': 'bytes',
      'content-disposition': 'attachment; filename="clip.mp4"',
      etag: `"${'a'.repeat(64)}"`,
    });
    const part = await rig.ask(path, { headers: { range: 'bytes=1000-1999' } });
    expect([part.status, part.headers['content-range'], part.body.equals(bytes.subarray(1_000, 2_000))]).toEqual([
      206,
      'bytes 1000-1999/5000',
      true,
    ]);
    expect(await rig.ask(path, { headers: { range: 'bytes=5000-' } })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */5000' },
    });
    const head = await rig.ask(path, { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '5000', 0]);
    for (const wrong of [
      `/cases/${other}/evidence/${evidence}`,
      `/cases/${elsewhere}/evidence/${evidence}`,
      `/cases/${id}/evidence/${ulid()}`,
      `/cases/${id}/evidence/clip.mp4`,
      `/cases/${id}/evidence/..%2f..%2fkey.pem`,
      `/cases/${id}/evidence/../../../key.pem`,
    ]) {
      expect([wrong, (await rig.ask(wrong)).status]).toEqual([wrong, 404]);
    }
    expect((await rig.ask(`/cases/${elsewhere}`, { token: LOOKER })).status).toBe(404);
  });

  it('lets no page out of evidence, follows no link, and says what is gone', async () => {
    const id = await rig.opened();
    const page = await rig.keepFile(id, Buffer.from('<script>alert(1)</script>'), 'text/html', 'snapshot.bin');
    expect((await rig.ask(`/cases/${id}/evidence/${page}`)).headers['content-type']).toBe('application/octet-stream');
    const bytes = noise(10, 'x');
    const gone = await rig.keepFile(id, bytes, 'image/jpeg', 'gone.jpg');
    await writeFile(rig.folder.of('estate', 'box', 'tower', id, 'gone.jpg'), 'another length');
    expect((await rig.ask(`/cases/${id}/evidence/${gone}`)).status).toBe(410);
    await writeFile(rig.folder.of('secret'), bytes);
    const linked = await rig.keepFile(id, bytes, 'image/jpeg', 'linked.jpg');
    await rm(rig.folder.of('estate', 'box', 'tower', id, 'linked.jpg'));
    await symlink(rig.folder.of('secret'), rig.folder.of('estate', 'box', 'tower', id, 'linked.jpg'));
    expect((await rig.ask(`/cases/${id}/evidence/${linked}`)).status).toBe(410);
  });

  it('has a file fetched over MQTT or by HTTPS, and takes what is put, once, if it is the one of the manifest', async () => {
    const id = await rig.opened();
    const bytes = noise(5_000, 'upload');
    const evidence = await announce(id, bytes);
    const fetchIt = (via: string, token = MAIN, of = evidence): Promise<Answer> =>
      rig.ask(`/cases/${id}/evidence/${of}/fetch`, { method: 'POST', token, body: JSON.stringify({ via }) });
    expect((await fetchIt('mqtt', LOOKER)).status).toBe(403);
    expect((await fetchIt('mqtt', MAIN, ulid())).status).toBe(404);
    expect((await fetchIt('post')).status).toBe(400);
    expect((await fetchIt('mqtt')).status).toBe(202);
    expect(rig.asked).toEqual([{ site: 'estate', agent: 'box', command: 'fetch', payload: { event: id, evidence } }]);
    expect((await fetchIt('https')).status).toBe(202);
    expect(rig.asked[1]?.payload['url']).toMatch(/^https:\/\/centre\.example\/parapet\/upload\/[A-Za-z0-9_-]{43}$/);
    const path = uploadPath();
    for (const [answer, status, says] of [
      [await put(path, noise(4_999, 'upload')), 422, 'the manifest says 5000 bytes, not 4999'],
      [await put(path, noise(5_000, 'another')), 422, 'its SHA-256 is'],
      [await put(path, bytes, { 'repr-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` }), 422, 'the hash in the request'],
      [await put(path, bytes, { 'transfer-encoding': 'chunked' }), 411, 'Content-Length'],
      [await put(`/upload/${'x'.repeat(43)}`, bytes), 404, 'unknown'],
      [await put('/upload/..%2fcases', bytes), 404, 'unknown'],
      [await rig.ask(path, { token: MAIN }), 405, 'PUT'],
    ] as const) {
      expect([answer.status, answer.json<{ detail: string }>().detail]).toEqual([status, expect.stringContaining(says)]);
    }
    expect(rig.chunks).toEqual([]);
    const digest = `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
    expect((await put(path, bytes, { 'repr-digest': digest, expect: '100-continue', 'content-length': '5000' })).status).toBe(204);
    expect(rig.chunks.map(([index]) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(Buffer.concat(rig.chunks.map(([, piece]) => piece)).equals(bytes)).toBe(true);
    // The answer was lost: the same again is welcome, and changes nothing.
    expect((await put(path, noise(5_000, 'another'))).status).toBe(204);
    expect(rig.chunks).toHaveLength(5);
    expect(await readdir(rig.folder.of('.uploads'))).toEqual([]);
    expect((await fetchIt('https')).status).toBe(409);
  });

  it('says what an agent says', async () => {
    const id = await rig.opened();
    const evidence = await announce(id, noise(10, 'a'));
    const says = 'estate/box refuses fetch: fetch is not allowed here';
    rig.refuse(says);
    const answer = await rig.ask(`/cases/${id}/evidence/${evidence}/fetch`, { method: 'POST', body: '{}' });
    expect([answer.status, answer.json<{ detail: string }>().detail]).toEqual([502, says]);
  });

  it('asks for no file without its manifest', async () => {
    const named = ulid();
    const id = await rig.opened('estate', [{ id: named, kind: 'clip' }]);
    const early = await rig.ask(`/cases/${id}/evidence/${named}/fetch`, { method: 'POST', body: '{"via":"https"}' });
    expect([early.status, early.json<{ detail: string }>().detail]).toEqual([
      409,
      expect.stringContaining('its manifest has not come yet'),
    ]);
  });
});
