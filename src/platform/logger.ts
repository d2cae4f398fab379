import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { redactUrls } from './redact.js';

export type { Logger };
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Keys whose values never reach a log, wherever one level deep they stand. */
const secretKeys = ['password', 'username', 'token', 'key', 'secret'];

/**
 * JSON lines on standard error. Each component takes a child (`logger.child({ component: 'uplink' })`, and
 * `{ camera, stage }` where there is one) and names what happened in `event`: `logger.warn({ event: 'stall' }, 'text')`.
 * Credentials are hidden, in URLs too.
 */
export function createLogger(level: LogLevel, stream: DestinationStream = destination({ dest: 2, sync: true })): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '***' },
      hooks: {
        streamWrite: redactUrls,
      },
    },
    stream,
  );
}
