import { createRequire } from 'node:module';

/** Says what is wrong with a value, one line each; nothing when it fits. */
export type Validator = (value: unknown) => readonly string[];

interface Ajv {
  addSchema(schema: unknown, key: string): void;
  compile(
    schema: unknown,
  ): ((value: unknown) => boolean) & { errors?: readonly { instancePath: string; message?: string; params: unknown }[] | null };
}

/** Both packages are CommonJS, and their types do not fit the module resolution used here. */
const require = createRequire(import.meta.url);

/**
 * Compiles a JSON Schema (draft 7) with formats checked.
 *
 * @param shared schemas that it refers to, by their id.
 */
export function createValidator(schema: unknown, shared: Readonly<Record<string, unknown>> = {}): Validator {
  const { Ajv } = require('ajv') as { Ajv: new (options: object) => Ajv };
  const { default: addFormats } = require('ajv-formats') as { default: (ajv: Ajv) => void };
  // The schemas of AsyncAPI use keywords of their own, and unions that ajv would warn of.
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  for (const [id, one] of Object.entries(shared)) ajv.addSchema(one, id);
  const fits = ajv.compile(schema);
  return (value) =>
    fits(value)
      ? []
      : (fits.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}

/** The JSON Schema that AsyncAPI publishes of its own documents. */
export function asyncApiSchema(version: '3.0.0'): unknown {
  return require(`@asyncapi/specs/schemas/${version}-without-$id.json`);
}
