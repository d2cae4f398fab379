import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { Evidence, EvidenceKind } from '../domain/evidence.js';
import type { Incident } from '../domain/incident.js';
import { writeFileDurably } from '../platform/disk/durable-file.js';
import { createLogger, type Logger } from '../platform/logger.js';

/** A plain confirmed throw, phase `new`; give what should differ. */
export function makeIncident(differ: Partial<Incident> = {}): Incident {
  return {
    id: ulid(),
    cameraId: 'tower',
    rule: 'thrown_object',
    type: 'thrown_object',
    phase: 'new',
    severity: 'critical',
    verdict: 'confirmed',
    confidence: 0.97,
    startedAtMs: Date.UTC(2026, 2, 1, 7, 41, 12, 480),
    endedAtMs: null,
    streamTime: { start: 12.48, end: 15.92 },
    box: { x1: 0.4, y1: 0.1, x2: 0.5, y2: 0.9 },
    zone: null,
    labels: [],
    throw: null,
    reasons: [{ criterion: 'drop_floors', value: 15.5, threshold: 2, unit: 'floors' }],
    ...differ,
  };
}

/** The same incident, over. */
export function ended(incident: Incident): Incident {
  return { ...incident, phase: 'end', endedAtMs: incident.startedAtMs + 3_440 };
}

const mediaTypes: Readonly<Record<EvidenceKind, string>> = {
  clip: 'video/mp4',
  snapshot: 'image/jpeg',
  trail: 'image/jpeg',
  crop: 'image/jpeg',
  track: 'application/json',
};

/** Writes a file of `bytes` pseudo-random bytes, as the agent writes evidence, and describes it. */
export async function makeEvidence(incident: Incident, kind: EvidenceKind, path: string, bytes: number, id = ulid()): Promise<Evidence> {
  const content = noise(bytes, id);
  await writeFileDurably(path, content);
  return {
    id,
    incidentId: incident.id,
    cameraId: incident.cameraId,
    kind,
    path,
    mediaType: mediaTypes[kind],
    bytes,
    sha256: createHash('sha256').update(content).digest('hex'),
    fromMs: incident.startedAtMs - 5_000,
    toMs: incident.startedAtMs + 8_000,
  };
}

/** The same bytes for the same seed, and no two blocks alike. */
export function noise(bytes: number, seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let have = 0, index = 0; have < bytes; have += 64, index++) blocks.push(createHash('sha512').update(`${seed} ${index}`).digest());
  return Buffer.concat(blocks).subarray(0, bytes);
}

export interface TestFolder extends AsyncDisposable {
  readonly path: string;
  of(...names: string[]): string;
}

export async function makeTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'parapet-test-'));
  return {
    path,
    of: (...names) => join(path, ...names),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Longer than anything takes on a busy machine that does not hang, milliseconds. */
const PATIENCE_MS = 120_000;

/** Waits for something that another process or the network brings about. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = PATIENCE_MS): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
    await delay(10);
  }
}

/** A logger whose lines can be looked at. */
export function recordingLogger(): { readonly logger: Logger; lines(): readonly Record<string, unknown>[] } {
  const texts: string[] = [];
  const logger = createLogger('debug', { write: (text: string) => texts.push(text) });
  return { logger, lines: () => texts.map((text) => JSON.parse(text) as Record<string, unknown>) };
}

export const silentLogger = (): Logger => createLogger('silent');
