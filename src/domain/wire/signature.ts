import { z } from 'zod';

/**
 * Signature of a message: over its canonical JSON (RFC 8785) without this field. Nothing may be added here: it would not be signed, and yet
 * change the hash that the next record of a chain holds.
 */
export const signatureSchema = z
  .strictObject({
    alg: z.literal('Ed25519'),
    key: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/, '32 bytes as base64')
      .describe('public key of the agent, 32 bytes, base64'),
    value: z
      .string()
      .regex(/^[A-Za-z0-9+/]{86}==$/, '64 bytes as base64')
      .describe('64 bytes, base64'),
  })
  .describe('over the canonical JSON (RFC 8785) of the message without this field');

export type Signature = z.infer<typeof signatureSchema>;
