// Lints of the repository as tests: the layers hold, links lead somewhere, commands that documents name exist.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventSchema } from '../src/domain/wire/event.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const files = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .stdout.split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const documents = files.filter((file) => file.endsWith('.md'));
const read = (file) => readFileSync(join(root, file), 'utf8');

/** A file in the first folder that imports the second path. */
const forbidden = [
  ['src/domain', '../platform/clock.js'],
  ['src/domain', 'node:fs'],
  ['src/core', 'node:fs'],
  ['src/core/motion', '../../platform/clock.js'],
  ['src/core', '../rules/registry.js'],
  ['src/rules/thrown-object', '../../platform/clock.js'],
  ['src/rules/thrown-object', 'node:worker_threads'],
  ['src/platform', '../media/probe.js'],
  ['src/media', '../sources/index.js'],
  ['src/sources', '../evidence/index.js'],
  ['src/evidence', '../store/index.js'],
  ['src/store', '../uplink/index.js'],
  ['src/uplink', '../store/index.js'],
  ['src/console', '../store/index.js'],
  ['src/receiver', '../uplink/index.js'],
  ['src/config', '../pipeline/camera/camera-channel.js'],
  ['src/pipeline/centre', '../../agent.js'],
  ['src/pipeline/camera', '../../cli/context.js'],
  ['src/pipeline/camera', '../../testing/snapshot.js'],
  ['src/cli', '../testing/snapshot.js'],
  ['src/cli', '../main.js'],
];
const allowed = [
  ['src/uplink', '../platform/clock.js'],
  ['src/core', '../domain/frame.js'],
  ['src/pipeline/incidents', '../../store/index.js'],
  ['src/pipeline/incidents', '../../evidence/index.js'],
];

test('what the README shows of a rule stands in the sources', () => {
  const [, section = ''] = read('README.md').split('## Adding a rule');
  const [shown = ''] = section.split('\n## ');
  const blocks = [...shown.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code.replaceAll(/^ {3}/gm, '').trimEnd());
  const sources = ['config', 'work'].map((name) => read(`src/rules/light-outage/${name}.ts`)).join('\n');
  expect(blocks.length).toBe(2);
  for (const block of blocks) expect(sources).toContain(block);
  expect(read('src/rules/registry.ts')).toContain('  light_outage: lightOutage,');
});

/** What is loaded before a module's own first line runs: files, and packages by their names. Types are nothing that is loaded. */
function loadedBy(file, loaded = new Set()) {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  for (const [, what, from] of read(file).matchAll(/^(?:import|export) (?!type )([^;]*?) ?from '([^']+)';/gm)) {
    const names = what.replaceAll(/[{}]/g, '').split(',');
    if (names.every((name) => /^(?:type .*)?$/.test(name.trim()))) continue;
    if (from.startsWith('.')) loadedBy(join(dirname(file), from).replace(/\.js$/, '.ts'), loaded);
    else loaded.add(from);
  }
  return loaded;
}

