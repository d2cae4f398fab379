import { expect, it } from 'vitest';
import { createLogger } from '../../platform/logger.js';
import { warnOfPictures } from './picture-warnings.js';

/** Events that are logged when asking whether text can be drawn comes to this. */
async function eventsOf(answer: () => Promise<boolean>, signal: AbortSignal): Promise<string[]> {
  const events: string[] = [];
  const logger = createLogger('info', { write: (line) => void events.push((JSON.parse(line) as { event: string }).event) });
  await warnOfPictures({ canDrawText: answer }, logger, signal);
  return events;
}

it.each([
  ['text can be drawn', async () => true, AbortSignal.timeout(60_000), []],
  ['there is no font', async () => false, AbortSignal.timeout(60_000), ['no-fonts']],
  ['the process that makes them dies', () => Promise.reject(new Error('killed')), AbortSignal.timeout(60_000), ['no-pictures']],
  ['the agent is being ended', () => Promise.reject(new Error('killed')), AbortSignal.abort(), []],
])('says what is wrong: %s', async (_, answer, signal, events) => {
  expect(await eventsOf(answer, signal)).toEqual(events);
});
