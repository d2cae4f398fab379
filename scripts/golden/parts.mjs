/**
 * What the golden table is made of. A part is a folder of clips and the command that renders it; parts of one set are scored
 * apart, since "recall on throws" and "alarms an hour without any" are different questions.
 *
 * @typedef {object} Part
 * @property {string} name of the row, and of its folder
 * @property {string} about one line for the table
 * @property {readonly (readonly string[])[]} render commands under scripts/scenes; DIR stands for the part's folder, WORK for the
 *   folder of all parts, JOBS for how many processes
 * @property {string} [picture] where its contours are drawn, from the repository's root
 */

/** The command that renders clips of a set. @param {string} flags of batch.mjs */
const batch = (flags) => ['batch.mjs', ...flags.split(' '), '--out', 'DIR', '--jobs', 'JOBS'];

/** Under a minute of CPU, made on the spot: runs within ./scripts/test. */
const small = {
  name: 'small',
  about: 'nine clips of 20 s at 360p to 540p, most of their throws clear, three without any',
  render: [batch('--set small --count 6 --duration 20 --throws 2-3'), batch('--set small --first 6 --count 3 --duration 20 --throws 0-0')],
};

const tuning = {
  name: 'tuning',
  about: 'the clips that the engine is tuned on; not evidence of anything',
  render: [batch('--set tuning --count 12 --duration 36 --throws 3-4')],
};

const tuningWide = {
  name: 'tuning-wide',
  about: 'the cameras and conditions of `reporting` before the houses of `tuning`; the engine is tuned on it',
  render: [batch('--set wide --count 35 --duration 36 --throws 3-4')],
};

const tuningNuisance = {
  name: 'tuning-nuisance',
  about: 'nuisances that the engine is tuned on',
  render: [batch('--set tuning --first 100 --count 12 --duration 60 --throws 0-0')],
};

const reporting = {
  name: 'reporting',
  about: 'towers, cameras, light and encoders that the engine was not tuned on; 3 or 4 throws a clip',
  render: [batch('--set reporting --count 35 --duration 36 --throws 3-4')],
};

/** Whoever looks into one of these begins anew at another number. */
const unseen = {
  name: 'unseen',
  about: 'more of `reporting`, which nobody had looked into when the engine was made',
  render: [batch('--set reporting --first 100 --count 15 --duration 36 --throws 3-4')],
};

const nuisance = {
  name: 'nuisance',
  about: 'two hours without a throw: rain, snow, insect nights, birds, storm, machines, street, lights, exposure, shake, drips',
  render: [batch('--set nuisance --count 24 --duration 300 --throws 0-0')],
};

const hardNegatives = {
  name: 'hard-negatives',
  about: 'clips of `reporting` reversed, turned by 90°, and with what is thrown at a constant speed',
  render: [['hard-negatives.mjs', '--from', 'WORK/reporting', '--most', '10', '--out', 'DIR', '--jobs', 'JOBS']],
};

const sweep = {
  name: 'sweep',
  about: 'one thing at a time before a plain wall, by size, contrast and speed',
  render: [['sweep.mjs', '--out', 'DIR', '--jobs', 'JOBS']],
  picture: 'docs/images/sweep.png',
};

/** @type {Record<string, readonly Part[]>} */
export const sets = {
  small: [small],
  tuning: [tuning, tuningWide, tuningNuisance],
  full: [reporting, unseen, nuisance, hardNegatives, sweep],
};
