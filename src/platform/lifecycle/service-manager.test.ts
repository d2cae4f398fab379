import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingLogger, until } from '../../testing/delivery-fixtures.js';
import { type NotifySocket, notifyInstalled, openNotifySocket } from '../../testing/service-manager.js';
import { createTestClock } from '../../testing/test-clock.js';
import { createServiceManager, type ServiceManager } from './service-manager.js';

const PID = 4711;
const THIRTY_SECONDS = String(30_000_000);

describe('without systemd', () => {
  const create = (env: Record<string, string>): ServiceManager | null =>
    createServiceManager({ env, pid: PID, clock: createTestClock(), logger: recordingLogger().logger });

  it('there is nobody to tell', () => {
    expect(create({})).toBeNull();
    expect(create({ NOTIFY_SOCKET: '' })).toBeNull();
  });

  it.each([
    ['none is set', {}, null],
    ['it is meant for this process', { WATCHDOG_USEC: THIRTY_SECONDS, WATCHDOG_PID: String(PID) }, 30_000],
    ['it is meant for whoever reads it', { WATCHDOG_USEC: THIRTY_SECONDS }, 30_000],
    ['it is meant for another process', { WATCHDOG_USEC: THIRTY_SECONDS, WATCHDOG_PID: '1' }, null],
    ['it is nonsense', { WATCHDOG_USEC: 'soon' }, null],
  ])('the watchdog when %s', (_name, env, watchdogMs) => {
    expect(create({ NOTIFY_SOCKET: '/nowhere', ...env })?.watchdogMs).toBe(watchdogMs);
  });
});

describe.skipIf(!notifyInstalled())('systemd', () => {
  let socket: NotifySocket;
  beforeEach(async () => {
    socket = await openNotifySocket();
  });
  afterEach(() => socket[Symbol.asyncDispose]());

  it('hears of the start, of life twice in each of its times, and of the end; and nothing while something is stuck', async () => {
    const clock = createTestClock();
    const log = recordingLogger();
    const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: THIRTY_SECONDS };
    const manager = createServiceManager({ env, pid: PID, clock, logger: log.logger });
    if (manager === null) throw new TypeError('there is a socket, so there is a manager');
    const heard = (): string[] => socket.messages().map(({ text }) => text);
    await manager.ready();
    expect(heard()).toEqual(['READY=1']);

    let stuck: string[] = [];
    const stop = new AbortController();
    const watching = manager.watch(() => stuck, stop.signal);
    for (let pings = 1; pings <= 3; pings++) {
      await until('it is told', () => heard().length === 1 + pings && clock.waiting() === 1);
      await clock.advance(14_999);
      expect(heard()).toHaveLength(1 + pings);
      await clock.advance(1);
    }
    await until('it is told', () => heard().length === 5 && clock.waiting() === 1);
    stuck = ['camera gate'];
    await clock.advance(60_000);
    expect(heard()).toHaveLength(5);
    expect(log.lines()).toContainEqual(expect.objectContaining({ event: 'watchdog-held', msg: expect.stringContaining('camera gate') }));
    stuck = [];
    await clock.advance(15_000);
    await until('it is told again', () => heard().length === 6);
    stop.abort();
    await watching;
    await manager.stopping();
    expect(heard()).toEqual(['READY=1', ...Array.from({ length: 5 }, () => 'WATCHDOG=1'), 'STOPPING=1']);
  });

  it('that is gone harms nobody', async () => {
    const log = recordingLogger();
    const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: `${socket.path}-gone`, WATCHDOG_USEC: THIRTY_SECONDS };
    await createServiceManager({ env, pid: PID, clock: createTestClock(), logger: log.logger })?.ready();
    expect(log.lines()).toMatchObject([{ event: 'service-manager-unheard' }]);
  });
});
