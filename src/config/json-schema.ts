import { z } from 'zod';
import { isQuantityKind } from '../domain/option/quantity.js';
import { configSchema } from './schema.js';

/** JSON Schema of a config as a person writes it, for editors and other programs. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const leaf = z.globalRegistry.get(zodSchema)?.leaf;
      delete jsonSchema['leaf'];
      const described = jsonSchema.anyOf?.find((part) => part.description !== undefined);
      if (jsonSchema.description === undefined && described?.description !== undefined) jsonSchema.description = described.description;
      if (leaf === undefined) return;
      if (isQuantityKind(leaf.kind)) {
        jsonSchema.description = `${jsonSchema.description} From ${leaf.min} to ${leaf.max}.`;
      } else if (leaf.unit !== undefined) {
        jsonSchema.description = `${jsonSchema.description} Unit: ${leaf.unit}.`;
      }
    },
  });
  return { $id: 'urn:parapet:schema:config:v1', title: 'Parapet config', ...schema };
}
