import type { Incident } from '../domain/incident.js';
import type { Lesson } from '../domain/lesson.js';
import type { DurableDatabase, Sql } from '../platform/database/sqlite.js';
import { parseIncident } from './incidents.js';

/** The scale that one fall gave for the facade that a camera had then. */
export interface FallScale {
  readonly incidentId: string;
  readonly cameraId: string;
  /** Names the facade as it was drawn: a fall says nothing of another drawing. */
  readonly facade: string;
  /** UTC milliseconds since 1970. */
  readonly seenAtMs: number;
  /** Natural logarithm of the gravity found over 9.81 m/s², and its standard deviation. */
  readonly logRatio: number;
  readonly sigma: number;
}

/** What is kept of a rule of a camera. */
export interface KeptOfRule {
  readonly cameraId: string;
  /** The rule's name. */
  readonly rule: string;
  /** UTC milliseconds since 1970. */
  readonly keptAtMs: number;
  readonly json: string;
}

/** Something that is kept of rules, the latest of each. */
export interface RuleShelf {
  all(): readonly KeptOfRule[];
  /** Keeps what is given in place of what there was. */
  keep(rows: readonly KeptOfRule[]): void;
  /** Forgets what was kept before a moment, UTC milliseconds. */
  forget(beforeMs: number): void;
}

/** What an agent learns over days. Each writing call is one transaction that is on the disk when it returns. */
export interface Learnt {
  /** All lessons, oldest first. */
  lessons(): readonly Lesson[];
  /** Keeps a lesson in place of what was known of its incident; of each camera the newest `limit` stay. */
  keepLesson(lesson: Lesson, limit: number): void;
  /** Forgets lessons that were learnt before a moment, UTC milliseconds. */
  forgetLessons(beforeMs: number): void;
  /** All that falls said of scales, oldest first. */
  fallScales(): readonly FallScale[];
  /** Keeps what a fall said; of each camera and facade the newest `limit` stay, of other facades of the camera none. */
  keepFallScale(scale: FallScale, limit: number): void;
  /** What rules want to know again. */
  readonly memories: RuleShelf;
  /** What they have counted. */
  readonly counts: RuleShelf;
}

export function createLearnt(database: DurableDatabase): Learnt {
  return {
    lessons: () =>
      database.read((sql) =>
        sql
          .all<LessonRow>('SELECT outcome, strength, learnt_at_ms AS learntAtMs, json FROM lesson ORDER BY learnt_at_ms, incident')
          .map(({ json, ...row }) => ({ ...row, incident: parseIncident(json) })),
      ),
    keepLesson: (lesson, limit) => database.write((sql) => keepLesson(sql, lesson, limit)),
    forgetLessons: (beforeMs) => void database.write((sql) => sql.run('DELETE FROM lesson WHERE learnt_at_ms < ?', beforeMs)),
    fallScales: () =>
      database.read((sql) =>
        sql.all<FallScale>(
          `SELECT incident AS incidentId, camera AS cameraId, facade, seen_at_ms AS seenAtMs, log_ratio AS logRatio, sigma
           FROM fall_scale ORDER BY seen_at_ms, incident`,
        ),
      ),
    keepFallScale: (scale, limit) => database.write((sql) => keepFallScale(sql, scale, limit)),
    memories: createShelf(database, 'rule_memory'),
    counts: createShelf(database, 'rule_count'),
  };
}

function createShelf(database: DurableDatabase, table: 'rule_memory' | 'rule_count'): RuleShelf {
  return {
    all: () =>
      database.read((sql) =>
        sql.all<KeptOfRule>(`SELECT camera AS cameraId, rule, kept_at_ms AS keptAtMs, json FROM ${table} ORDER BY id`),
      ),
    keep: (rows) =>
      database.write((sql) => {
        for (const { cameraId, rule, keptAtMs, json } of rows) {
          sql.run(
            `INSERT OR REPLACE INTO ${table} (id, camera, rule, kept_at_ms, json) VALUES (?, ?, ?, ?, ?)`,
            ...[`${cameraId}/${rule}`, cameraId, rule, Math.round(keptAtMs), json],
          );
        }
      }),
    forget: (beforeMs) => void database.write((sql) => sql.run(`DELETE FROM ${table} WHERE kept_at_ms < ?`, beforeMs)),
  };
}

interface LessonRow {
  readonly outcome: Lesson['outcome'];
  readonly strength: number;
  readonly learntAtMs: number;
  readonly json: string;
}

function keepLesson(sql: Sql, { incident, outcome, strength, learntAtMs }: Lesson, limit: number): void {
  const { id, cameraId }: Incident = incident;
  sql.run(
    `INSERT INTO lesson (incident, camera, outcome, strength, learnt_at_ms, json) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (incident) DO UPDATE SET outcome = excluded.outcome, strength = excluded.strength, learnt_at_ms = excluded.learnt_at_ms`,
    id,
    cameraId,
    outcome,
    strength,
    Math.round(learntAtMs),
    JSON.stringify(incident),
  );
  sql.run(
    `DELETE FROM lesson WHERE camera = ? AND incident NOT IN
       (SELECT incident FROM lesson WHERE camera = ? ORDER BY learnt_at_ms DESC, incident DESC LIMIT ?)`,
    cameraId,
    cameraId,
    limit,
  );
}

function keepFallScale(sql: Sql, { incidentId, cameraId, facade, seenAtMs, logRatio, sigma }: FallScale, limit: number): void {
  sql.run(
    'INSERT OR REPLACE INTO fall_scale (incident, camera, facade, seen_at_ms, log_ratio, sigma) VALUES (?, ?, ?, ?, ?, ?)',
    incidentId,
    cameraId,
    facade,
    Math.round(seenAtMs),
    logRatio,
    sigma,
  );
  sql.run(
    `DELETE FROM fall_scale WHERE camera = ? AND incident NOT IN
       (SELECT incident FROM fall_scale WHERE camera = ? AND facade = ? ORDER BY seen_at_ms DESC, incident DESC LIMIT ?)`,
    cameraId,
    cameraId,
    facade,
    limit,
  );
}
