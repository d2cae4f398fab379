import { ulid } from 'ulid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { centreStatusSchema } from '../../domain/wire/centre-status.js';
import { describeCentreDatabases } from '../../testing/centre-databases.js';
import { type CentreRig, LOOKER, startCentreRig } from '../../testing/centre-rig.js';
import { startCentreServer } from './centre-server.js';

describeCentreDatabases('a centre over HTTP', (databases) => {
  let rig: CentreRig;
  beforeEach(async () => {
    rig = await startCentreRig(databases);
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  it('asks for a token everywhere but for its health, and tells strangers no reasons', async () => {
    const id = await rig.opened();
    for (const path of ['/cases', `/cases/${id}`, '/metrics', '/status', '/nothing', `/cases/${id}/evidence/${ulid()}`]) {
      for (const token of [null, 'wrong-token-0123456789']) {
        const answer = await rig.ask(path, { token });
        expect(answer.status).toBe(401);
        expect(answer.headers['www-authenticate']).toContain('Bearer');
      }
    }
    const health = await rig.ask('/healthz', { token: null });
    expect(health.json()).toEqual({
      ok: true,
      version: '1',
      uptime_s: 12,
      broker: { ok: false, reason: null },
      store: { ok: true, reason: null },
    });
    expect((await rig.ask('/healthz', { token: 'wrong-token-0123456789' })).status).toBe(401);
    const tries = await Promise.all(Array.from({ length: 20 }, () => rig.ask('/cases', { token: 'wrong-token-0123456789' })));
    expect(tries.some(({ status }) => status === 429)).toBe(true);
    // Whoever knows the token does not suffer by it.
    expect((await rig.ask('/cases')).status).toBe(200);
    for (const { status, headers } of [health, ...tries]) {
      expect(status).toBeLessThan(500);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('says what it has, lacks and has lost, to whoever sees all sites', async () => {
    await rig.database.write(async (sql) => {
      const camera = ['estate', 'box', 'tower'] as const;
      await sql.run('INSERT INTO camera (site, agent, camera, highest, missed, filled, lost) VALUES (?, ?, ?, 9, 6, 1, 3)', ...camera);
      await sql.run(
        'INSERT INTO gap (site, agent, camera, first_seq, last_seq, opened_at_ms, asks, ask_at_ms) VALUES (?, ?, ?, 4, 5, 1000, 2, 0)',
        ...camera,
      );
      await sql.run(
        'INSERT INTO lost_event (site, agent, camera, first_seq, last_seq, at_ms, reason) VALUES (?, ?, ?, 6, 8, 2000, ?)',
        ...camera,
        'the incident has been forgotten',
      );
    });
    const tower = { site: 'estate', agent: 'box', camera: 'tower' };
    expect(centreStatusSchema.parse((await rig.ask('/status')).json())).toEqual({
      schema: 'parapet/centre-status/v1',
      ...{ cameras: 1, skipped: 6, filled: 1, lost: 3, missing: 2, evidence_under_way: 0 },
      gaps: [{ ...tower, first_seq: 4, last_seq: 5, since: '1970-01-01T00:00:01.000Z', asks: 2 }],
      lost_events: [{ ...tower, first_seq: 6, last_seq: 8, at: '1970-01-01T00:00:02.000Z', reason: 'the incident has been forgotten' }],
    });
    const refused = await rig.ask('/status', { token: LOOKER });
    expect([refused.status, refused.json<{ detail: string }>().detail]).toEqual([403, expect.stringContaining('one that sees all')]);
  });

  it('counts for Prometheus, and shows no secret of a webhook', async () => {
    await rig.move(await rig.opened(), { state: 'accepted' });
    await rig.opened();
    const { status, body } = await rig.ask('/metrics');
    expect(status).toBe(200);
    expect(body.toString()).toContain('parapet_centre_cases{state="new"} 1\n');
    expect(body.toString()).toContain('parapet_centre_cases{state="accepted"} 1\n');
    expect(body.toString()).toContain('parapet_centre_webhooks_waiting{host="city.example"} 3\n');
    expect(body.toString()).not.toContain('hidden');
  });

  it('says where it cannot listen', async () => {
    const { host } = new URL(rig.url);
    await expect(startCentreServer({ ...rig.options, listen: host })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`receiver.http.listen ${host}: another program listens there`),
    });
  });
});
