import { execFile } from 'node:child_process';
import { createAggregatedWarning } from '../aggregated-warning.js';
import type { Clock } from '../clock.js';
import { errorMessage } from '../errors.js';
import type { Logger } from '../logger.js';
import { runPeriodically } from '../time/periodic.js';

/**
 * The service manager that has started this process and wants to hear of it: systemd with `Type=notify`. With `WatchdogSec=` it kills and
 * restarts a process of which it hears nothing for so long: one whose event loop is blocked says nothing.
 */
export interface ServiceManager {
  /** The watchdog's time, milliseconds; `null` when none is set. */
  readonly watchdogMs: number | null;
  /** What starts with it may start now. */
  ready(): Promise<void>;
  /** The end has begun; from now on only the time for the end counts. */
  stopping(): Promise<void>;
  /**
   * Reports life twice in each of the watchdog's times, until the signal aborts.
   *
   * @param stuck what does not move although it should; while there is any, nothing is reported, and the manager restarts the process.
   */
  watch(stuck: () => readonly string[], signal: AbortSignal): Promise<void>;
}

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID count. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reports to the manager must be through after this, milliseconds; they take some 5. */
const NOTIFY_TIMEOUT_MS = 5_000;

/**
 * The manager, or `null` when none wants to hear. What it is told goes by systemd's own `systemd-notify`: Node has no datagram sockets of
 * the local kind. The unit must say `NotifyAccess=all`, since that is another process than the service's main one.
 */
export function createServiceManager(options: ServiceManagerOptions): ServiceManager | null {
  const { env, pid, clock, logger } = options;
  const socket = env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return null;
  const unheard = createAggregatedWarning(
    logger,
    clock,
    'service-manager-unheard',
    'systemd could not be told; without word it restarts the agent',
  );
  const held = createAggregatedWarning(logger, clock, 'watchdog-held', 'the watchdog is told nothing, and will restart the agent');
  const watchdogMs = watchdogTime(env, pid);

  function tell(...assignments: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      // Nothing of this process's environment but what it needs.
      const child = { env: { PATH: env['PATH'], NOTIFY_SOCKET: socket }, timeout: NOTIFY_TIMEOUT_MS };
      execFile('systemd-notify', assignments, child, (error) => {
        if (error !== null) unheard(errorMessage(error));
        resolve();
      });
    });
  }

  return {
    watchdogMs,
    ready: () => tell('READY=1'),
    stopping: () => tell('STOPPING=1'),
    async watch(stuck, signal) {
      if (watchdogMs === null) return;
      logger.info({ event: 'watchdog', everyMs: watchdogMs / 2 }, `reports to systemd's watchdog of ${watchdogMs / 1000} s`);
      await runPeriodically({
        name: "reporting to systemd's watchdog",
        everyMs: watchdogMs / 2,
        work: async () => {
          const names = stuck();
          if (names.length > 0) held(`no step forward: ${names.join(', ')}`);
          else await tell('WATCHDOG=1');
        },
        clock,
        logger,
        signal,
      });
    },
  };
}

/** systemd gives the time in microseconds, and may say for which process it is meant. */
function watchdogTime(env: ServiceManagerOptions['env'], pid: number): number | null {
  const usec = Number(env['WATCHDOG_USEC'] ?? '');
  const meant = env['WATCHDOG_PID'];
  if (!(usec > 0) || (meant !== undefined && Number(meant) !== pid)) return null;
  return usec / 1000;
}
