import { z } from 'zod';
import { integer, oneOf, text } from '../../domain/option/schema.js';
import type { EventMessage } from '../../domain/wire/event.js';

/**
 * A city's own codes for incident types: a YAML file that the city keeps. The first row that fits an event gives its code.
 */

/** A type as rules are called, or `*` for any. */
const typePattern = /^(\*|[a-z][a-z0-9_]{0,63})$/;

const rowSchema = z
  .strictObject({
    type: text({
      about: 'Incident type, such as `thrown_object`; `*`: any.',
      max: 64,
      pattern: typePattern,
      form: "an incident type such as 'thrown_object', or '*'",
    }),
    labels: z
      .array(text({ about: 'A label.', max: 64 }))
      .min(1)
      .max(64)
      .meta({ description: 'The event must bear one of these labels; null: any or none.' })
      .nullable()
      .default(null),
    severity: oneOf(['info', 'warning', 'critical'], { about: 'Severity that the event must have; null: any.' }).nullable().default(null),
    code: text({ about: 'The city’s code. Quote digits: "0506".', max: 64 }),
    name: text({ about: 'What the code stands for, in the city’s own language.', max: 200 }).nullable().default(null),
  })
  .meta({ description: 'A row.' });

export const categoryFileSchema = z
  .strictObject({
    version: integer({ about: 'Version of this form.', min: 1, max: 1, unit: 'version' }).default(1),
    name: text({ about: 'What the codes belong to, for people.', max: 200 }).nullable().default(null),
    categories: z.array(rowSchema).min(1).max(10_000).meta({ description: 'Rows; the first that fits counts.' }),
  })
  .meta({ description: 'Codes of incident types.' });

export type CategoryFile = z.output<typeof categoryFileSchema>;
type Row = CategoryFile['categories'][number];

export interface CategoryTable {
  /** The code of an event; `null` where no row fits. */
  codeOf(event: Pick<EventMessage, 'type' | 'labels' | 'severity'>): string | null;
  /** What the code of a type stands for; `null` where no row says. Cities number events and components apart, so a code alone is not enough. */
  nameOf(type: string, code: string): string | null;
}

/** @example createCategoryTable(file).codeOf({ type: 'illegal_parking', labels: ['bicycle'], severity: 'info' }) // '0506' */
export function createCategoryTable({ categories }: CategoryFile): CategoryTable {
  const isOf = (row: Row, type: string): boolean => row.type === '*' || row.type === type;
  return {
    codeOf({ type, labels, severity }) {
      const row = categories.find(
        (one) =>
          isOf(one, type) &&
          (one.severity === null || one.severity === severity) &&
          (one.labels === null || one.labels.some((label) => labels.includes(label))),
      );
      return row?.code ?? null;
    },
    nameOf: (type, code) => categories.find((row) => row.code === code && row.name !== null && isOf(row, type))?.name ?? null,
  };
}

/**
 * Rows that no event can reach, since an earlier one takes all of theirs: nearly always an order that was meant the other way round.
 *
 * @returns for each, its index and that of the row which hides it.
 */
export function hiddenRows({ categories }: CategoryFile): readonly (readonly [hidden: number, by: number])[] {
  return categories.flatMap((row, i) => {
    const by = categories.slice(0, i).findIndex((earlier) => takesAllOf(earlier, row));
    return by < 0 ? [] : [[i, by] as const];
  });
}

function takesAllOf(earlier: Row, row: Row): boolean {
  const { labels } = earlier;
  return (
    (earlier.type === '*' || earlier.type === row.type) &&
    (earlier.severity === null || earlier.severity === row.severity) &&
    (labels === null || (row.labels?.every((label) => labels.includes(label)) ?? false))
  );
}
