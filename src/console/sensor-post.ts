import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { SensorOutcome } from '../domain/sensor.js';

/** How devices in the street are heard over HTTP. */
export interface SensorPost {
  /** What whoever speaks for a device must bear: `Authorization: Bearer <token>`. */
  readonly token: string;
  /** Largest message, bytes. */
  readonly maxBytes: number;
  /** A message for the sensor of a name. Must not throw. */
  hear(name: string, payload: Uint8Array): SensorOutcome;
}

/** What is answered. */
export interface PostAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the sender still has to say is not read: the connection is closed. */
  readonly close?: true;
}

const answers = {
  taken: { status: 202, body: 'taken\n' },
  unknown: { status: 404, body: 'no rule listens to this sensor\n' },
  too_large: { status: 413, body: 'too large\n', close: true },
  too_often: { status: 429, body: 'too often\n', headers: { 'retry-after': '1' } },
  unreadable: { status: 400, body: 'neither a JSON object nor a word or number\n' },
} as const satisfies Record<SensorOutcome, PostAnswer>;

/** The name in `/sensors/<name>`; `null` of any other path. */
export const sensorOf = (path: string): string | null => /^\/sensors\/([A-Za-z0-9][A-Za-z0-9_-]{0,63})$/.exec(path)?.[1] ?? null;

/**
 * Takes a device's message. Nothing of it is read before the token is right, and never more than `maxBytes`.
 *
 * @param sensors `null`: nobody may speak.
 */
export async function takeSensorPost(name: string, request: IncomingMessage, sensors: SensorPost | null): Promise<PostAnswer> {
  if (sensors === null) {
    return { status: 403, body: 'sensors are not heard over HTTP here; set console.sensor_token in the agent’s config\n', close: true };
  }
  if (!bears(request.headers.authorization, sensors.token)) {
    return {
      status: 401,
      body: 'bear the token: Authorization: Bearer <console.sensor_token>\n',
      headers: { 'www-authenticate': 'Bearer' },
      close: true,
    };
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > sensors.maxBytes) return answers.too_large;
    chunks.push(chunk);
  }
  return answers[sensors.hear(name, Buffer.concat(chunks))];
}

/** In the same time whatever was sent: hashes are of one length, and compared whole. */
function bears(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}
