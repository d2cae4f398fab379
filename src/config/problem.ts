import { AgentError, type ErrorCode } from '../platform/errors.js';
import { redactUrls } from '../platform/redact.js';

/** One thing that is wrong with a config. `text` is one line: where, which key, what was expected. */
export interface Problem {
  readonly code: ErrorCode & `CONFIG_${string}`;
  readonly text: string;
  /** Where in the file, from 1; absent for what does not stand in it. */
  readonly at?: { readonly line: number; readonly column: number } | undefined;
}

/** Longest value that a message repeats, characters: enough to recognise it, short enough for one line. */
const SHOWN_CHARACTERS = 60;

/** Codes from the most basic trouble to the least: the first that occurs is the code of the error. */
const byWeight = ['CONFIG_NOT_FOUND', 'CONFIG_SYNTAX', 'CONFIG_INVALID', 'CONFIG_SECRET_MISSING'] as const;

/** One error of all problems, one line each: those of the file in its order, then the others. */
export function configError(problems: readonly Problem[]): AgentError {
  const code = byWeight.find((candidate) => problems.some((problem) => problem.code === candidate)) ?? 'CONFIG_INVALID';
  const lineOf = ({ at }: Problem): number => at?.line ?? Number.MAX_SAFE_INTEGER;
  const sorted = problems.toSorted((a, b) => lineOf(a) - lineOf(b) || (a.at?.column ?? 0) - (b.at?.column ?? 0));
  return new AgentError(code, redactUrls(sorted.map((problem) => problem.text).join('\n')));
}

/** A value as a message may repeat it: short, on one line, credentials in URLs hidden. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') {
    const line = redactUrls(value).replace(/\p{Cc}+/gu, ' ');
    return `'${line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line}'`;
  }
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map of keys';
  return `${typeof value === 'number' ? 'the number ' : ''}${String(value)}`;
}
