// Lints of the repository as tests: the layers hold, links lead somewhere, commands that documents name exist.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
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
  ['src/config', '../pipeline/camera-channel.js'],
  ['src/pipeline', '../agent.js'],
  ['src/pipeline', '../cli/context.js'],
  ['src/pipeline', '../testing/snapshot.js'],
  ['src/cli', '../testing/snapshot.js'],
  ['src/cli', '../main.js'],
];
const allowed = [
  ['src/uplink', '../platform/clock.js'],
  ['src/core', '../domain/frame.js'],
  ['src/pipeline', '../store/index.js'],
];

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

  const help = (...args) => spawnSync(process.execPath, ['dist/main.js', ...args], { cwd: root, encoding: 'utf8' });
  const known = new Map();
  const optionsOf = (command) => {
    if (!known.has(command)) known.set(command, help(command, '--help'));
    return known.get(command);
  };

  test('every `parapet …` that a document shows is a command with these options', () => {
    for (const document of documents) {
      for (const [, command, rest] of read(document).matchAll(/(?:^|[`"\s])parapet ([a-z]+)((?: [^`\n|#]*)?)/g)) {
        if (!/^(?:run|demo|analyze|validate|probe|doctor|score|receive|schema|bench|models)$/.test(command)) continue;
        const { status, stdout } = optionsOf(command);
        expect(status, `${document}: parapet ${command}`).toBe(0);
        for (const [option] of rest.matchAll(/(?<=\s)--[a-z][a-z-]*/g))
          expect(stdout, `${document}: parapet ${command}${rest}`).toContain(option);
      }
    }
  });

  test('every script that a document names is there', () => {
    for (const document of documents) {
      for (const [, path] of read(document).matchAll(/(?:node |\.\/)(scripts\/[\w./-]+)/g))
        expect(existsSync(join(root, path)), `${document}: ${path}`).toBe(true);
    }
  });

  test('every metric that the README names exists, and every `src` folder it lists', () => {
    const readme = read('README.md');
    const metrics = read('src/platform/metrics.ts');
    for (const [, name] of readme.matchAll(/`((?:parapet_[a-z_]+|[a-z]+_fps|outbox_depth))(?:\{[^`]*)?`/g))
      expect(metrics, name).toContain(`'${name}'`);
    for (const [, path] of readme.matchAll(/`((?:src|scripts|config|models|docs)\/[a-z/-]+)`/g))
      expect(existsSync(join(root, path)), path).toBe(true);
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
