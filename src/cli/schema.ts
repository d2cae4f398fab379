import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { z } from 'zod';
import { configJsonSchema } from '../config/index.js';
import { asyncApiDocument } from '../domain/contract/asyncapi.js';
import { channels } from '../domain/contract/channels.js';
import { type JsonSchema, type MessageEntry, messages } from '../domain/contract/messages.js';
import { caseFileSchema, caseNoticeSchema } from '../domain/wire/case-file.js';
import { centreStatusSchema } from '../domain/wire/centre-status.js';
import { makeFolder } from '../platform/disk/make-folder.js';
import { AgentError, errorMessage } from '../platform/errors.js';
import { type CommandContext, createCommand } from './context.js';

/** Every schema by name. */
const schemas: Readonly<Record<string, () => JsonSchema>> = {
  config: configJsonSchema,
  ...Object.fromEntries(
    Object.entries<MessageEntry>(messages).flatMap(([name, entry]) => {
      const { jsonSchema } = entry;
      return jsonSchema === null ? [] : [[name, () => messageSchema(name, entry, jsonSchema())]];
    }),
  ),
  case: () => httpSchema('case', 'Case', 'Told over HTTP and to webhooks.', caseFileSchema),
  'centre-status': () => httpSchema('centre-status', 'State of a centre', 'Told over HTTP.', centreStatusSchema),
  'case-notice': () =>
    httpSchema('case-notice', 'Notice of a case', 'Sent to webhooks: CloudEvents 1.0, structured mode.', caseNoticeSchema),
};
/** The contract as a whole; not one of the schemas, and not written with them. */
const ASYNCAPI = 'asyncapi';

/** `parapet schema`: JSON Schema of the config and of every message. */
export function createSchemaCommand(context: CommandContext): Command {
  return createCommand(
    'schema',
    'Prints the JSON Schema of the config or of a message, or the contract of all topics as AsyncAPI, or writes all schemas into a folder.',
    'parapet schema event\nparapet schema asyncapi\nparapet schema --all --out schemas',
  )
    .addArgument(new Argument('[name]', 'which one').choices([...Object.keys(schemas), ASYNCAPI]).default('config'))
    .option('--all', 'write every schema, as <name>.schema.json')
    .option('--out <folder>', 'folder for --all; made when missing')
    .action((name: string, options: { readonly all?: true; readonly out?: string }) => {
      if ((options.all === true) !== (options.out !== undefined)) {
        throw new AgentError('BAD_USAGE', '--all and --out go together: parapet schema --all --out FOLDER');
      }
      if (name === ASYNCAPI) context.stdout.write(serialise(asyncApiDocument(context.version)));
      else if (options.out === undefined) context.stdout.write(serialise(schemas[name]?.()));
      else writeAll(resolve(context.cwd, options.out), context);
    });
}

/** What does not travel over MQTT. */
function httpSchema(name: string, title: string, description: string, schema: z.ZodType): JsonSchema {
  return { $id: `urn:parapet:schema:${name}:v1`, title: `Parapet: ${title}`, description, ...z.toJSONSchema(schema) };
}

function writeAll(folder: string, context: CommandContext): void {
  try {
    makeFolder(folder);
    for (const [name, build] of Object.entries(schemas)) {
      const path = join(folder, `${name}.schema.json`);
      writeFileSync(path, serialise(build()));
      context.stderr.write(`${path}\n`);
    }
  } catch (error) {
    throw new AgentError('BAD_USAGE', `${folder}: the schemas cannot be written there (${errorMessage(error)}); choose another folder`, {
      cause: error,
    });
  }
}

/** A message names its schema in `schema`, such as `parapet/event/v1`; the `$id` is made from that. */
function messageSchema(name: string, { schema, title }: MessageEntry, jsonSchema: JsonSchema): JsonSchema {
  const id = schema?.split('/').slice(1).join(':') ?? name;
  const topics = Object.values(channels)
    .filter((channel) => channel.messages.some((message) => message === name))
    .map(({ address }) => address.replaceAll('{', '<').replaceAll('}', '>'));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `urn:parapet:schema:${id}`,
    title: `Parapet: ${title}`,
    description: `Sent on ${topics.join(' and ')}.`,
    ...jsonSchema,
  };
}

function serialise(schema: JsonSchema | undefined): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
