import { GRAVITY } from '../../core/ballistics/fall-model.js';
import type { FacadePlane } from '../../core/geometry/facade-plane.js';
import { BusyMap } from '../../core/motion/busy-map.js';
import type { MotionFrame } from '../../core/motion/candidate.js';
import { type LinkedPath, Linker, type Path, type PathPoint } from '../../core/tracking/linker.js';
import type { IncidentPhase } from '../../domain/incident.js';
import type { Teaching } from '../../domain/lesson.js';
import type { Columns } from '../../domain/roi.js';
import { fallingPart, fromOrigin, judgeWithBeginning } from './beginning.js';
import { describeThrow } from './describe.js';
import { extend } from './extend.js';
import { Feedback, mayNotBeSilenced } from './feedback.js';
import { gravityOfPath } from './gravity.js';
import { HeldVerdicts, isDoubted, whileHeld } from './held-verdicts.js';
import { LEAST_DROP_LOST, worthJudging } from './judge.js';
import { isNearlyConfirmed, type Judgement, type JudgeOptions } from './judgement.js';
import { lastWord } from './last-word.js';
import { LOST_S, MIN_POINTS } from './limits.js';
import { type NearDrop, NearDrops } from './near-drop.js';
import { mayDrip, OriginMemory } from './origin-memory.js';
import { fallEnd, leavesSight, withoutStrays } from './path-evidence.js';
import { isReflection, sameFall } from './same-fall.js';
import type { OpenThrow, ThrowFinding } from './throw-finding.js';
import { WeatherWatch } from './weather-watch.js';

export interface ThrownObjectOptions {
  readonly width: number;
  readonly height: number;
  /** Columns of the picture that are looked at, pixels; absent: all. */
  readonly seen?: Columns;
  readonly plane: FacadePlane | null;
  readonly floorHeightM: number | null;
  readonly minDropFloors: number;
  readonly minDropShare: number;
  readonly reportSuspected: boolean;
  /** Time in which what was learnt of false alarms counts half as much, milliseconds; 0: nothing is learnt. */
  readonly falseAlarmHalfLifeMs: number;
}

/** Frames kept to look back through, seconds: the longest fall from a tower of 100 floors takes 8 s, but its start is found long before. */
const HISTORY_S = 4;
/** How long an object may be hidden, seconds: behind a balcony or two. A throw not seen for so long is over. */
const COAST_S = 0.45;
/** Nearest that a facade is watched from, as pixels a metre at the picture's foot when nothing is known: 2 m fill the picture's height. */
const UNCALIBRATED_METRES = 2;
/** Fastest speed followed, picture heights a second: 120 px a frame at 1080p25 is 2.8. */
const MAX_SPEED_HEIGHTS = 4;
/** A path is judged again once it has grown by this many points, or by this share when it is long. */
const JUDGE_EVERY = 2;
const JUDGE_GROWTH = 1.15;
/** Paths judged a frame, best first. */
const MAX_JUDGED = 8;
/** Points from which what is on a path counts no longer as clutter. */
const PROVEN_POINTS = 5;
/**
 * Finds thrown objects in the candidates of one camera: links them to paths, judges each, follows what was confirmed to its end and
 * back to its origin. One frame at a time; the same frames give the same findings.
 */
export class ThrownObjectRule {
  /** Made anew only when the weather changes. */
  private judging: JudgeOptions;
  private readonly linker: Linker;
  private readonly busy: BusyMap;
  private readonly weather: WeatherWatch;
  private readonly held = new HeldVerdicts();
  private readonly origins = new OriginMemory();
  private readonly feedback: Feedback;
  /** Only where no facade tells a drop of two floors, and where suspicions are wanted. */
  private readonly nearDrops: NearDrops | null;
  private readonly density = (x: number, y: number): number => this.busy.densityAt(x, y);
  private readonly history: MotionFrame[] = [];
  private readonly judged = new Map<number, number>();
  /** Candidates of the frame at hand that are on a path, by place. */
  private onPaths = new Uint8Array(0);
  private open: OpenThrow[] = [];
  private recent: Pick<OpenThrow, 'points' | 'waits'>[] = [];
  private suspects = new Map<number, { path: Path; judgement: Judgement }>();
  private count = 0;

