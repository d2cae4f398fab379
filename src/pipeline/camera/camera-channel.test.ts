import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { cameraConfigSchema } from '../../config/index.js';
import type { Incident } from '../../domain/incident.js';
import { systemClock } from '../../platform/clock.js';
import { ffmpeg } from '../../testing/clips.js';
import { makeTestFolder, silentLogger, until } from '../../testing/delivery-fixtures.js';
import { rtspServerInstalled, startRtspServer } from '../../testing/rtsp-server.js';
import { createFigureTally } from '../figures/figure-tally.js';

/** Its threads run compiled code; vitest's global set-up builds it. */
const built = new URL('../../../dist/pipeline/', import.meta.url);
const { createCameraChannel } = (await import(new URL('camera/camera-channel.js', built).href)) as typeof import('./camera-channel.js');
const { loadKernels } = (await import(new URL('stages/load-kernels.js', built).href)) as typeof import('../stages/load-kernels.js');

/** Half a minute of a street with a thing in it for some of the time. @param there when, as ffmpeg says it. */
const film = (path: string, there: string): Promise<void> =>
  ffmpeg(
    ...['-f', 'lavfi', '-i', 'smptehdbars=s=320x180:r=10:d=30', '-vf'],
    `drawbox=x=60:y=60:w=24:h=20:color=black:t=fill:enable='${there}',noise=alls=8:allf=t`,
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '10', path],
  );

test.runIf(rtspServerInstalled())('what a real camera’s rules have open goes on while it is away, and ends when it is over', async () => {
  await using folder = await makeTestFolder();
  await film(folder.of('taken.mp4'), 'lt(t,7)');
  await film(folder.of('back.mp4'), 'gt(t,8)');
  await using server = await startRtspServer({ path: folder.of('taken.mp4'), lengthS: 30 });
  const camera = cameraConfigSchema.parse({
    ...{ id: 'gate', source: { url: server.url, stall: '5 s' } },
    rules: [{ type: 'removed_object', after: '1 s' }],
  });
  const found: { readonly incident: Incident; readonly connectionId: string | null }[] = [];
  const clock = systemClock;
  const channel = createCameraChannel({
    ...{ camera, kernels: await loadKernels(), ring: null, clock, logger: silentLogger(), eyes: null },
    teaching: () => ({ lessons: [], nowMs: 0 }),
    ...{ memories: () => ({}), open: () => [], onMemories: () => undefined },
    tally: createFigureTally({ camera, known: {}, now: () => clock.now() }),
    onIncident: (one) => found.push(one),
    ...{ onState: () => undefined, onCrash: () => expect.unreachable('the thread was lost') },
    threadUrl: new URL('camera/camera-thread.js', built),
  });
  const stop = new AbortController();
  const run = channel.run(stop.signal);
  await until('the thing is missed', () => found.length === 1);
  await server.kill();
  await until('the camera is away', () => channel.state().state === 'offline');
  await wait(10_000);
  expect(found).toHaveLength(1);
  await server.show(folder.of('back.mp4'));
  await server.start();
  await until('the thing is back', () => found.length === 2);
  stop.abort();
  await run;
  const [begun, ended] = found.map(({ incident }) => incident);
  expect(found.map(({ incident: { phase, id } }) => [phase, id])).toEqual([
    ['new', begun?.id],
    ['end', begun?.id],
  ]);
  expect(found[0]?.connectionId).not.toBe(found[1]?.connectionId);
  expect(ended?.reasons.map(({ criterion }) => criterion)).toEqual(['seconds_missing', 'seen_taken']);
  // The time of day, not that of the pictures: it was away for more than ten seconds, and back for some eight.
  expect((ended?.endedAtMs ?? 0) - (begun?.startedAtMs ?? 0)).toBeGreaterThan(18_000);
});
