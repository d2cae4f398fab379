import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { TruthClip } from '../../core/scoring/truth.js';
import { type EventMessage, eventSchema } from '../../domain/wire/event.js';
import { AgentError, errorMessage } from '../../platform/errors.js';

/** A file of events and the truth of the same clip. */
export interface ScorePair {
  readonly eventsPath: string;
  readonly truthPath: string;
}

const point = z.tuple([z.number(), z.number()]);

/** `parapet/truth/v1`, as `scripts/scenes/render.mjs` writes it: the parts that the score needs. */
const truthSchema = z.object({
  schema: z.literal('parapet/truth/v1'),
  scene: z.string(),
  tags: z.array(z.string()),
  video: z.object({ width: z.number().positive(), height: z.number().positive(), duration_s: z.number().positive() }),
  facade: z.object({ floors: z.object({ height_m: z.number() }) }).optional(),
  throws: z.array(
    z.object({
      id: z.string(),
      object: z.string(),
      mass_class: z.enum(['light', 'medium', 'heavy']),
      origin: z.object({ floor: z.int(), unit: z.string() }),
      landing: z.object({ point, speed_mps: z.number().positive().optional() }).nullable(),
      median_size_px: z.number(),
      median_contrast: z.number(),
      frames: z.array(
        z.object({
          t: z.number(),
          x: z.number(),
          y: z.number(),
          w_px: z.number(),
          h_px: z.number(),
          visible: z.boolean(),
          fallen_m: z.number().optional(),
        }),
      ),
    }),
  ),
});

/**
 * The pairs that two paths mean: two files, or two folders whose clips go by the same name: `<clip>/truth.json` or
 * `<clip>.json` with `<clip>/events.jsonl` or `<clip>.jsonl`.
 *
 * @throws {AgentError} when a path is not there, or a clip has no events.
 */
export function findPairs(eventsPath: string, truthPath: string): readonly ScorePair[] {
  const folders = [eventsPath, truthPath].map(isFolder);
  if (!folders[0] && !folders[1]) return [{ eventsPath, truthPath }];
  if (!folders[0] || !folders[1]) {
    throw new AgentError('BAD_USAGE', `${eventsPath} and ${truthPath}: give two files or two folders, not one of each`);
  }
  const pairs = readdirSync(truthPath)
    .sort()
    .flatMap((entry) => {
      const truth = [join(truthPath, entry, 'truth.json'), join(truthPath, entry)].find((p) => p.endsWith('.json') && existsSync(p));
      if (truth === undefined || entry === 'set.json') return [];
      const clip = entry.replace(/\.json$/, '');
      const candidates = [join(eventsPath, clip, 'events.jsonl'), join(eventsPath, `${clip}.jsonl`)];
      const events = candidates.find((p) => existsSync(p));
      if (events === undefined) {
        throw new AgentError(
          'FILE_INVALID',
          `${truth}: no events of this clip; expected ${candidates.join(' or ')} (parapet analyze … --events FILE)`,
        );
      }
      return [{ eventsPath: events, truthPath: truth }];
    });
  if (pairs.length === 0) throw new AgentError('FILE_INVALID', `${truthPath}: no truth in this folder; expected <clip>/truth.json`);
  return pairs;
}

/**
 * Reads a list of pairs: a line holds the path of the events, white space, and the path of the truth, both from the list's
 * own folder; `#` begins a comment.
 *
 * @throws {AgentError} when the list cannot be read or a line is not a pair.
 */
export function readPairs(listPath: string): readonly ScorePair[] {
  const folder = dirname(listPath);
  return readText(listPath)
    .split('\n')
    .flatMap((raw, i) => {
      const line = raw.replace(/#.*/, '').trim();
      if (line === '') return [];
      const [events, truth, ...rest] = line.split(/\s+/);
      if (events === undefined || truth === undefined || rest.length > 0) {
        throw new AgentError('FILE_INVALID', `${listPath}:${i + 1}: expected two paths, of the events and of the truth`);
      }
      return findPairs(resolve(folder, events), resolve(folder, truth));
    });
}

/**
 * Reads one truth.
 *
 * @throws {AgentError} when the file is not there or is no truth.
 */
export function readTruth(path: string): TruthClip {
  const text = readText(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AgentError('FILE_INVALID', `${path}: not JSON (${errorMessage(error)}); expected the truth.json of a scene`, {
      cause: error,
    });
  }
  const parsed = truthSchema.safeParse(json);
  if (!parsed.success) {
    throw new AgentError('FILE_INVALID', `${path}: not a truth of a scene: ${firstIssue(parsed.error)}`);
  }
  const { scene, tags, video, facade, throws } = parsed.data;
  return {
    name: scene,
    tags,
    widthPx: video.width,
    heightPx: video.height,
    durationS: video.duration_s,
    throws: throws.map((t) => ({
      id: t.id,
      object: t.object,
      massClass: t.mass_class,
      floor: t.origin.floor,
      unit: t.origin.unit,
      landing: t.landing === null ? null : { x: t.landing.point[0], y: t.landing.point[1] },
      impactMps: t.landing?.speed_mps ?? null,
      positions: t.frames.filter((f) => f.visible).map((f) => ({ t: f.t, x: f.x, y: f.y, wPx: f.w_px, hPx: f.h_px })),
      confirmableS:
        facade === undefined
          ? null
          : confirmableAt(
              t.frames.filter((f) => f.visible),
              CONFIRMABLE_FLOORS * facade.floors.height_m,
            ),
      sizePx: t.median_size_px,
      contrast: t.median_contrast,
    })),
  };
}

/** Pictures without which nothing is confirmed: fewer do not tell a fall from a straight line. */
const CONFIRMABLE_PICTURES = 6;

/** Nor with a shorter drop than the rule's default, of which birds and people make many. */
const CONFIRMABLE_FLOORS = 2;

function confirmableAt(seen: readonly { readonly t: number; readonly fallen_m?: number | undefined }[], dropM: number): number | null {
  const from = seen[0]?.fallen_m;
  if (from === undefined) return null;
  return seen.find((f, i) => i >= CONFIRMABLE_PICTURES - 1 && (f.fallen_m ?? from) - from >= dropM)?.t ?? null;
}

/**
 * Reads events, one JSON object a line, as `analyze --events` writes them.
 *
 * @throws {AgentError} when the file is not there or a line is no event; it names the line.
 */
export function readEvents(path: string): readonly EventMessage[] {
  return readText(path)
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return [];
      let json: unknown;
      try {
        json = JSON.parse(line);
      } catch (error) {
        throw new AgentError('FILE_INVALID', `${path}:${i + 1}: not JSON; expected one event a line, as parapet analyze --events writes`, {
          cause: error,
        });
      }
      const parsed = eventSchema.safeParse(json);
      if (!parsed.success) throw new AgentError('FILE_INVALID', `${path}:${i + 1}: not an event: ${firstIssue(parsed.error)}`);
      return [parsed.data];
    });
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'unknown form' : `${issue.path.join('.') || 'the whole'}: ${issue.message}`;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): AgentError {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  const why = isMissing ? 'no such file or folder' : `cannot be read (${errorMessage(error)})`;
  return new AgentError('FILE_INVALID', `${path}: ${why}; check the path`, { cause: error });
}
