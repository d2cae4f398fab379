import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentError } from '../platform/errors.js';
import { createTestContext } from '../testing/text-sink.js';
import { loadCommands } from './commands.js';
import { type CommandFactory, createCommand } from './context.js';
import { createProgram, runProgram } from './program.js';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'parapet-cli-'));
  const camera = (rest: string): string => `cameras: [{ id: a, source: { url: "rtsp://u:\${PW}@h/x"${rest} } }]\n`;
  writeFileSync(join(cwd, 'good.yaml'), camera(''));
  writeFileSync(join(cwd, 'key.yaml'), camera(', trnsport: udp'));
  writeFileSync(join(cwd, 'bounds.yaml'), camera(', stall: 0 s'));
  writeFileSync(join(cwd, 'prose.yaml'), 'It was a dark and stormy night.\n');
  writeFileSync(join(cwd, 'broken.yaml'), 'cameras: [\n');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function run(line: string, env: Record<string, string> = { PW: 'hush' }, factories?: readonly CommandFactory[]) {
  const context = createTestContext(cwd, env);
  const args = line === '' ? [] : line.split(' ');
  const exit = await runProgram(factories ?? (await loadCommands(args)), context, args);
  return { exit, out: context.stdout.text(), err: context.stderr.text() };
}

describe('bad input: exit 2, one line that names the mend, nothing on standard output', () => {
  test.each([
    ['validat', "unknown command 'validat'; did you mean 'validate'?"],
    ['frobnicate', "unknown command 'frobnicate'; parapet --help lists them"],
    ['analyze', "missing required argument 'video'; parapet analyze --help shows how"],
    ['validate --confg good.yaml', "unknown option '--confg'; did you mean '--config'?"],
    ['validate good.yaml', "'good.yaml': more than 'validate' takes; parapet validate --help shows how"],
    ['analyze a.mp4 --overlay b.mp4', "'b.mp4': more than 'analyze' takes; --overlay takes no value; parapet analyze --help shows how"],
    ['models list this that', "'this', 'that': more than 'models list' takes; parapet models list --help shows how"],
    ['validate --log-level loud', "--log-level 'loud': expected one of trace, debug, info, warn, error, fatal, silent"],
    ['validate -c nope.yaml', 'nope.yaml: no such file; check the path given with -c'],
    ['validate -c key.yaml', "key.yaml:1:57 cameras[0].source.trnsport: unknown key; did you mean 'transport'?"],
    [
      'validate -c bounds.yaml',
      "bounds.yaml:1:64 cameras[0].source.stall: expected a duration from 2 s to 10 min (units: ms, s, min, h, d), got '0 s'",
    ],
    [
      'validate -c prose.yaml',
      "prose.yaml:1:1 not a Parapet config: expected keys and values, such as 'cameras: [{ id: gate, source: { url: rtsp://… } }]'",
    ],
    ['validate -c broken.yaml', 'broken.yaml:2:1 not valid YAML: '],
    ['validate -c good.yaml --set cameras.b.id=x', "flag --set cameras.b.id: cameras: has no entry 'b'; did you mean 'a'?"],
    ['validate --camera rtsp://u:hu#sh@h/x', 'flag --camera: cameras[0].source.url: not a URL with a host; percent-encode'],
    ['validate --mqtt broker', "flag --mqtt: mqtt.url: expected a URL such as mqtts://broker.example:8883, or null, got 'broker'"],
    ['schema evnt', "name 'evnt': expected one of config, event, "],
    ['schema evnt', "; did you mean 'event'?"],
    ['cases move 01KJM3QZ80T7V9C2M4N6P8R0S2 acepted', "state 'acepted': expected one of new, accepted, "],
    [
      'cases list --state new,opn',
      "--state 'opn': expected some of new, accepted, filed, dispatched, solved, verified, reopened, closed, false_alarm, parted by commas",
    ],
    ['cases list --state acepted', "; did you mean 'accepted'?"],
    ['schema --all', '--all and --out go together: parapet schema --all --out FOLDER'],
  ])('parapet %s', async (line, message) => {
    const { exit, out, err } = await run(line);
    expect(err).toContain(message.startsWith(';') ? message : `parapet: ${message}`);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).not.toMatch(/hush|hu#sh|^\s+at /m);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
  });

  test('a missing variable', async () => {
    const { exit, err } = await run('validate -c good.yaml', {});
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what the message says
    expect(err).toContain('parapet: good.yaml:1:35 cameras[0].source.url: the environment has no ${PW}, or it is empty;');
    expect(exit).toBe(2);
  });

  test('no command: the help, on standard error', async () => {
    expect(await run('')).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('Usage: parapet') });
  });
});

