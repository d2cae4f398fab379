import { type EnginePart, engineParts } from './profile.js';

/** What was measured of one video. Milliseconds are CPU time of one core for one picture. */
export interface SizeReport {
  /** Such as `1080p`, or the name of the file. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly pictures: number;
  /** Incidents that ended in it: most of the rules' work is for them, and in a test video they come far more often than in life. */
  readonly incidents: number;
  /** `ffmpeg -threads 1 -f null -`, the median of the pairs. */
  readonly decodeMs: number;
  /** What ffmpeg spends beyond that in handing the pictures over. */
  readonly handOverMs: number;
  /** What this program spends beside the engine: reading the pictures, threads, its main thread. */
  readonly restMs: number;
  readonly engineMs: number;
  readonly partsMs: Readonly<Record<EnginePart, number>>;
  readonly kernelsMs: Readonly<Record<string, number>>;
  /** ffmpeg and this program together. */
  readonly wholeMs: number;
  /** Whole ÷ decoding of each pair, and the median. */
  readonly pairs: readonly number[];
  readonly ratio: number;
  /** Pictures a second when nothing holds it back; wall clock. */
  readonly picturesPerS: number;
  /** How many times faster than the camera one core could run the engine alone. */
  readonly engineRealTime: number;
  /** Live cameras of this kind that fit on the machine: an estimate. */
  readonly camerasHere: number;
}

export interface BenchReport {
  readonly schema: 'parapet/bench/v1';
  /** UTC. */
  readonly at: string;
  readonly machine: {
    readonly cores: number;
    readonly model: string;
    readonly node: string;
    readonly ffmpeg: string;
    /** Load average of the last minute when it began. */
    readonly load: number;
  };
  readonly sizes: readonly SizeReport[];
}

/**
 * Share of all cores that cameras may take together. The rest is for evidence, delivery, the system, and for pictures that come in
 * bursts; nearer to 1 the first shower of rain makes cameras lag.
 */
const USABLE_SHARE = 0.75;

/** Cameras that fit: whole cameras, 0 when not even one does. @example camerasThatFit(2, 25, 5) // 12 */
export function camerasThatFit(cores: number, fps: number, wholeMs: number): number {
  return Math.floor((USABLE_SHARE * cores * 1000) / (fps * wholeMs));
}

/** The kernels that tell the foreground from the background, which other programs' background models are compared with. */
const FOREGROUND = ['detect', 'detectAndCompare', 'updateModel', 'label'];

const partNames: Readonly<Record<EnginePart, string>> = {
  kernels: 'motion kernels',
  motion: 'motion, around them',
  linking: 'linking',
  judging: 'rules',
  other: 'other',
};

type Row = readonly [name: string, cells: readonly string[], note: string] | null;

/** The report as a person reads it. */
export function formatReport({ machine, sizes }: BenchReport): string {
  const each = (cell: (size: SizeReport) => string): string[] => sizes.map(cell);
  const ms = (value: (size: SizeReport) => number): string[] => each((size) => value(size).toFixed(2));
  const foreground = (size: SizeReport): number => FOREGROUND.reduce((sum, name) => sum + (size.kernelsMs[name] ?? 0), 0);
  const rows: Row[] = [
    ['', each(({ name }) => name), ''],
    ['', each(({ width, height }) => `${width}×${height}`), ''],
    null,
    ['decoding alone', ms(({ decodeMs }) => decodeMs), 'ffmpeg -threads 1 -i VIDEO -f null -'],
    ['out of ffmpeg', ms(({ handOverMs }) => handOverMs), 'luma into the pipes; decoding with more threads above 1080p'],
    ['into the program', ms(({ restMs }) => restMs), 'read from the pipes; threads and their start'],
    ...engineParts
      .filter((part) => part !== 'other')
      .map((part): Row => [partNames[part], ms(({ partsMs }) => partsMs[part]), part === 'judging' ? incidentsNote(sizes) : '']),
    ['whole', ms(({ wholeMs }) => wholeMs), 'ffmpeg and Parapet'],
    ['whole ÷ decoding', each(({ ratio }) => ratio.toFixed(2)), pairsNote(sizes[0]?.pairs.length ?? 0)],
    ['  lowest to highest', each(({ pairs }) => `${Math.min(...pairs).toFixed(2)}–${Math.max(...pairs).toFixed(2)}`), ''],
    null,
    ['foreground kernels', ms(foreground), 'a background model and its components, in one pass with comparing pictures'],
    ['engine × real time', each(({ engineRealTime }) => engineRealTime.toFixed(0)), 'on one core beside decoding'],
    ['pictures a second', each(({ picturesPerS }) => picturesPerS.toFixed(0)), 'one file, as fast as it goes'],
    ['cameras here', each(({ camerasHere }) => String(camerasHere)), estimateNote(machine.cores, sizes)],
  ];
  const head = `${machine.model}, ${machine.cores} cores, node ${machine.node}, ffmpeg ${machine.ffmpeg}, load ${machine.load.toFixed(1)}`;
  return `${head}\nmilliseconds of one core a picture\n\n${formatRows(rows)}`;
}

const pairsNote = (count: number): string => (count === 1 ? 'one pair' : `medians of ${count} pairs`);

function incidentsNote(sizes: readonly SizeReport[]): string {
  const counts = sizes.map(({ incidents }) => incidents).join(', ');
  return `mostly the fits of what falls: ${counts} in ${sizes.map(({ pictures }) => pictures).join(', ')} pictures`;
}

function estimateNote(cores: number, sizes: readonly SizeReport[]): string {
  const rates = [...new Set(sizes.map(({ fps }) => Number(fps.toFixed(2))))].join(', ');
  return `estimate: ${USABLE_SHARE * 100} % of ${cores} cores, ${rates} pictures a second, thrown objects alone`;
}

function formatRows(rows: readonly Row[]): string {
  const nameWidth = Math.max(...rows.map((row) => row?.[0].length ?? 0));
  const cellWidth = 2 + Math.max(...rows.flatMap((row) => row?.[1].map((cell) => cell.length) ?? 0));
  return rows
    .map((row) => (row === null ? '' : `${row[0].padEnd(nameWidth)}${row[1].map((cell) => cell.padStart(cellWidth)).join('')}   ${row[2]}`))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
