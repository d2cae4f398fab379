import { createHmac } from 'node:crypto';

/** Headers that say what a notice is and that it is ours, as Standard Webhooks has them, so that libraries of many languages can check it. */
export interface WebhookHeaders {
  readonly 'webhook-id': string;
  /** Seconds since 1970, when it was sent. */
  readonly 'webhook-timestamp': string;
  /** `v1,` and the HMAC-SHA256 of `<id>.<timestamp>.<body>` as base64. */
  readonly 'webhook-signature': string;
}

/**
 * @param secret `whsec_` and base64 stands for those bytes, anything else for itself in UTF-8.
 * @param sentAtMs UTC milliseconds since 1970.
 */
export function signNotice(secret: string, id: string, body: string, sentAtMs: number): WebhookHeaders {
  const timestamp = String(Math.floor(sentAtMs / 1000));
  const mac = createHmac('sha256', secretBytes(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
}

function secretBytes(secret: string): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(secret)?.[1];
  return encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
}
