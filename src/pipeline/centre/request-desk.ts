import type { CameraConfig } from '../../config/camera-schema.js';
import type { Evidence } from '../../domain/evidence.js';
import type { Box } from '../../domain/geometry.js';
import { type CommandPayload, CommandRefusal } from '../../domain/wire/command.js';
import type { EvidenceCamera, HeldSpan, ReferencePictures, RequestedMaker, RequestedPiece } from '../../evidence/index.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type { Store } from '../../store/index.js';
import type { CommandResult } from '../../uplink/index.js';
import { unknownCamera } from './rule-settings.js';

export interface RequestDeskOptions {
  readonly maker: RequestedMaker;
  readonly references: Pick<ReferencePictures, 'paths'>;
  readonly store: Pick<Store, 'requestTarget' | 'recordRequested'>;
  readonly cameraOf: (cameraId: string) => EvidenceCamera | null;
  readonly cameras: () => readonly Pick<CameraConfig, 'id'>[];
  /** Makes ULIDs. */
  readonly createId: () => string;
  /** Something new waits for delivery. */
  readonly onQueued: () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Makes what the centre asks for of a camera's recording, and has it delivered as evidence. All refuse with {@link CommandRefusal}. */
export interface RequestDesk {
  snapshot(payload: CommandPayload<'snapshot'>): Promise<CommandResult>;
  clip(payload: CommandPayload<'clip'>): Promise<CommandResult>;
  /** The scene now, as evidence that belongs to no event. */
  still(cameraId: string): Promise<Evidence>;
  /** The scene now, as evidence of an incident, and small for who compares it. @param place what to mark. */
  look(incident: { readonly id: string; readonly cameraId: string }, place: Box | null): Promise<Evidence>;
}

/** Longest clip, milliseconds: at 4 Mbit/s 300 MB, which the receiver still takes by default. */
const MAX_CLIP_MS = 600_000;
/** A camera of which nothing has been recorded for longer than this has no present picture, milliseconds. */
const PRESENT_MS = 60_000;
/**
 * The recording tells the time by when segments were written, which is up to some 3 s after the lens saw it: a clip takes in so much more on
 * either side, milliseconds, so that it is never shorter than asked.
 */
const BEFORE_MS = 1_000;
const AFTER_MS = 3_000;
/** How long a clip whose end has only just passed waits for its last segment, and how often it looks, milliseconds. */
const WAIT_MS = 15_000;
const LOOK_MS = 500;
/** How long a first segment is waited for, milliseconds: most cameras send a keyframe every 1 to 4 s. */
const FIRST_SEGMENT_MS = 5_000;
/** Less than this is not told as missing, milliseconds: a picture or two. */
const GAP_MS = 100;
/** Parts of a clip, at most: a camera that reconnects all the time has hundreds in ten minutes, and each is a file. */
const MAX_PARTS = 20;

export function createRequestDesk(options: RequestDeskOptions): RequestDesk {
  const { maker, store, clock, signal } = options;

  function cameraOf(cameraId: string): EvidenceCamera {
    const camera = options.cameraOf(cameraId);
    if (camera === null) throw unknownCamera(cameraId, options.cameras());
    return camera;
  }

  /** The id that evidence is to be kept under. */
  function targetOf(cameraId: string, event: string | undefined): string {
    if (event === undefined) return options.createId();
    const known = store.requestTarget(event);
    if (known !== null && known.cameraId !== cameraId) {
      throw new CommandRefusal('invalid', `${event} is of camera ${known.cameraId}, not of ${cameraId}`);
    }
    return event;
  }

  /** @throws {CommandRefusal} with the code of what the disk says. */
  async function keep(reference: string | undefined, make: () => Promise<Evidence>): Promise<Evidence> {
    let evidence: Evidence;
    try {
      evidence = await make();
    } catch (error) {
      if ((error as NodeJS.ErrnoException | null)?.code !== 'ENOSPC') throw error;
      throw new AgentError('DISK_FULL', 'no room is left on the disk; make room or lower retention.max_size', { cause: error });
    }
    store.recordRequested({ ...evidence, reference: reference ?? null });
    options.onQueued();
    return evidence;
  }

  async function still(
    cameraId: string,
    incidentId: string,
    place: Box | null,
    lookPath: string | null,
    reference?: string,
  ): Promise<Evidence> {
    const camera = cameraOf(cameraId);
    const held = await present(camera);
    if (held === undefined) {
      throw new CommandRefusal('not_held', `nothing of camera ${cameraId} has been recorded in the last ${PRESENT_MS / 1000} s`);
    }
    return await keep(reference, () => maker.still({ cameraId, camera, incidentId, held }, place, lookPath));
  }

  /** The newest recording there is. A camera that has only just come online has its first segment in a few seconds. */
  async function present(camera: EvidenceCamera): Promise<HeldSpan | undefined> {
    const untilMs = clock.monotonic() + FIRST_SEGMENT_MS;
    for (;;) {
      const nowMs = clock.now();
      const held = camera.footage.held(nowMs - PRESENT_MS, nowMs + PRESENT_MS).at(-1);
      if (held !== undefined || clock.monotonic() >= untilMs) return held;
      await clock.delay(LOOK_MS, signal);
    }
  }

  /** Waits while the recording has not reached the end of a span that is over. */
  async function recorded(camera: EvidenceCamera, fromMs: number, toMs: number): Promise<readonly HeldSpan[]> {
    const untilMs = clock.monotonic() + WAIT_MS;
    for (;;) {
      const held = camera.footage.held(fromMs, toMs);
      const reached = (held.at(-1)?.toMs ?? 0) >= toMs || clock.now() > toMs + WAIT_MS;
      if (reached || clock.monotonic() >= untilMs) return held;
      await clock.delay(LOOK_MS, signal);
    }
  }

  return {
    async snapshot({ camera: cameraId, event, case: reference }) {
      cameraOf(cameraId);
      const incidentId = targetOf(cameraId, event);
      const evidence = await still(cameraId, incidentId, null, null, reference);
      return { event: incidentId, case: reference ?? null, camera: cameraId, evidence: [evidenceResult(evidence)] };
    },

    async clip({ camera: cameraId, from, to, event, case: reference }) {
      const camera = cameraOf(cameraId);
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
      if (toMs - fromMs > MAX_CLIP_MS) {
        throw new CommandRefusal('invalid', `a clip may have ${MAX_CLIP_MS / 60_000} min; ask for several`);
      }
      if (toMs > clock.now()) throw new CommandRefusal('invalid', `the span is not over: it is ${iso(clock.now())} here`);
      const incidentId = targetOf(cameraId, event);
      const held = await recorded(camera, fromMs - BEFORE_MS, toMs + AFTER_MS);
      const missing = missingOf(held, fromMs, toMs);
      // What only the margins hold is nothing of the span.
      const parts = held.filter((part) => part.toMs > fromMs && part.fromMs < toMs);
      if (parts.length === 0) throw new CommandRefusal('not_held', notHeld(camera, cameraId, clock.now()));
      if (parts.length > MAX_PARTS) {
        throw new CommandRefusal('invalid', `the recording of that span is in ${parts.length} parts, at most ${MAX_PARTS}; ask for less`);
      }
      const made: Evidence[] = [];
      for (const part of parts) {
        const piece: RequestedPiece = { cameraId, camera, incidentId, held: part };
        made.push(await keep(reference, () => maker.clip(piece)));
      }
      return {
        event: incidentId,
        case: reference ?? null,
        camera: cameraId,
        complete: missing.length === 0,
        missing: missing.map((gap) => ({ from: iso(gap.fromMs), to: iso(gap.toMs) })),
        evidence: made.map(evidenceResult),
      };
    },

    still: async (cameraId) => await still(cameraId, targetOf(cameraId, undefined), null, null),

    look: ({ id, cameraId }, place) => still(cameraId, id, place, options.references.paths(id).present),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A piece of evidence as replies name it. */
export function evidenceResult({ id, kind, bytes, sha256, fromMs, toMs }: Evidence): CommandResult {
  return { id, kind, bytes, sha256, from: iso(fromMs), to: iso(toMs) };
}

/** What of a span no recording covers. */
function missingOf(held: readonly HeldSpan[], fromMs: number, toMs: number): readonly { readonly fromMs: number; readonly toMs: number }[] {
  const gaps: { fromMs: number; toMs: number }[] = [];
  let coveredMs = fromMs;
  for (const part of held) {
    gaps.push({ fromMs: coveredMs, toMs: Math.min(part.fromMs, toMs) });
    coveredMs = Math.max(coveredMs, part.toMs);
  }
  gaps.push({ fromMs: coveredMs, toMs });
  return gaps.filter((gap) => gap.toMs - gap.fromMs >= GAP_MS);
}

function notHeld(camera: EvidenceCamera, cameraId: string, nowMs: number): string {
  const all = camera.footage.held(0, nowMs);
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) return `nothing is recorded of camera ${cameraId}`;
  return `the recording of ${cameraId} holds nothing of that span; it holds ${iso(first.fromMs)} to ${iso(last.toMs)}, a larger evidence.ring keeps more`;
}
