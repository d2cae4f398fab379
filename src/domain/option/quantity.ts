/**
 * Quantities as people write them in a config: `"60 s"`, `"2.9 m"`, `"10 GB"`, `"2 Mbit/s"`. One table says which units exist.
 */

export type QuantityKind = 'duration' | 'length' | 'size' | 'rate';

interface Quantity {
  /** Unit of a bare number. */
  readonly bare: string;
  /** Unit of the parsed value. */
  readonly base: string;
  /** Base units in one of each unit, as a fraction, so that "290 cm" is exactly 2.9 m. Smallest first. */
  readonly units: Readonly<Record<string, readonly [numerator: number, denominator: number]>>;
}

const quantities: Readonly<Record<QuantityKind, Quantity>> = {
  duration: { bare: 's', base: 'ms', units: { ms: [1, 1], s: [1000, 1], min: [60_000, 1], h: [3_600_000, 1], d: [86_400_000, 1] } },
  length: { bare: 'm', base: 'm', units: { mm: [1, 1000], cm: [1, 100], m: [1, 1], km: [1000, 1] } },
  size: {
    bare: 'B',
    base: 'B',
    units: {
      B: [1, 1],
      kB: [1e3, 1],
      KiB: [1024, 1],
      MB: [1e6, 1],
      MiB: [1024 ** 2, 1],
      GB: [1e9, 1],
      GiB: [1024 ** 3, 1],
      TB: [1e12, 1],
      TiB: [1024 ** 4, 1],
    },
  },
  rate: {
    bare: 'B/s',
    base: 'B/s',
    units: {
      'B/s': [1, 1],
      'kbit/s': [125, 1],
      'kB/s': [1e3, 1],
      'Mbit/s': [125e3, 1],
      'MB/s': [1e6, 1],
      'Gbit/s': [125e6, 1],
    },
  },
};

const quantityKinds: ReadonlySet<string> = new Set(Object.keys(quantities));

/** Whether a kind of value is written with a unit. */
export function isQuantityKind(kind: string): kind is QuantityKind {
  return quantityKinds.has(kind);
}

/** The units that a kind of quantity may be written in, smallest first. */
export function quantityUnits(kind: QuantityKind): readonly string[] {
  return Object.keys(quantities[kind].units);
}

/**
 * Reads a quantity. Durations come out in milliseconds, lengths in metres, sizes in bytes, rates in bytes a second; a bare
 * number means seconds, metres, bytes or bytes a second. `null` when the text is not a quantity of this kind; never negative.
 *
 * @example parseQuantity('duration', '2 min') // 120_000
 * @example parseQuantity('length', 2.9) // 2.9
 * @example parseQuantity('size', '512 MiB') // 536_870_912
 * @example parseQuantity('rate', '2 Mbit/s') // 250_000
 */
export function parseQuantity(kind: QuantityKind, input: string | number): number | null {
  const { units, bare } = quantities[kind];
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*(?:\/s)?)$/i.exec(String(input).trim());
  if (match?.[1] === undefined) return null;
  const name = match[2] === '' || match[2] === undefined ? bare : unitNamed(units, match[2]);
  const factor = name === undefined ? undefined : units[name];
  if (factor === undefined) return null;
  const value = (Number(match[1]) * factor[0]) / factor[1];
  return kind === 'size' || kind === 'rate' ? Math.round(value) : value;
}

/**
 * Writes a quantity in the unit that makes it shortest; reading it again gives the same value.
 *
 * @example formatQuantity('duration', 120_000) // '2 min'
 * @example formatQuantity('duration', 1500) // '1.5 s'
 */
export function formatQuantity(kind: QuantityKind, value: number): string {
  const { units, base, bare } = quantities[kind];
  if (value === 0) return `0 ${bare}`;
  let best: string | null = null;
  for (const [name, [numerator, denominator]] of Object.entries(units)) {
    const count = (value * denominator) / numerator;
    const text = `${count} ${name}`;
    if (count >= 1 && text.length <= (best ?? text).length && parseQuantity(kind, text) === value) best = text;
  }
  return best ?? `${value} ${base}`;
}

/** Units are matched exactly, then without regard to case ("5 S", "10 gb"). */
function unitNamed(units: Quantity['units'], text: string): string | undefined {
  if (text in units) return text;
  return Object.keys(units).find((name) => name.toLowerCase() === text.toLowerCase());
}
