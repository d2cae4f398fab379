import type { GroundPlane } from '../core/geometry/ground-plane.js';
import type { MotionFrame } from '../core/motion/candidate.js';
import type { MotionOptions } from '../core/motion/motion-detector.js';
import type { Facade } from '../domain/facade.js';
import type { Figure, FigureShape } from '../domain/figure.js';
import type { Box, Line, Polygon } from '../domain/geometry.js';
import type { Incident, IncidentPhase, Reason, Severity, ThrowDetails, Verdict } from '../domain/incident.js';
import type { Teaching } from '../domain/lesson.js';
import type { Columns } from '../domain/roi.js';
import type { SensorAddress, SensorMoment } from '../domain/sensor.js';
import type { ScenePicture, StreetFrame } from '../domain/street.js';
import type { Presence } from '../domain/wire/case.js';

/** What a rule knows of its camera. */
export interface RuleContext {
  /** Of the pictures that it works on, pixels. */
  readonly width: number;
  readonly height: number;
  /** Which columns of them are looked at, pixels; absent: all. */
  readonly seen?: Columns;
  readonly facade: Facade | null;
  /** Named parts of the picture, in the order of the config; normalised to 0..1 of the full frame. */
  readonly zones: ReadonlyMap<string, Polygon>;
  /** Named lines across the picture, likewise. */
  readonly lines: ReadonlyMap<string, Line>;
  /** The ground in metres; `null` where it is not calibrated. */
  readonly ground: GroundPlane | null;
  /** IANA name, such as `Asia/Shanghai`: what the hours of schedules are told in. */
  readonly timeZone: string;
}

/** What a rule says of one incident at one moment. It becomes an {@link Incident} with an id and wall-clock times. */
export interface RuleFinding {
  /** Counts the rule's incidents from 1; the same through new, update and end. */
  readonly number: number;
  readonly phase: IncidentPhase;
  readonly severity: Severity;
  readonly verdict: Verdict;
  readonly confidence: number;
  readonly reasons: readonly Reason[];
  /** Milliseconds on the stream's clock. */
  readonly startPtsMs: number;
  readonly endPtsMs: number;
  /** Normalised to 0..1 of the full frame. */
  readonly box: Box;
  readonly zone: Incident['zone'];
  readonly labels: readonly string[];
  readonly throw: ThrowDetails | null;
}

/** An incident that was open when the stream broke off, or the agent ended, as it was last told. */
export interface OpenIncident extends Pick<Incident, 'verdict' | 'confidence' | 'reasons' | 'box' | 'zone' | 'labels' | 'startedAtMs'> {
  /** What the rule goes on with it under. */
  readonly number: number;
  /** When it was last seen, as far as it was told, UTC milliseconds since 1970. */
  readonly seenAtMs: number;
}

/** A rule at work on one camera: pure and synchronous, the same frames give the same findings. `F`: what it is shown. */
export interface Rule<F> {
  step(frame: F): readonly RuleFinding[];
  /** There will be no more frames, and nobody goes on with what is open: ends it. */
  finish(): readonly RuleFinding[];
  /**
   * Takes over incidents that an earlier one had open, after `recall` and before the first frame: it says of each what becomes of it. With it, a rule's incidents stay
   * open while the stream is away; without it they are ended.
   */
  resume?(open: readonly OpenIncident[]): void;
  /** Takes over what the centre said of earlier incidents of its type, in place of what it knew. Without it, a rule learns nothing. */
  learn?(teaching: Teaching): void;
  /** What it has counted and measured so far, for metrics; left out by rules that only raise incidents. */
  figures?(): readonly Figure[];
  /**
   * What it must still know when the stream, or the agent, begins again: plain JSON of at most {@link MAX_MEMORY_BYTES}, with times on the wall clock, since
   * every connection has a stream clock of its own. It changes seldom: whenever it does, it is written to a disk. Left out by rules that begin anew.
   */
  memory?(): unknown;
  /** Takes over what an earlier one remembered, before the first frame. It checks that itself: what does not fit is as good as nothing. */
  recall?(memory: unknown): void;
}

/** How much one rule may remember, bytes of JSON: forty parked cars by day and by night. What is longer is not kept. */
export const MAX_MEMORY_BYTES = 512 * 1024;

/** The scene long after an incident, as far as rules are told of it. */
export interface PresentView {
  /** Of the picture that goes with the answer, UTC milliseconds since 1970. */
  readonly capturedAtMs: number;
  /** That picture, small; `null` where none could be had. */
  readonly picture: ScenePicture | null;
  /** The same camera's picture of the incident itself; `null` where it is not kept. */
  readonly before: ScenePicture | null;
  /** The same without what passed through it: the middle of its last seconds; `null` where it is not kept, or had not lasted so long. */
  readonly steady: ScenePicture | null;
  /** The scene as it was just before the incident began; `null` where it is not kept. */
  readonly scene: ScenePicture | null;
}

/** How a rule looks again at what it has reported. Pure, like the rule. */
export interface Reinspection {
  /** Where to look, normalised to 0..1 of the full frame; `null` where that is not in the picture. */
  place(incident: Incident): Box | null;
  /** Whether it is still there, and why that is said, one line for people. Where nobody can tell, `cannot_tell`: a picture goes with it. */
  judge(incident: Incident, view: PresentView): { readonly presence: Presence; readonly reason: string };
}

/** What every rule's folder offers to the registry, beside its title and schema. `C` is its config. */
interface CommonWork<C> {
  /** What the complete example shows where a default shows nothing; its camera has the zone `gate` and the line `kerb`. */
  readonly example: Readonly<Record<string, unknown>>;
  /** It measures metres: its camera must have `ground`. */
  readonly needsGround?: true;
  /** Its rules have `resume`: their incidents stay open while the stream is away, or the agent. */
  readonly resumes?: true;
  /** How long after it was learnt a lesson is of any use, milliseconds; left out by rules that do not learn. */
  memoryMs?(config: C): number;
  /** What its rule counts and measures, for who must know before the first number comes; left out where `figures` are. */
  figures?(config: C): readonly FigureShape[];
  /** How `verify` and solved cases are answered; left out by rules whose incidents leave nothing to look at. */
  readonly reinspection?: Reinspection;
}

/** A rule that is shown what moves from picture to picture, at the camera's full rate. */
export interface MotionRuleWork<C> extends CommonWork<C> {
  readonly input: 'motion';
  create(config: C, context: RuleContext): Rule<MotionFrame>;
  /** How sensitive the motion stage must be for it; the most demanding rule of a camera decides. */
  motion(config: C): MotionOptions;
}

/** A rule that is shown objects, still things and the state of the scene, a few times a second. */
export interface StreetRuleWork<C> extends CommonWork<C> {
  readonly input: 'street';
  create(config: C, context: RuleContext): Rule<StreetFrame>;
  /** Labels that it wants a model for; empty: it needs none, and the model rests unless another rule of the camera wants it. */
  labels(config: C): readonly string[];
}

/** A rule that looks at no picture: something outside the camera tells it. Its times are UTC milliseconds since 1970 in place of the stream's. */
export interface OutsideRuleWork<C> extends CommonWork<C> {
  readonly input: 'outside';
  create(config: C, context: RuleContext): Rule<SensorMoment>;
  /** Whom it listens to. */
  sensor(config: C): SensorAddress;
}

export type RuleWork<C> = MotionRuleWork<C> | StreetRuleWork<C> | OutsideRuleWork<C>;
