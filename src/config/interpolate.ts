/**
 * `${NAME}` in the texts of a config file. YAML gives braces a meaning of their own inside `{ … }`, so that
 * `{ password: ${PASSWORD} }` would not parse: before parsing, the braces of every `${NAME}` are replaced by two
 * characters that YAML knows nothing of, one for one, so that lines and columns stay what they are.
 */

/** From Unicode's private use area: they stand in no text that people write. */
const OPEN = '\uE000';
const CLOSE = '\uE001';

/** Takes the braces of `${NAME}` out of YAML's sight. Same length in, same length out. */
export function shieldVariables(source: string): string {
  return source.replace(/\$\{([^{}\n]*)\}/g, `$$${OPEN}$1${CLOSE}`);
}

/** Puts back what {@link shieldVariables} changed. */
export function unshieldVariables(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');
}

export interface Interpolated {
  readonly text: string;
  /** Names that stand in the text, found or not. */
  readonly variables: readonly string[];
  /** Names that the environment lacks, or that are no names. */
  readonly missing: readonly string[];
}

/**
 * Replaces `${NAME}` in a parsed text by the environment's value; `$${` stands for a plain `${`. An empty variable
 * counts as missing: an empty password is nearly always a forgotten one.
 */
export function interpolate(shielded: string, env: Readonly<Record<string, string | undefined>>): Interpolated {
  const variables: string[] = [];
  const missing: string[] = [];
  const pattern = new RegExp(`(\\$?)\\$${OPEN}([^${CLOSE}]*)${CLOSE}`, 'g');
  const text = shielded.replace(pattern, (_whole, escaping: string, name: string) => {
    if (escaping !== '') return `\${${name}}`;
    variables.push(name);
    const value = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined || value === '') missing.push(name);
    return value ?? '';
  });
  return { text: unshieldVariables(text), variables, missing };
}