describe('help', async () => {
  const namesOf = async (...args: string[]): Promise<readonly string[]> => {
    const program = createProgram(await loadCommands(args), { ...createTestContext('/'), setExitCode: () => undefined });
    return program.commands.map((command) => command.name());
  };
  const names = await namesOf();

  test('a command is loaded alone, and all of them where none is named', async () => {
    for (const name of names) expect(await namesOf(name, '--help')).toEqual([name]);
    expect(await namesOf('--version')).toEqual([]);
    expect(names).toContain('analyze');
    expect(await namesOf('help', 'analyze')).toEqual(names);
    expect(await namesOf('analyse')).toEqual(names);
  });

  test.each(names)('parapet %s --help shows an example of itself, and --log-level', async (name) => {
    const { exit, out, err } = await run(`${name} --help`);
    expect(out).toContain(`Example:\n  parapet ${name}`);
    expect(out).toContain('--log-level');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
  });

  test.each(['--help', 'help validate', '--version', 'validate -h'])('parapet %s ends well', async (line) => {
    expect(await run(line)).toMatchObject({ exit: 0, err: '', out: expect.stringMatching(/./) });
  });
});

describe('errors of a command', () => {
  const failing =
    (error: unknown): CommandFactory =>
    () =>
      createCommand('fail', 'Fails.', 'parapet fail').action(() => {
        throw error;
      });

  test('an expected one: its message, its exit code, no secret', async () => {
    const error = new AgentError('SOURCE_UNREACHABLE', 'rtsp://u:hush@h/x does not answer');
    expect(await run('fail', {}, [failing(error)])).toEqual({ exit: 1, out: '', err: 'parapet: rtsp://***@h/x does not answer\n' });
  });

  test('an unexpected one says that it is a bug, and shows its stack only when asked', async () => {
    const error = new TypeError('cannot read\n properties of rtsp://u:hush@h');
    const quiet = await run('fail', {}, [failing(error)]);
    expect(quiet).toEqual({
      exit: 1,
      out: '',
      err: 'parapet: cannot read properties of rtsp://***@h; this is a bug in parapet; run with --log-level debug to see where\n',
    });
    const loud = await run('fail --log-level debug', {}, [failing(error)]);
    expect(loud.err).toContain('program.test.ts');
    expect(loud.err).not.toContain('hush');
  });

  test('a command may end well and say that what it looked at is bad', async () => {
    const command: CommandFactory = (context) => createCommand('look', 'Looks.', 'parapet look').action(() => context.setExitCode(1));
    expect((await run('look', {}, [command])).exit).toBe(1);
  });
});

describe('validate', () => {
  test('shows the resolved config and where its values came from, without secrets', async () => {
    const { exit, out, err } = await run('validate -c good.yaml --set cameras.a.evidence.pre_capture=10s', {
      PW: 'hush',
      PARAPET_SITE: 'estate',
    });
    expect(out).toContain('url: rtsp://***@h/x # from good.yaml:1 with $PW');
    expect(out).toContain('pre_capture: 10 s # from flag --set cameras.a.evidence.pre_capture');
    expect(out).toContain('site: estate # from environment PARAPET_SITE');
    expect(out).toContain('post_capture: 5 s # default');
    expect({ exit, err, hushed: !out.includes('hush') }).toEqual({ exit: 0, err: '', hushed: true });
  });

  test('--json is for programs; warnings go to standard error', async () => {
    const { exit, out, err } = await run('validate --json --camera rtsp://u:hush@h/x --mqtt mqtt://b');
    const shown = JSON.parse(out);
    expect(shown.config.cameras[0]).toMatchObject({ id: 'camera-1', source: { url: 'rtsp://***@h/x', stall: '20 s' } });
    expect(shown.origins).toMatchObject({ 'mqtt.url': 'flag --mqtt', 'cameras[0].source.url': 'flag --camera', site: 'default' });
    expect(shown.warnings).toHaveLength(1);
    expect(err).toBe(`parapet: warning: ${shown.warnings[0]}\n`);
    expect(exit).toBe(0);
  });
});

describe('schema', () => {
  test('prints one, the config by default', async () => {
    expect(JSON.parse((await run('schema')).out)).toMatchObject({ $id: 'urn:parapet:schema:config:v1', title: 'Parapet config' });
    expect(JSON.parse((await run('schema event')).out)).toMatchObject({ $id: 'urn:parapet:schema:event:v1', type: 'object' });
  });

  test('writes all', async () => {
    const { exit, out } = await run('schema --all --out schemas/new');
    const folder = join(cwd, 'schemas/new');
    const ids = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).$id);
    expect(ids.length).toBeGreaterThanOrEqual(11);
    expect(new Set(ids).size).toBe(ids.length);
    expect({ exit, out }).toEqual({ exit: 0, out: '' });
  });

  test('a folder that cannot be made', async () => {
    expect(await run('schema --all --out good.yaml/x')).toMatchObject({ exit: 2, err: expect.stringContaining('choose another folder') });
  });
});
