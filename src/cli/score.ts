import { resolve } from 'node:path';
import type { Command } from 'commander';
import { matchClip } from '../core/scoring/match.js';
import { scoreClips } from '../core/scoring/score.js';
import { AgentError } from '../platform/errors.js';
import { type CommandContext, createCommand } from './context.js';
import { findPairs, readEvents, readPairs, readTruth } from './score/files.js';
import { formatScore } from './score/table.js';

/** `parapet score`: sets events against what really happened. */
export function createScoreCommand(context: CommandContext): Command {
  return createCommand(
    'score [events] [truth]',
    'Measures events against the truth of rendered scenes: recall, precision, false alarms an hour, floor, unit, landing, weight.',
    'parapet score events.jsonl truth.json\nparapet score runs/ scenes/ --json\nparapet score --pairs list.txt',
  )
    .option('--pairs <file>', 'list of clips: a line with the path of the events and the path of the truth')
    .option('--json', 'print the figures as JSON')
    .action((events: string | undefined, truth: string | undefined, options: { readonly pairs?: string; readonly json?: true }) => {
      if (options.pairs !== undefined ? events !== undefined : truth === undefined) {
        throw new AgentError('BAD_USAGE', 'expected EVENTS and TRUTH (two files or two folders), or --pairs FILE alone');
      }
      const at = (path: string): string => resolve(context.cwd, path);
      const pairs = options.pairs !== undefined ? readPairs(at(options.pairs)) : findPairs(at(events ?? ''), at(truth ?? ''));
      const score = scoreClips(pairs.map((pair) => matchClip(readTruth(pair.truthPath), readEvents(pair.eventsPath))));
      context.stdout.write(options.json === true ? `${JSON.stringify(score, null, 2)}\n` : formatScore(score));
    });
}
