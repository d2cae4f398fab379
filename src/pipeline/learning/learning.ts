import type { CameraConfig } from '../../config/camera-schema.js';
import type { Incident } from '../../domain/incident.js';
import { FEEDBACK_CRITERION, type Lesson, lessonOf, MAX_LESSONS, type Teaching } from '../../domain/lesson.js';
import type { CaseStateMessage } from '../../domain/wire/case.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type { LearningSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';
import type { RuleConfig } from '../../rules/registry.js';
import { workOf } from '../../rules/registry.js';
import type { Store } from '../../store/index.js';
import { createScaleWatch } from './scale-watch.js';

export interface LearningOptions {
  readonly cameras: readonly Pick<CameraConfig, 'id' | 'rules' | 'facade'>[];
  readonly store: Pick<Store, 'incident' | 'learnt'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is known of a camera's incidents has changed. Must not throw. */
  readonly onTaught: (cameraId: string) => void;
}

/** What the agent learns from the centre and from falls, kept over restarts and handed to the cameras' threads. */
export interface Learning {
  /** All that is known of a camera's earlier incidents, now. */
  teachingOf(cameraId: string): Teaching;
  /** The centre has said something of a case. @throws {AgentError} when the store cannot be read. */
  onCase(message: CaseStateMessage): void;
  /** An incident has been recorded. */
  onIncident(incident: Incident): void;
  /** Forgets what is too old to be of use. @throws {AgentError} when the store fails. */
  forget(): void;
  of(cameraId: string): LearningSnapshot;
}

/** @throws {AgentError} when the store cannot be read. */
export function createLearning(options: LearningOptions): Learning {
  const { cameras, store, clock, logger } = options;
  const lessons = new Map<string, Lesson>(store.learnt.lessons().map((lesson) => [lesson.incident.id, lesson]));
  const downgraded = new Map<string, number>();
  const scales = createScaleWatch({ cameras, learnt: store.learnt, logger });

  const lessonsOf = (cameraId: string): readonly Lesson[] => [...lessons.values()].filter(({ incident }) => incident.cameraId === cameraId);

  /** It works from memory until the next start, when the disk does not take it. */
  function keep(lesson: Lesson): void {
    lessons.set(lesson.incident.id, lesson);
    const ofCamera = lessonsOf(lesson.incident.cameraId).toSorted((a, b) => b.learntAtMs - a.learntAtMs);
    for (const { incident } of ofCamera.slice(MAX_LESSONS)) lessons.delete(incident.id);
    try {
      store.learnt.keepLesson(lesson, MAX_LESSONS);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      logger.error(
        { event: 'lesson-unsaved', incident: lesson.incident.id, reason: error.message },
        'what was learnt will not survive a restart',
      );
    }
  }

  return {
    teachingOf: (cameraId) => ({ lessons: lessonsOf(cameraId), nowMs: clock.now() }),
    onCase({ event, state, at }) {
      const before = lessons.get(event);
      const incident = before?.incident ?? store.incident(event);
      if (incident === null) {
        logger.warn(
          { event: 'case-unknown', incident: event, state },
          `the centre calls ${event} ${state}, but it is not known here any more`,
        );
        return;
      }
      // A centre whose clock is ahead must not make a lesson that never fades.
      const lesson = lessonOf(incident, state, Math.min(Date.parse(at), clock.now()));
      if (lesson === null) return;
      if (before !== undefined && (before.learntAtMs > lesson.learntAtMs || isSame(before, lesson))) return;
      keep(lesson);
      const { cameraId } = incident;
      logger.info({ event: 'lesson-learnt', camera: cameraId, incident: event, state }, `learnt from the centre: ${event} is ${state}`);
      options.onTaught(cameraId);
    },
    onIncident(incident) {
      const { phase, verdict, cameraId, reasons } = incident;
      scales.note(incident);
      const doubted = verdict === 'suspected' && reasons[0]?.criterion === FEEDBACK_CRITERION;
      if (phase === 'end' && doubted) downgraded.set(cameraId, (downgraded.get(cameraId) ?? 0) + 1);
    },
    forget() {
      const memoryMs = Math.max(0, ...cameras.flatMap(({ rules }) => rules.map(memoryOf)));
      const beforeMs = clock.now() - memoryMs;
      for (const [id, { learntAtMs }] of lessons) if (learntAtMs < beforeMs) lessons.delete(id);
      store.learnt.forgetLessons(beforeMs);
    },
    of(cameraId) {
      const known = lessonsOf(cameraId);
      const falseAlarms = known.filter(({ outcome }) => outcome === 'false_alarm').length;
      return { falseAlarms, realOnes: known.length - falseAlarms, downgraded: downgraded.get(cameraId) ?? 0, scale: scales.of(cameraId) };
    },
  };
}

const isSame = (a: Lesson, b: Lesson): boolean => a.outcome === b.outcome && a.strength === b.strength && a.learntAtMs === b.learntAtMs;

const memoryOf = (rule: RuleConfig): number => workOf(rule).memoryMs?.(rule) ?? 0;
