import { z } from 'zod';
import { parseQuantity, type QuantityKind } from './quantity.js';

/**
 * Makers of config leaves. Each carries what people need to know (purpose, unit, bounds) as metadata; error messages, the
 * example file, the documentation table and the JSON Schema are all written from it.
 */

/** What a leaf says of itself. Bounds are written as in a config: `5`, `'60 s'`. */
export interface LeafMeta {
  readonly kind: 'text' | 'number' | 'integer' | 'flag' | 'one-of' | QuantityKind;
  readonly unit?: string | undefined;
  readonly min?: number | string | undefined;
  readonly max?: number | string | undefined;
  readonly values?: readonly string[] | undefined;
  /** What a text must look like, in words. */
  readonly form?: string | undefined;
  /** What to say of a text that does not fit: how it was probably meant; `null` when nobody can tell. */
  readonly mend?: ((value: string) => string | null) | undefined;
  /** Hidden wherever a config is shown; may be given as `file:/path`. */
  readonly secret?: boolean | undefined;
  /** The value names something that must exist in the same camera. */
  readonly refersTo?: NamedInCamera | undefined;
}

/** Places of a camera that other options name. */
export type NamedInCamera = 'zones' | 'lines';

declare module 'zod' {
  interface GlobalMeta {
    leaf?: LeafMeta;
  }
}

/** A number between bounds, in the unit given (`'fraction'`, `'floors'`, `'fps'`, …). */
export function number(o: { about: string; min: number; max: number; unit: string }) {
  const leaf: LeafMeta = { kind: 'number', unit: o.unit, min: o.min, max: o.max };
  return z.number().min(o.min).max(o.max).meta({ description: o.about, leaf });
}

/** A whole number between bounds. */
export function integer(o: { about: string; min: number; max: number; unit: string }) {
  const leaf: LeafMeta = { kind: 'integer', unit: o.unit, min: o.min, max: o.max };
  return z.int().min(o.min).max(o.max).meta({ description: o.about, leaf });
}

/** A switch. */
export function flag(o: { about: string }) {
  return z.boolean().meta({ description: o.about, leaf: { kind: 'flag' } });
}

/** One word of a closed list. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T, o: { about: string }) {
  return z.enum(values).meta({ description: o.about, leaf: { kind: 'one-of', values } });
}

interface TextOptions {
  readonly about: string;
  readonly max: number;
  readonly pattern?: RegExp;
  /** Says in words what `pattern` asks for. */
  readonly form?: string;
  readonly mend?: LeafMeta['mend'];
  readonly secret?: boolean;
  readonly refersTo?: NamedInCamera;
}

/** Text of 1 to `max` characters. */
export function text(o: TextOptions) {
  const leaf: LeafMeta = { kind: 'text', max: o.max, form: o.form, mend: o.mend, secret: o.secret, refersTo: o.refersTo };
  const schema = z.string().min(1).max(o.max);
  return (o.pattern === undefined ? schema : schema.regex(o.pattern)).meta({ description: o.about, leaf });
}

/**
 * A name that ends up in MQTT topics, file names and environment variables: hence letters, digits, `-` and `_` alone.
 */
export function id(o: { about: string; refersTo?: NamedInCamera }) {
  const pattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
  return text({ ...o, max: 64, pattern, form: "letters, digits, '-' and '_', beginning with a letter or digit" });
}

/** A duration such as `"60 s"`, `"500 ms"`, `"2 min"`; a bare number means seconds. Resolves to milliseconds. */
export function duration(o: { about: string; min: string; max: string }) {
  return quantity('duration', o);
}

/** A length such as `"2.9 m"`; a bare number means metres. Resolves to metres. */
export function length(o: { about: string; min: string; max: string }) {
  return quantity('length', o);
}

/** A size such as `"10 GB"` or `"512 MiB"`; a bare number means bytes. Resolves to bytes. */
export function size(o: { about: string; min: string; max: string }) {
  return quantity('size', o);
}

/** A rate such as `"2 Mbit/s"` or `"500 kB/s"`; a bare number means bytes a second. Resolves to bytes a second. */
export function rate(o: { about: string; min: string; max: string }) {
  return quantity('rate', o);
}

function quantity(kind: QuantityKind, o: { about: string; min: string; max: string }) {
  const min = bound(kind, o.min);
  const max = bound(kind, o.max);
  return z
    .union([z.string(), z.number()])
    .transform((input, context): number => {
      const value = parseQuantity(kind, input);
      if (value !== null && value >= min && value <= max) return value;
      context.addIssue({ code: 'custom', message: `expected a ${kind} from ${o.min} to ${o.max}` });
      return z.NEVER;
    })
    .meta({ description: o.about, leaf: { kind, min: o.min, max: o.max } });
}

function bound(kind: QuantityKind, written: string): number {
  const value = parseQuantity(kind, written);
  if (value === null) throw new RangeError(`not a ${kind}: ${written}`);
  return value;
}