  constructor(private readonly options: ThrownObjectOptions) {
    const pixelsPerMetre =
      options.plane === null ? options.height / UNCALIBRATED_METRES : options.plane.pixelsPerMetre({ x: options.plane.widthM / 2, y: 0 });
    this.linker = new Linker({
      // A third more than gravity: thrown toward the camera, a thing looks faster than on the facade.
      maxAccelerationPx: GRAVITY * 1.33 * pixelsPerMetre,
      maxSpeedPx: MAX_SPEED_HEIGHTS * options.height,
      coastS: COAST_S,
    });
    const seen = options.seen ?? { left: 0, width: options.width };
    this.judging = { ...options, pictureHeightPx: options.height, seen, weather: false, precipitation: false, driven: false };
    this.feedback = new Feedback(options, options.falseAlarmHalfLifeMs);
    this.weather = new WeatherWatch({ width: seen.width, height: options.height });
    this.busy = new BusyMap(options.width, options.height);
    this.nearDrops = options.plane === null && options.reportSuspected ? new NearDrops(options) : null;
  }

  /** Takes over what the centre said of earlier throws. */
  learn(teaching: Teaching): void {
    this.feedback.learn(teaching);
  }

  step(frame: MotionFrame): readonly ThrowFinding[] {
    const findings: ThrowFinding[] = [];
    const before = this.history[this.history.length - 1];
    const frameS = before === undefined ? 0.04 : Math.min(0.5, frame.timeS - before.timeS);
    this.history.push(frame);
    while ((this.history[0] as MotionFrame).timeS < frame.timeS - HISTORY_S) this.history.shift();

    this.linker.step(frame, this.density);
    this.follow(frame.timeS, findings);
    this.weather.step(this.linker.paths, frame.timeS);
    this.learnClutter(frame, frameS);
    this.judgePaths(frame, findings);
    this.releaseHeld(frame.timeS, findings);
    this.closeSuspects(frame.timeS, findings);
    if (this.nearDrops !== null) this.tellNear(this.nearDrops.step(frame, this.history), findings);
    return findings;
  }

  /** Ends what is open. */
  finish(): readonly ThrowFinding[] {
    const findings: ThrowFinding[] = [];
    // What still falls when the stream ends is not over: its verdict was waited for, and never came.
    this.releaseHeld(this.history[this.history.length - 1]?.timeS ?? 0, findings);
    for (const thrown of this.open) findings.push(...this.end(thrown));
    this.open = [];
    this.closeSuspects(Number.POSITIVE_INFINITY, findings);
    if (this.nearDrops !== null) this.tellNear(this.nearDrops.finish(this.history), findings);
    return findings;
  }

  /** Takes over what the linker added to open throws; ends those that are out of sight. */
  private follow(nowS: number, findings: ThrowFinding[]): void {
    if (this.open.length === 0) return;
    this.open = this.open.filter((thrown) => {
      const best = this.linker.paths.find((path) => path.rootId === thrown.rootId);
      if (best !== undefined) {
        // Its likeliest hypothesis whole, from where it was found to begin: what was added by another, which went astray, goes.
        const [first] = thrown.points as readonly [PathPoint];
        const [linked] = best.points as readonly [PathPoint];
        thrown.points = [...thrown.points.filter((p) => p.seq < linked.seq), ...best.points.filter((p) => p.seq >= first.seq)];
        if (nowS - best.lastSeenS < COAST_S) return true;
      }
      if (thrown.waits === true && this.held.has(thrown.rootId)) return true;
      this.linker.drop(new Set([thrown.rootId]));
      findings.push(...this.end(thrown));
      return false;
    });
  }

  private judgePaths(frame: MotionFrame, findings: ThrowFinding[]): void {
    const options = this.judgeOptions();
    const seen = new Set<number>();
    let tried = 0;
    for (const path of this.linker.paths) {
      if (seen.has(path.rootId) || path.missed > 0 || this.isConfirmed(path.rootId)) continue;
      seen.add(path.rootId);
      const judgedAt = this.judged.get(path.rootId) ?? 0;
      if (path.length < Math.max(MIN_POINTS, judgedAt + JUDGE_EVERY, judgedAt * JUDGE_GROWTH) || !worthJudging(path, options)) continue;
      if (++tried > MAX_JUDGED) break;
      this.judgePath(path, options, frame, findings);
    }
    if (options.plane !== null) this.judgeLost(options, seen, frame, findings);
    if (this.judged.size > 2000) this.forgetDead();
  }

