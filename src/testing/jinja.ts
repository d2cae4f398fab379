import { spawnSync } from 'node:child_process';

const renderer = `
import json, sys
from jinja2.sandbox import SandboxedEnvironment
asked = json.load(sys.stdin)
print(SandboxedEnvironment().from_string(asked['template']).render(value_json=asked['value']), end='')
`;

/** Debian's Python has Debian's packages, another one its own. */
const findPython = (): string | undefined =>
  ['/usr/bin/python3', 'python3'].find((path) => spawnSync(path, ['-c', 'import jinja2']).status === 0);

/** Whether templates can be rendered here. Without it, tests say loudly what to install, and fail in CI. */
export function jinjaInstalled(): boolean {
  if (findPython() !== undefined) return true;
  const message = 'Jinja is not installed: apt-get install python3-jinja2';
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}\n\n`);
  return false;
}

/** What a template makes of a JSON message, as Home Assistant, which renders them by Jinja, would. @throws {Error} when the template has a mistake. */
export function rendered(template: string, value: unknown): string {
  const { status, stdout, stderr } = spawnSync(findPython() ?? 'python3', ['-c', renderer], {
    input: JSON.stringify({ template, value }),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${template}: ${stderr}`);
  return stdout;
}
