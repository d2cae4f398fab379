import { z } from 'zod';
import type { Box } from '../../domain/geometry.js';
import { appearanceSchema, greySchema, writeAppearance, writeGrey } from '../common/appearance.js';
import { GRID } from '../common/surroundings.js';
import type { LookKnown, LooksKnown } from './watched.js';

/** One watched place, as it is remembered. */
export interface RememberedThing {
  readonly name: string;
  readonly box: Box;
  readonly looks: LooksKnown;
}

/** Looks at most: each is 8.5 kB of text, so that thirty things are remembered by day and by night; of what is beyond, how it looks is learnt anew. */
const MAX_LOOKS = 60;

const unit = z.number().min(0).max(1);
const lookKnownSchema = z.strictObject({ look: appearanceSchema, around: greySchema(GRID * GRID) });
const memorySchema = z.strictObject({
  version: z.literal(1),
  things: z
    .array(
      z.strictObject({
        name: z.string().max(64),
        box: z.tuple([unit, unit, unit, unit]),
        day: lookKnownSchema.nullable(),
        night: lookKnownSchema.nullable(),
      }),
    )
    .max(MAX_LOOKS),
});

/** As JSON takes it. */
export function writeMemory(things: readonly RememberedThing[]): unknown {
  let left = MAX_LOOKS;
  const written = (known: LookKnown | null) => {
    if (known === null || left === 0) return null;
    left--;
    return { look: writeAppearance(known.look), around: writeGrey(known.around.grey) };
  };
  return {
    version: 1,
    things: things
      .filter(({ looks: { day, night } }) => left > 0 && (day !== null || night !== null))
      .slice(0, MAX_LOOKS)
      .map(({ name, box: { x1, y1, x2, y2 }, looks }) => ({
        ...{ name, box: [x1, y1, x2, y2] },
        ...{ day: written(looks.day), night: written(looks.night) },
      })),
  };
}

/** What {@link writeMemory} gave; nothing of what is not of that form. */
export function readMemory(memory: unknown): readonly RememberedThing[] {
  const known = memorySchema.safeParse(memory);
  if (!known.success) return [];
  const read = (kept: { readonly look: Uint8Array; readonly around: Uint8Array } | null): LookKnown | null =>
    kept === null ? null : { look: kept.look, around: { columns: GRID, rows: GRID, grey: Float32Array.from(kept.around) } };
  return known.data.things.map(({ name, box: [x1, y1, x2, y2], day, night }) => ({
    ...{ name, box: { x1, y1, x2, y2 } },
    looks: { day: read(day), night: read(night) },
  }));
}