  /**
   * Gives what is out of sight now, and seemed to fall too little for any look, the only one: it may have come toward the camera. And what left the picture
   * since its last look another: it goes on falling.
   */
  private judgeLost(options: JudgeOptions, stillSeen: ReadonlySet<number>, frame: MotionFrame, findings: ThrowFinding[]): void {
    let tried = 0;
    for (const path of this.linker.paths) {
      if (frame.timeS - path.lastSeenS < LOST_S || stillSeen.has(path.rootId)) continue;
      const judgedAt = this.judged.get(path.rootId) ?? 0;
      if (judgedAt >= path.length || this.isConfirmed(path.rootId) || (judgedAt > 0 && !leavesSight(path.points, options))) continue;
      if (!worthJudging(path, options, LEAST_DROP_LOST)) continue;
      if (++tried > MAX_JUDGED) break;
      this.judgePath(path, options, frame, findings);
    }
  }

  private judgePath(path: LinkedPath, options: JudgeOptions, frame: MotionFrame, findings: ThrowFinding[]): void {
    this.judged.set(path.rootId, path.length);
    const falling = fallingPart(path, options.plane !== null);
    if (falling.points.length < MIN_POINTS) return;
    const { path: judgedPath, judgement } = judgeWithBeginning(falling, options, this.history);
    if (judgement.verdict === 'confirmed') {
      if (!this.mustWait() || !this.held.hold(judgedPath, judgement)) this.confirm(judgedPath, judgement, frame.timeS, findings);
      else this.tellEarly(judgedPath, judgement, findings);
      return;
    }
    if (isDoubted(judgement)) this.held.doubt(falling);
    if (isNearlyConfirmed(judgement)) this.tellEarly(falling, judgement, findings);
    if (judgement.verdict === 'suspected' && !this.isTellingOf(path.rootId)) this.suspects.set(path.rootId, { path: falling, judgement });
    else this.suspects.delete(path.rootId);
  }

  /** Whether verdicts wait until the fall is over. Without a facade nobody knows how far it has fallen. */
  private mustWait(): boolean {
    return this.weather.falling && this.options.plane !== null;
  }

  /** Confirms what was held back in precipitation and is over now. */
  private releaseHeld(nowS: number, findings: ThrowFinding[]): void {
    for (const { path, judgement } of this.held.release(this.linker.paths, nowS)) this.confirm(path, judgement, nowS, findings);
  }

  private confirm(path: Path, atOnce: Judgement, nowS: number, findings: ThrowFinding[]): void {
    const twins = this.rootsAlong(path.points);
    twins.delete(path.rootId);
    this.linker.drop(twins);
    for (const root of twins) this.suspects.delete(root);
    const found = fromOrigin(path, atOnce, this.judgeOptions(), this.history);
    const told = found === null ? null : (this.waitingOn(path.rootId, found.points) ?? this.imageOf(found.points));
    if (found === null || (told === null && this.isKnown(path.points, false))) {
      this.linker.drop(new Set([path.rootId]));
      return;
    }
    const { points } = found;
    const drips = mayDrip(points, found.judgement) && this.origins.isRepeated(points[0] as PathPoint, nowS);
    const judgement: Judgement = drips
      ? { ...found.judgement, verdict: 'suspected', confidence: Math.min(found.judgement.confidence, 0.4) }
      : found.judgement;
    if (told !== null) this.correct(told, { rootId: path.rootId, points, judgement }, findings);
    else if (judgement.verdict === 'confirmed' || this.options.reportSuspected) this.tell(path.rootId, points, judgement, findings);
  }

  /** Tells what may well be confirmed soon as suspected: a person may look meanwhile. */
  private tellEarly(path: Path, judgement: Judgement, findings: ThrowFinding[]): void {
    if (!this.options.reportSuspected || this.isTellingOf(path.rootId)) return;
    const found = fromOrigin(path, judgement, this.judgeOptions(), this.history);
    if (found === null || this.isKnown(found.points, true)) return;
    const suspected = judgement.verdict === 'confirmed' ? whileHeld(found.judgement) : judgement;
    this.tell(path.rootId, found.points, suspected, findings).waits = true;
  }

