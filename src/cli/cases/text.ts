import { describeEvent } from '../../domain/event-words.js';
import type { CaseFileMessage, CaseMessage } from '../../domain/wire/case-file.js';
import { eventSchema } from '../../domain/wire/event.js';
import { formatBytes } from '../shared/words.js';

/** Cases as a person reads them. */

/** A table, columns as wide as they must be. Ends with a line break. */
export function caseTable(cases: readonly CaseMessage[]): string {
  const rows = cases.map((one) => [
    one.id,
    one.state,
    one.severity,
    one.type.replaceAll('_', ' '),
    one.category?.code ?? '–',
    `${one.site}/${one.agent}/${one.camera}`,
    one.started_at.slice(0, 16).replace('T', ' '),
  ]);
  const head = ['CASE', 'STATE', 'SEVERITY', 'TYPE', 'CODE', 'CAMERA', 'BEGAN (UTC)'];
  return aligned([head, ...rows]);
}

/**
 * One case, with its history and its evidence. Ends with a line break.
 *
 * @param places where the files are that have come whole, by the id of the evidence.
 */
export function caseSheet(file: CaseFileMessage, places: ReadonlyMap<string, string>): string {
  const { category, place } = file;
  const facts = [
    ['case', file.id],
    ['state', `${file.state}, since ${file.changed_at}`],
    ['may become', file.moves.length === 0 ? 'nothing more' : file.moves.join(', ')],
    ['what', whatOf(file)],
    ['code', category === null ? '–' : `${category.code}${category.name === null ? '' : ` ${category.name}`}`],
    ['camera', `${file.site}/${file.agent}/${file.camera}`],
    [
      'place',
      place === null ? (file.address ?? '–') : `${place.coordinates.join(', ')}${file.address === null ? '' : `, ${file.address}`}`,
    ],
    ['began', file.started_at],
    ['opened', file.opened_at],
    ...(file.hold === true ? [['hold', 'its evidence stays at the agent whatever becomes of it']] : []),
  ];
  const history = file.history.map(({ at, from, to, by, note, evidence, hold }) => [
    at,
    hold === undefined ? (from === to ? 'noted' : to) : hold ? 'held' : 'released',
    by,
    [note, evidence === null ? null : `picture ${evidence}`].filter((part) => part !== null).join('; '),
  ]);
  return [aligned(facts), `\nhistory\n${aligned(history)}`, `\nevidence\n${evidenceLines(file, places)}`].join('');
}

/** A line a file, and below it where it is. */
function evidenceLines({ evidence }: CaseFileMessage, places: ReadonlyMap<string, string>): string {
  if (evidence.length === 0) return 'none yet\n';
  const lines = aligned(evidence.map(({ id, kind, bytes, status, sha256 }) => [id, kind, formatBytes(bytes), status, sha256])).split('\n');
  return lines
    .flatMap((line, i) => {
      const place = places.get(evidence[i]?.id ?? '');
      return place === undefined ? [line] : [line, `  ${plain(place)}`];
    })
    .join('\n');
}

function whatOf({ event, type, verdict }: CaseFileMessage): string {
  const parsed = eventSchema.safeParse(event);
  return parsed.success ? describeEvent(parsed.data) : `${type.replaceAll('_', ' ')} (${verdict})`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(plain));
  const widths: number[] = [];
  for (const row of shown) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return shown
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** On one line, and nothing that a terminal would obey: names and notes come from outside. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
