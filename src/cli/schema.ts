import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { z } from 'zod';
import { configJsonSchema } from '../config/index.js';
import { caseStateSchema, inspectionSchema } from '../domain/wire/case.js';
import { replySchema } from '../domain/wire/command.js';
import { ackSchema, needSchema } from '../domain/wire/delivery.js';
import { eventSchema } from '../domain/wire/event.js';
import { completeSchema, evidenceCompleteSchema, manifestSchema } from '../domain/wire/evidence.js';
import { keySchema, recordSchema, refusalSchema } from '../domain/wire/proof.js';
import { activeSchema, cameraStateSchema, metricsSchema, statusSchema } from '../domain/wire/status.js';
import { AgentError, errorMessage } from '../platform/errors.js';
import { makeFolder } from '../platform/make-folder.js';
import { type CommandContext, createCommand } from './context.js';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Every schema by name, one line each. */
const schemas: Readonly<Record<string, () => JsonSchema>> = {
  config: configJsonSchema,
  event: () => messageSchema(eventSchema, 'Event', 'events/<camera>/<type>'),
  manifest: () => messageSchema(manifestSchema, 'Evidence manifest', 'evidence/<event>/<evidence>/manifest'),
  complete: () => messageSchema(completeSchema, 'Evidence file complete', 'evidence/<event>/<evidence>/complete'),
  'evidence-complete': () => messageSchema(evidenceCompleteSchema, 'All evidence of an event complete', 'evidence/<event>/complete'),
  ack: () => messageSchema(ackSchema, 'Acknowledgement by the centre', 'ack'),
  need: () => messageSchema(needSchema, 'Request for missing chunks', 'need'),
  key: () => messageSchema(keySchema, 'Public key of the agent', 'key'),
  record: () => messageSchema(recordSchema, 'Record of the chain of evidence', 'records'),
  refusal: () => messageSchema(refusalSchema, 'Refusal by the centre', 'ack'),
  'case-state': () => messageSchema(caseStateSchema, 'State of a case', 'cases/<event>/state'),
  inspection: () => messageSchema(inspectionSchema, 'Inspection of a solved case', 'cases/<event>/inspection'),
  reply: () => messageSchema(replySchema, 'Answer to a command', 'reply, or the response topic'),
  status: () => messageSchema(statusSchema, 'Status of the agent', 'status'),
  'camera-state': () => messageSchema(cameraStateSchema, 'State of a camera', 'cameras/<camera>/state'),
  active: () => messageSchema(activeSchema, 'Open incidents', 'incidents/<camera>/<type>/active'),
  metrics: () => messageSchema(metricsSchema, 'Figures', 'metrics'),
};

/** `parapet schema`: JSON Schema of the config and of every message. */
export function createSchemaCommand(context: CommandContext): Command {
  return createCommand(
    'schema',
    'Prints the JSON Schema of the config or of a message, or writes all of them into a folder.',
    'parapet schema event\nparapet schema --all --out schemas',
  )
    .addArgument(new Argument('[name]', 'which one').choices(Object.keys(schemas)).default('config'))
    .option('--all', 'write every schema, as <name>.schema.json')
    .option('--out <folder>', 'folder for --all; made when missing')
    .action((name: string, options: { readonly all?: true; readonly out?: string }) => {
      if ((options.all === true) !== (options.out !== undefined)) {
        throw new AgentError('BAD_USAGE', '--all and --out go together: parapet schema --all --out FOLDER');
      }
      if (options.out === undefined) context.stdout.write(serialise(schemas[name]?.()));
      else writeAll(resolve(context.cwd, options.out), context);
    });
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
function messageSchema(schema: z.ZodObject<{ schema: z.ZodLiteral<string> }>, title: string, topic: string): JsonSchema {
  const name = schema.shape.schema.value.split('/').slice(1).join(':');
  const description = `Sent on <prefix>/<site>/<agent>/${topic}.`;
  return { $id: `urn:parapet:schema:${name}`, title: `Parapet: ${title}`, description, ...z.toJSONSchema(schema) };
}

function serialise(schema: JsonSchema | undefined): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