  /** Opens a throw, and tells it where it is wanted. */
  private tell(rootId: number, points: readonly PathPoint[], judgement: Judgement, findings: ThrowFinding[]): OpenThrow {
    this.count++;
    const thrown: OpenThrow = { number: this.count, rootId, points, judgement };
    this.open.push(thrown);
    const finding = this.finding(thrown, 'new');
    if (this.isTold(finding)) findings.push(finding);
    else thrown.silent = true;
    return thrown;
  }

  private isTellingOf(rootId: number): boolean {
    return this.open.some((thrown) => thrown.rootId === rootId);
  }

  /** Whether a path belongs to a throw that is told of and no longer judged. */
  private isConfirmed(rootId: number): boolean {
    return this.open.some((thrown) => thrown.rootId === rootId && thrown.waits !== true);
  }

  /** The throw told as suspected that takes this path, in the same hypothesis or in another. */
  private waitingOn(rootId: number, points: readonly PathPoint[]): OpenThrow | null {
    const waiting = this.open.filter((thrown) => thrown.waits === true);
    const own = waiting.find((thrown) => thrown.rootId === rootId);
    return own ?? waiting.find((thrown) => sameFall(thrown.points, points, this.options.height, true)) ?? null;
  }

  /** The open throw that turns out to be the reflection, in the facade's glass, of what takes this path. */
  private imageOf(points: readonly PathPoint[]): OpenThrow | null {
    const { plane } = this.options;
    return plane === null ? null : (this.open.find((thrown) => isReflection(thrown.points, points, plane)) ?? null);
  }

  /** Goes on with the thing itself where its reflection was reported, and with the verdict where it was held. */
  private correct(told: OpenThrow, thing: Pick<OpenThrow, 'rootId' | 'points' | 'judgement'>, findings: ThrowFinding[]): void {
    if (told.rootId !== thing.rootId) this.linker.drop(new Set([told.rootId]));
    Object.assign(told, thing, { waits: false });
    if (told.silent !== true) findings.push(this.finding(told, 'update'));
  }

  /** Suspected paths are reported when they are over: until then they may still be confirmed. */
  private closeSuspects(nowS: number, findings: ThrowFinding[]): void {
    if (this.suspects.size === 0) return;
    const alive = new Set(this.linker.paths.map((p) => p.rootId));
    for (const [root, { path, judgement }] of this.suspects) {
      if (nowS !== Number.POSITIVE_INFINITY && alive.has(root)) continue;
      this.suspects.delete(root);
      if (!this.options.reportSuspected || this.isKnown(path.points, true)) continue;
      this.count++;
      const points = extend(path.points, this.history, 'first');
      const thrown: OpenThrow = { number: this.count, rootId: root, points, judgement };
      findings.push(this.finding(thrown, 'new'), ...this.end(thrown));
    }
  }

  /** Reports what fell near the lens, unless it was followed as a path. Weather brings nothing near that lies still. */
  private tellNear(drops: readonly NearDrop[], findings: ThrowFinding[]): void {
    for (const { points, lies, judgement } of drops) {
      const startS = (points[0] as PathPoint).timeS;
      const meanwhile = ({ points: p }: { points: readonly PathPoint[] }): boolean =>
        (p[0] as PathPoint).timeS <= lies.timeS && (p[p.length - 1] as PathPoint).timeS >= startS;
      if (this.weather.falling || this.open.some(meanwhile) || this.recent.some(meanwhile)) continue;
      this.count++;
      this.recent.push({ points: [...points, lies] });
      if (this.recent.length > 20) this.recent.shift();
      const fall = this.finding({ number: this.count, rootId: 0, points, judgement }, 'new');
      const { trajectory, landing } = describeThrow([...points, lies], null, this.options, null);
      const finding = { ...fall, endPtsMs: lies.ptsMs, details: { ...fall.details, trajectory, landing } };
      findings.push(finding, { ...finding, phase: 'end' });
    }
  }

