// The set-up of scripts/demo and scripts/test on machines that lack something, played with stand-ins for the programs.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const setup = join(dirname(fileURLToPath(import.meta.url)), 'setup.sh');
let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a line after setup.sh with only these programs in PATH, each a line of shell. */
function run(line, programs, files = {}) {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  for (const [name, body] of Object.entries({ cat: 'exec /bin/cat "$@"', head: 'exec /usr/bin/head "$@"', ...programs })) {
    writeFileSync(join(folder, name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const script = `set -euo pipefail; cd ${folder}; . ${setup}; ${line}`;
  return spawnSync('/bin/bash', ['--norc', '--noprofile', '-c', script], {
    env: { PATH: folder, LOG: join(folder, 'log') },
    encoding: 'utf8',
    input: '',
  });
}
const log = () => {
  try {
    return readFileSync(join(folder, 'log'), 'utf8');
  } catch {
    return '';
  }
};

const node = (version) => ({
  // Only what need_node asks of it.
  node: `if [ "$1" = --version ]; then echo v${version}; else case "${version}" in 20.19.*|2[2-9].*) exit 0;; *) exit 1;; esac; fi`,
  npm: 'exit 0',
});

test.each([
  ['no node', {}, 1, /Node\.js is not installed\. Parapet needs Node 20\.19 or later/],
  ['an old node', node('18.20.4'), 1, /Node v18\.20\.4 is too old/],
  ['a good node', node('20.19.0'), 0, /^$/],
  ['no npm', { ...node('22.1.0'), npm: undefined }, 1, /npm is not installed/],
])('%s', (_name, programs, status, says) => {
  const present = Object.fromEntries(Object.entries(programs).filter(([, body]) => body !== undefined));
  const result = run('need_node', present);
  expect(result.stderr).toMatch(says);
  expect(result.status).toBe(status);
});

const apt = {
  'apt-get':
    'echo "apt-get $*" >>"$LOG"; case "$*" in *install*) for p in ffmpeg ffprobe; do printf "#!/bin/bash\\n" >$p; /bin/chmod +x $p; done;; esac',
};
const root = { id: 'echo 0', env: 'shift; exec "$@"' };
const user = { id: 'echo 1000' };

test('what is there is not installed again', () => {
  const result = run('need ffmpeg', { ...apt, ...root, ffmpeg: '', ffprobe: '' });
  expect(result.status).toBe(0);
  expect(log()).toBe('');
});

test('as root it installs what is missing, and only that', () => {
  const result = run('need ffmpeg', { ...apt, ...root });
  expect(result.stderr).toContain('installing ffmpeg');
  expect(result.status).toBe(0);
  expect(log()).toMatch(/apt-get update -q\napt-get install -y --no-install-recommends ffmpeg\n/);
});

test('as somebody else it uses sudo', () => {
  const sudo = { sudo: 'if [ "$1" = -n ]; then exit 0; fi; echo sudo >>"$LOG"; exec "$@"', env: root.env };
  const result = run('need ffmpeg', { ...apt, ...user, ...sudo });
  expect(result.status).toBe(0);
  expect(log()).toContain('sudo\n');
});

test.each([
  ['without sudo', {}],
  ['with a sudo that asks for a password', { sudo: 'exit 1' }],
])('%s it says what an administrator must run', (_name, programs) => {
  const result = run('need ffmpeg', { ...apt, ...user, ...programs });
  expect(result.stderr).toMatch(/missing: ffmpeg\..*Let an administrator run: apt-get install -y --no-install-recommends ffmpeg/);
  expect(result.status).toBe(1);
  expect(log()).toBe('');
});

test('without apt-get it names the packages', () => {
  const result = run('need ffmpeg', root);
  expect(result.stderr).toMatch(/no apt-get: ffmpeg/);
  expect(result.status).toBe(1);
});

const installer = {
  node: 'case "$*" in *modules*) echo 115;; *) echo /opt/node;; esac',
  npm: 'echo "npm $*" >>"$LOG"; /bin/mkdir -p node_modules',
  sha256sum: 'exec /usr/bin/sha256sum "$@"',
};

test('npm packages are installed once, and again when the lock file changes', () => {
  const line = 'need_node_modules';
  expect(run(line, installer, { 'package-lock.json': 'a' }).status).toBe(0);
  expect(run(line, installer).status).toBe(0);
  expect(log()).toBe('npm ci --no-audit --no-fund\n');
  run(line, installer, { 'package-lock.json': 'b' });
  expect(log()).toBe('npm ci --no-audit --no-fund\n'.repeat(2));
});

test('a failing npm ci is said in one line at the end, and tried again the next time', () => {
  const broken = { ...installer, npm: 'echo "npm $*" >>"$LOG"; exit 1', python3: '', make: '', 'g++': '' };
  const first = run('need_node_modules', broken, { 'package-lock.json': 'a' });
  expect(first.stderr.trim().split('\n').at(-1)).toMatch(/npm ci failed .*Is the npm registry reachable/);
  expect(first.status).toBe(1);
  run('need_node_modules', broken);
  expect(
    log()
      .split('\n')
      .filter((line) => line.startsWith('npm')),
  ).toHaveLength(2);
});

test.each([
  [
    { success: true, numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0, numTotalTests: 6, testResults: [] },
    '5 0 1',
  ],
  [
    {
      success: false,
      numPassedTests: 5,
      numFailedTests: 2,
      numPendingTests: 0,
      numTodoTests: 0,
      numTotalTests: 7,
      testResults: [{ status: 'failed', assertionResults: [{ status: 'failed' }] }],
    },
    '5 2 0',
  ],
  [
    {
      success: false,
      numPassedTests: 5,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      numTotalTests: 5,
      testResults: [{ status: 'failed', assertionResults: [] }],
    },
    '5 1 0',
  ],
  [
    { success: false, numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numTotalTests: 5, testResults: [] },
    '5 1 0',
  ],
  [
    { success: true, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numTotalTests: 0, testResults: [] },
    '0 1 0',
  ],
  ['no report', '0 1 0'],
])('the report %# is counted as %s', (report, counts) => {
  const path = join(folder, 'report.json');
  writeFileSync(path, typeof report === 'string' ? report : JSON.stringify(report));
  const { stdout } = spawnSync(process.execPath, [join(dirname(setup), 'count-tests.mjs'), path], { encoding: 'utf8' });
  expect(stdout.trim()).toBe(counts);
});
