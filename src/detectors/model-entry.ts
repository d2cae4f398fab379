import { z } from 'zod';
import { heads } from '../core/detection/heads/index.js';
import { labelSets } from './labels.js';

const families = heads.map(({ family }) => family);

/** One model of `models/registry.yaml`. */
export const modelEntrySchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .describe('Name by which configs speak of it.'),
  file: z
    .string()
    .regex(/^([A-Za-z0-9][A-Za-z0-9._-]{0,126}\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/)
    .describe('Its file in the folder of models, or in one folder there: a TensorFlow.js model is NAME/model.json, its weights beside it.'),
  url: z
    .url({ protocol: /^https$/ })
    .nullable()
    .default(null)
    .describe('Where it is pulled from; null: it must be brought.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable()
    .default(null)
    .describe(
      'SHA-256 of the file, for TensorFlow.js of model.json and then its weights in their order; null: unknown, and checked by nobody.',
    ),
  licence: z.string().min(1).describe('Licence of the weights, as an SPDX identifier where there is one.'),
  family: z
    .enum(families as [string, ...string[]])
    .nullable()
    .default(null)
    .describe('How its outputs are read; null: told by their shapes.'),
  labels: z
    .union([z.enum(Object.keys(labelSets) as [string, ...string[]]), z.array(z.string().min(1).nullable()).min(1).max(1000)])
    .default('coco80')
    .describe('What its classes are called: the name of a set, or a list; null: a class that is not used.'),
  input: z
    .strictObject({ width: z.int().min(32).max(4096), height: z.int().min(32).max(4096) })
    .nullable()
    .default(null)
    .describe('Size of its input, pixels, where the model itself takes any.'),
});

export type ModelEntry = z.infer<typeof modelEntrySchema>;

export const registrySchema = z.strictObject({ models: z.array(modelEntrySchema) });

/** Labels of an entry, by class. */
export function labelsOf({ labels }: Pick<ModelEntry, 'labels'>): readonly (string | null)[] {
  return typeof labels === 'string' ? (labelSets[labels] as readonly (string | null)[]) : labels;
}