  /** Ends a throw: its last finding, with its first before it when that was held back and is wanted after all. */
  private end(thrown: OpenThrow): readonly ThrowFinding[] {
    const { points, fliesOn } = fallEnd(extend(thrown.points, this.history, 'last'));
    thrown.points = points;
    if (this.options.plane === null) thrown.points = withoutStrays(thrown.points);
    this.recent.push({ points: thrown.points, waits: thrown.waits ?? false });
    if (this.recent.length > 20) this.recent.shift();
    if (thrown.judgement.verdict === 'confirmed') thrown.judgement = lastWord(thrown, fliesOn, this.judgeOptions(), this.history);
    const finding = this.withGravity(this.finding(thrown, 'end'), thrown.points);
    this.origins.remember(thrown.points[0] as PathPoint, finding.endPtsMs / 1000);
    if (thrown.silent !== true) return [finding];
    return this.isTold(finding) ? [{ ...finding, phase: 'new' }, finding] : [];
  }

  /** A confirmed fall that is over tells whether the facade is drawn to scale. */
  private withGravity(finding: ThrowFinding, points: readonly PathPoint[]): ThrowFinding {
    if (this.options.plane === null || finding.verdict !== 'confirmed') return finding;
    const gravity = gravityOfPath(points, this.options.plane);
    return gravity === null ? finding : { ...finding, details: { ...finding.details, gravity } };
  }

  /** Whether a throw that every criterion confirmed is reported, whatever feedback makes of it. Whether it may be silent shows at its end. */
  private isTold({ phase, verdict, details }: ThrowFinding): boolean {
    return verdict === 'confirmed' || this.options.reportSuspected || (phase === 'end' && mayNotBeSilenced(details));
  }

  private finding(thrown: OpenThrow, phase: IncidentPhase): ThrowFinding {
    const { points } = thrown;
    const details = describeThrow(points, this.options.plane, this.options, this.options.floorHeightM);
    const judgement = this.feedback.temper(thrown.judgement, details);
    return {
      number: thrown.number,
      phase,
      verdict: judgement.verdict ?? 'suspected',
      confidence: judgement.confidence,
      reasons: judgement.reasons,
      startPtsMs: (points[0] as PathPoint).ptsMs,
      endPtsMs: (points[points.length - 1] as PathPoint).ptsMs,
      details,
    };
  }

  private judgeOptions(): JudgeOptions {
    const { active: weather, falling: precipitation, driven } = this.weather;
    const { judging } = this;
    const isSame = judging.weather === weather && judging.precipitation === precipitation && judging.driven === driven;
    if (!isSame) this.judging = { ...judging, weather, precipitation, driven };
    return this.judging;
  }

  /**
   * Whether these points belong to a throw that is open or just over: another view of it, its reflection in glass, or its bounce.
   *
   * @param orWaits also to one that was only told early: it may have been anything, and what is confirmed near it is another.
   */
  private isKnown(points: readonly PathPoint[], orWaits: boolean): boolean {
    const known = [...this.open, ...this.recent].filter((thrown) => orWaits || thrown.waits !== true);
    const { plane, height } = this.options;
    return known.some(
      (thrown) => sameFall(thrown.points, points, height, plane !== null) || (plane !== null && isReflection(points, thrown.points, plane)),
    );
  }

  /** Roots of all hypotheses that share most of their points with a path. */
  private rootsAlong(points: readonly PathPoint[]): Set<number> {
    const own = new Map(points.map((p) => [p.seq, p.candidate]));
    const roots = new Set<number>();
    for (const path of this.linker.paths) {
      const shared = path.points.filter(({ seq, candidate: { x, y } }) => own.get(seq)?.x === x && own.get(seq)?.y === y).length;
      if (shared * 2 >= path.points.length) roots.add(path.rootId);
    }
    return roots;
  }

  /** What moves without being on a path that has proven itself a little is clutter. */
  private learnClutter(frame: MotionFrame, frameS: number): void {
    const { candidates } = frame;
    if (candidates.length > this.onPaths.length) this.onPaths = new Uint8Array(2 * candidates.length);
    this.onPaths.fill(0, 0, candidates.length);
    this.linker.markOnPaths(PROVEN_POINTS, this.onPaths);
    this.busy.learn(candidates, this.onPaths, frameS);
  }

  private forgetDead(): void {
    const alive = new Set(this.linker.paths.map((p) => p.rootId));
    for (const root of this.judged.keys()) if (!alive.has(root)) this.judged.delete(root);
  }
}