test('a camera’s thread loads no schema, and no rule or stage that its camera may not have: it starts with every connection', () => {
  const loaded = [...loadedBy('src/pipeline/camera/camera-thread.ts')];
  expect(loaded).toContain('src/core/kernels/kernels.ts');
  expect(loaded.filter((one) => one === 'zod' || /^src\/(?:rules\/[^/]+|core\/(?:scene|objects|tracking))\//.test(one))).toEqual([]);
  expect([...loadedBy('src/rules/thrown-object/work.ts')]).not.toContain('zod');
});

describe('the dependency rule', () => {
  const place = mkdtempSync(join(tmpdir(), 'parapet-layers-'));
  const fileOf = (kind, i, folder) => `${folder}/${kind}-${i}.ts`;
  let flagged = '';
  let status = null;

  beforeAll(() => {
    const { vcs: _, ...config } = JSON.parse(read('biome.json'));
    writeFileSync(join(place, 'biome.json'), JSON.stringify(config));
    for (const [kind, list] of Object.entries({ forbidden, allowed })) {
      for (const [i, [folder, target]] of list.entries()) {
        mkdirSync(join(place, folder), { recursive: true });
        writeFileSync(join(place, fileOf(kind, i, folder)), `import { x } from '${target}';\n\nexport const y = x;\n`);
      }
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const result = spawnSync(biome, ['lint', '--reporter=github', '--max-diagnostics=none', '.'], { cwd: place, encoding: 'utf8' });
    flagged = result.stdout
      .split('\n')
      .filter((line) => line.includes('noRestrictedImports'))
      .join('\n');
    ({ status } = result);
  });
  afterAll(() => rmSync(place, { recursive: true }));

  test('a forbidden import fails the lint', () => expect(status).not.toBe(0));
  test.each(forbidden.map((rule, i) => [...rule, i]))('%s may not import %s', (folder, _target, i) => {
    expect(flagged).toContain(fileOf('forbidden', i, folder));
  });
  test.each(allowed.map((rule, i) => [...rule, i]))('%s may import %s', (folder, _target, i) => {
    expect(flagged).not.toContain(fileOf('allowed', i, folder));
  });

  test('every folder under src has its line', () => {
    const folders = new Set(files.map((file) => /^src\/([^/]+)\//.exec(file)?.[1]).filter((name) => name !== undefined));
    const rules = read('biome.json');
    for (const folder of folders) {
      if (folder !== 'testing') expect(rules, folder).toContain(`"src/${folder}/**"`);
    }
  });
});

/** Folders in rooms. What stands beside the rooms puts them together; in `platform` the rooms stand on it. */
const roomed = ['evidence', 'pipeline', 'platform', 'uplink'];
const isCode = (file) => /^src\/(?!testing\/).*(?<!\.test)\.ts$/.test(file);
/** Files that a file imports, as their own ending has it. */
const importsOf = (file) =>
  [...read(file).matchAll(/(?:from |import\()'(\.[^']+)\.js'/g)].map(([, path]) => `${join(dirname(file), path)}.ts`);

test.each(roomed)('rooms of src/%s use each other as its README says, and only those below them', (folder) => {
  const rows = [...read(`src/${folder}/README.md`).matchAll(/^\| \[`([a-z-]+)`\]\(\1\) \|[^|]*\|([^|]*)\|$/gm)];
  const said = new Map(rows.map(([, room, uses]) => [room, uses.match(/[a-z-]+/g) ?? []]));
  const roomOf = (file) => relative(`src/${folder}`, dirname(file));
  const used = new Map();
  for (const file of files.filter((one) => isCode(one) && one.startsWith(`src/${folder}/`))) {
    const room = roomOf(file);
    if (room !== '' && !used.has(room)) used.set(room, new Set());
    for (const other of importsOf(file).filter((one) => one.startsWith(`src/${folder}/`) && roomOf(one) !== room)) {
      const below = folder === 'platform' ? room : roomOf(other);
      expect(below, `${file} → ${other}: one stands in no room, and the order of the two is the other way`).not.toBe('');
      if (room !== '' && roomOf(other) !== '') used.get(room).add(roomOf(other));
    }
  }
  const order = [...said.keys()];
  expect([...used.keys()].sort()).toEqual([...order].sort());
  for (const [room, uses] of used) {
    expect([...uses].sort(), room).toEqual([...said.get(room)].sort());
    for (const other of uses) expect(order.indexOf(other), `${room} → ${other}`).toBeGreaterThan(order.indexOf(room));
  }
});

test.each([
  ['uplink', ['index']],
  // Commands that only draw load no more than that.
  ['evidence', ['drawing/index', 'index']],
  ['platform/mqtt', ['index']],
  ['platform/proof', ['index']],
])('src/%s is entered by %s alone', (folder, doors) => {
  const within = (file) => file.startsWith(`src/${folder}/`);
  const entered = files.filter((file) => isCode(file) && !within(file)).flatMap((file) => importsOf(file).filter(within));
  expect([...new Set(entered)].sort()).toEqual(doors.map((door) => `src/${folder}/${door}.ts`));
});

test('the package holds what the program reaches for, and nothing that is for tests', () => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' });
  const packed = JSON.parse(stdout)[0].files.map(({ path }) => path);
  // Beside dist: what `demo` renders its scene with, models that are known, the version.
  expect(packed).toEqual(expect.arrayContaining(['dist/main.js', 'scripts/scenes/render.mjs', 'models/registry.yaml', 'package.json']));
  expect(packed.filter((path) => /^dist\/testing\/|\.test\.m?js/.test(path))).toEqual([]);
});

test.each(['config', 'evidence', 'platform', 'receiver', 'rules/common', 'store', 'uplink'])(
  'src/%s: its map leaves no file out',
  (folder) => {
    const map = read([`src/${folder}/README.md`, `src/${dirname(folder)}/README.md`].find((file) => files.includes(file)));
    const isHere = (file) => dirname(file) === `src/${folder}` || (roomed.includes(folder) && file.startsWith(`src/${folder}/`));
    const here = files.filter(isHere).flatMap((file) => /\/([a-z-]+)\.ts$/.exec(file)?.[1] ?? []);
    expect(here.length).toBeGreaterThan(10);
    expect(here.filter((name) => name !== 'index' && !map.includes(`\`${name}\``) && !map.includes(`\`${name}.ts\``))).toEqual([]);
  },
);

describe('documents', () => {
  test.each(documents)('%s: its links lead somewhere', (document) => {
    const text = read(document).replace(/```[\s\S]*?```/g, '');
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:)/.test(target)) continue;
      const [path, anchor] = target.split('#');
      const file = path === '' ? join(root, document) : resolve(root, dirname(document), path);
      expect(existsSync(file), `${document} → ${target}`).toBe(true);
      if (anchor && statSync(file).isFile()) expect(anchors(readFileSync(file, 'utf8')), `${document} → ${target}`).toContain(anchor);
    }
  });

  const help = (...args) => spawnSync(process.execPath, ['dist/main.js', ...args, '--help'], { cwd: root, encoding: 'utf8' }).stdout;
  const helpOf = new Map();
  const optionsOf = (...command) => {
    const name = command.join(' ');
    if (!helpOf.has(name)) helpOf.set(name, help(...command));
    return helpOf.get(name);
  };
  /** The help of what is shown, also of a command below a command. */
  const optionsShown = (command, rest) => {
    const [, below] = /^ ([a-z]+)/.exec(rest) ?? [];
    const has = below !== undefined && new RegExp(`^ {2}${below} \\[options\\]`, 'm').test(optionsOf(command));
    return has ? optionsOf(command, below) : optionsOf(command);
  };
  const commands = [...help().matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name);

  test('every `parapet …` that a document shows is a command with these options', () => {
    expect(commands).toContain('analyze');
    for (const document of documents) {
      // At the beginning of a line, or of what is between back-ticks: elsewhere Parapet may be the subject of a sentence.
      for (const [, command, rest] of read(document).matchAll(/(?:^|`)[ \t]*parapet ([a-z]+)((?: [^`\n|#]*)?)/gm)) {
        expect(commands, `${document}: parapet ${command}`).toContain(command);
        for (const [option] of rest.matchAll(/(?<=\s)--[a-z][a-z-]*/g))
          expect(optionsShown(command, rest), `${document}: parapet ${command}${rest}`).toContain(option);
      }
    }
    // Some forty programs are started one after the other.
  });

  test('every command is shown by a document', () => {
    const shown = documents.map(read).join('\n');
    for (const command of commands) expect(shown, command).toMatch(new RegExp(`parapet ${command}\\b`));
  });

  test('every script that a document names is there', () => {
    for (const document of documents) {
      for (const [, path] of read(document).matchAll(/(?:node |\.\/)(scripts\/[\w./-]+)/g))
        expect(existsSync(join(root, path)), `${document}: ${path}`).toBe(true);
    }
  });

  test('every metric that a document names exists', () => {
    const metrics = read('src/platform/health/metrics.ts') + read('src/receiver/http/centre-metrics.ts');
    // Those of rules' figures stand in a table without what all begin with.
    const figures = read('src/platform/health/figure-metrics.ts');
    for (const document of documents) {
      for (const [, name] of read(document).matchAll(/`((?:parapet_[a-z_]+|[a-z]+_fps|outbox_depth))(?:\{[^`]*)?`/g))
        expect(metrics.includes(`'${name}'`) || figures.includes(`'${name.replace('parapet_', '')}'`), `${document}: ${name}`).toBe(true);
    }
  });

  test('every folder that the README lists is there', () => {
    for (const [, path] of read('README.md').matchAll(/`((?:src|scripts|config|models|docs)\/[a-z/-]+)`/g))
      expect(existsSync(join(root, path)), path).toBe(true);
  });

  test('every document can be reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const document of reached) {
      for (const [, target] of read(document).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
        if (/^(https?:|mailto:)/.test(target)) continue;
        const path = relative(root, resolve(root, dirname(document), target));
        for (const file of documents) if (file === path || file.startsWith(`${path}/`)) reached.add(file);
      }
    }
    // Of a folder of the code one learns by opening it.
    expect(documents.filter((file) => !reached.has(file) && !file.startsWith('src/'))).toEqual([]);
  });

  test('docs/README.md names every page of docs', () => {
    const named = [...read('docs/README.md').matchAll(/\]\(([^)\s#]+)/g)].map(([, target]) => `docs/${target}`);
    const pages = documents.filter((file) => /^docs\/[^/]+\.md$/.test(file) && file !== 'docs/README.md');
    expect(pages.filter((page) => !named.includes(page))).toEqual([]);
  });

  test('the event in the README is one', () => {
    const [, json = ''] = /```json\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
    expect(() => eventSchema.parse(JSON.parse(json))).not.toThrow();
  });

  test('every folder that has code says what it is for', () => {
    const folders = new Set(files.filter((file) => /^src\/[^/]+\/.*\.ts$/.test(file)).map((file) => file.split('/').slice(0, 2).join('/')));
    for (const folder of folders) expect(existsSync(join(root, folder, 'README.md')), `${folder}/README.md`).toBe(true);
  });
});

/** As GitHub makes them from headings. */
function anchors(markdown) {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('what went wrong elsewhere', () => {
  const sources = files.filter((file) => /^src\/.*\.ts$/.test(file) && !/\.test\.ts$|^src\/testing\//.test(file));
  const where = (pattern, over = sources) => over.filter((file) => pattern.test(read(file)));

  test('no program is started by a shell', () => {
    expect(where(/\bshell:|\bexecSync\b|import \{[^}]*\bexec\b[^}]*\} from 'node:child_process'/)).toEqual([]);
    // The pattern finds what it looks for.
    expect(/\bshell:/.test("spawn('ffmpeg', [], { shell: true })")).toBe(true);
  });

  test('no config key hands arguments to a program', () => {
    const schema = JSON.parse(read('config/parapet.schema.json'));
    const keys = JSON.stringify(schema).match(/"[a-z_]+":\{/g) ?? [];
    expect(keys.length).toBeGreaterThan(100);
    expect(keys.filter((key) => /arg(s|uments)|options|ffmpeg|command_line|exec|shell|script/.test(key))).toEqual([]);
  });

  test('the unit of the agent leaves it little', () => {
    const unit = join(root, 'config/systemd/parapet.service');
    const { error, status, stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit], {
      encoding: 'utf8',
    });
    // Not every machine has systemd; where it is, 2.0 of 10 is the most.
    if (error === undefined) expect(status, stdout.split('\n').slice(-3).join(' ')).toBe(0);
    expect(read('config/systemd/parapet.service')).toMatch(/^NoNewPrivileges=yes$/m);
    // The agent ends what it has started by itself.
    expect(read('config/systemd/parapet.service')).toMatch(/^KillMode=mixed$/m);
  });
});
