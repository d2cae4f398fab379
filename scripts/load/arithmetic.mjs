#!/usr/bin/env node
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { city, MONTH_S } from './city.mjs';

const USAGE = `What a fleet asks of broker, centre and lines, by arithmetic from measured sizes: the table of docs/fleet.md.

  node scripts/load/arithmetic.mjs [--cameras 3000] [--cameras-a-box 4] [--cases 25000] [--video 8000] [--busy 10] [--mbit 4] [--keep-days 365]

  --cases, --video   a month, of all cameras; those with video
  --busy             a busy hour has so many times the average
  --mbit             of a camera's stream; a clip's size follows it
  --keep-days        how long the centre keeps files`;

/** Bytes on the wire, topic included, as node scripts/load/sizes.mjs measured them (1080p25, 4 Mbit/s; a fall of some 3 s, 5 s before and after). */
const measured = {
  mbit: 4,
  files: { clip: 6_957_000, trail: 663_000, snapshot: 400_000, track: 21_000 },
  message: { new: 3_876, end: 5_633, record: 916, manifest: 1_380, complete: 304, allComplete: 1_001, ack: 173, metrics: 267 },
  /** Of the broker's memory, by node scripts/load/run.mjs with 3,000 agents. */
  sessionKb: 9,
};
/** `mqtt.chunk_size` unless configured, and what its topic takes. */
const CHUNK_BYTES = 128 * 1024;
const CHUNK_TOPIC_BYTES = 110;
/** A case goes through six states or so, each a row. */
const MOVES_A_CASE = 6;
const METRICS_EVERY_S = 60;
/** Backoff's longest wait while an outage is young (src/platform/time/backoff.ts). */
const BACK_WITHIN_S = 66;

/**
 * @param {{cameras: number, camerasABox: number, cases: number, video: number, busy: number, mbit: number, keepDays: number}} fleet
 * @returns {[string, string][]} what, and how much
 */
export function arithmetic({ cameras, camerasABox, cases, video, busy, mbit, keepDays }) {
  const { message } = measured;
  const files = { ...measured.files, clip: (measured.files.clip * mbit) / measured.mbit };
  const kinds = Object.values(files);
  const fileBytes = sum(kinds);
  const chunks = sum(kinds.map((bytes) => Math.ceil(bytes / CHUNK_BYTES)));
  const plain = { up: 2, down: 2, bytes: message.new + message.end };
  const withVideo = {
    up: 2 + 3 * kinds.length + chunks + 1,
    down: 2 + 2 * kinds.length + 1,
    bytes:
      plain.bytes +
      kinds.length * (message.record + message.manifest + message.complete) +
      message.allComplete +
      fileBytes +
      chunks * CHUNK_TOPIC_BYTES,
  };
  const boxes = Math.ceil(cameras / camerasABox);
  const perS = (aMonth) => aMonth / MONTH_S;
  const messages = video * (withVideo.up + withVideo.down) + (cases - video) * (plain.up + plain.down);
  const bytes = video * withVideo.bytes + (cases - video) * plain.bytes;
  const mbitOf = (bytesPerS) => (8 * bytesPerS) / 1e6;
  const metricsAMonth = (message.metrics * MONTH_S) / METRICS_EVERY_S;
  const rows = {
    events: 2 * cases,
    cases,
    moves: MOVES_A_CASE * cases,
    files: kinds.length * video,
    records: kinds.length * video,
    completions: video,
  };
  const said = (value, unit) => `${number(value)}${unit}`;
  return [
    ['boxes, each a connection, a client id and a key', said(boxes, '')],
    ['a case without video', `${plain.up} messages up, ${plain.down} down, ${said(plain.bytes / 1e3, ' kB')}`],
    ['a case with video', `${withVideo.up} messages up, ${withVideo.down} down, ${said(withVideo.bytes / 1e6, ' MB')}`],
    ['cases a second, on average; in a busy hour', `${said(perS(cases), '')}; ${said(busy * perS(cases), '')}`],
    ['their messages a second', `${said(perS(messages), '')}; ${said(busy * perS(messages), '')}`],
    ['their traffic at the broker, in', `${said(mbitOf(perS(bytes)), ' Mbit/s')}; ${said(busy * mbitOf(perS(bytes)), ' Mbit/s')}`],
    ['figures of the boxes (metrics), messages a second', said(boxes / METRICS_EVERY_S, '')],
    ['their traffic', said(mbitOf((boxes * message.metrics) / METRICS_EVERY_S), ' Mbit/s')],
    ['memory of the broker for sessions', said((boxes * measured.sessionKb) / 1e3, ' MB')],
    ['one box: cases with video a month', said((video * camerasABox) / cameras, '')],
    [
      'one box: traffic a month, files and metrics',
      said(((video * camerasABox) / cameras) * (withVideo.bytes / 1e6) + metricsAMonth / 1e6, ' MB'),
    ],
    [
      'one box: a case with video over 1, 4, 20 Mbit/s',
      [1, 4, 20].map((line) => said((8 * withVideo.bytes) / 1e6 / line, ' s')).join(', '),
    ],
    ['files a month; a year', `${said((video * fileBytes) / 1e9, ' GB')}; ${said((12 * video * fileBytes) / 1e9, ' GB')}`],
    [`files on the centre's disk, kept ${keepDays} days`, said((keepDays / 30) * ((video * fileBytes) / 1e9), ' GB')],
    [
      'rows a month',
      `${said(sum(Object.values(rows)), '')} (${Object.entries(rows)
        .map(([name, count]) => `${name} ${number(count)}`)
        .join(', ')})`,
    ],
    ['after an outage all are back within', `${BACK_WITHIN_S} s, ${said(boxes / BACK_WITHIN_S, '')} a second on average`],
  ];
}

/** @param {readonly [string, string][]} lines */
export function asText(lines) {
  const width = Math.max(...lines.map(([what]) => what.length));
  return lines.map(([what, value]) => `${what.padEnd(width)}  ${value}`).join('\n');
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Three digits that count, with thousands apart. */
function number(value) {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en-GB', { maximumFractionDigits: Math.min(digits, 4) });
}

/** @param {readonly string[]} args */
export function parseFleet(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cameras: { type: 'string', default: String(city.cameras) },
      'cameras-a-box': { type: 'string', default: '4' },
      cases: { type: 'string', default: String(city.casesAMonth) },
      video: { type: 'string', default: String(city.videoCasesAMonth) },
      busy: { type: 'string', default: '10' },
      mbit: { type: 'string', default: '4' },
      'keep-days': { type: 'string', default: '365' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const amount = (name) => {
    const found = Number(values[name]);
    if (!(found > 0)) throw new Error(`--${name} must be a number above 0, and is ${values[name]}`);
    return found;
  };
  const fleet = {
    cameras: amount('cameras'),
    camerasABox: amount('cameras-a-box'),
    cases: amount('cases'),
    video: amount('video'),
    busy: amount('busy'),
    mbit: amount('mbit'),
    keepDays: amount('keep-days'),
  };
  if (fleet.video > fleet.cases) throw new Error(`--video must not be more than --cases, and is ${fleet.video} of ${fleet.cases}`);
  return fleet;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const fleet = parseFleet(process.argv.slice(2));
    console.log(fleet === null ? USAGE : asText(arithmetic(fleet)));
  } catch (error) {
    console.error(`arithmetic: ${error.message}`);
    process.exitCode = 1;
  }
}
