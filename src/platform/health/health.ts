import { type AgentSnapshot, sendsPictures } from './agent-snapshot.js';

/** The answer of `/healthz`. */
export interface HealthReport {
  /** Everything that must work works. */
  readonly ok: boolean;
  readonly version: string;
  readonly uptime_s: number;
  readonly cameras: Readonly<
    Record<
      string,
      {
        readonly ok: boolean;
        readonly state: string;
        readonly fps: number;
        readonly reason: string | null;
        /** What a person should look at although the camera works. */
        readonly warning: string | null;
      }
    >
  >;
  readonly broker: {
    readonly ok: boolean;
    readonly state: 'connected' | 'disconnected' | 'not configured';
    readonly reason: string | null;
    /** What a person should look at although the link works. */
    readonly warning: string | null;
  };
  readonly store: {
    readonly ok: boolean;
    readonly outbox_depth: number;
    readonly reason: string | null;
    /** What a person should look at although the database works: it was damaged. */
    readonly warning: string | null;
  };
  readonly inference: {
    readonly ok: boolean;
    readonly state: 'running' | 'not running' | 'not configured';
    /** Times that the process was lost since the agent started. */
    readonly restarts: number;
  };
  readonly disk: { readonly ok: boolean; readonly tier: string; readonly free_bytes: number | null; readonly reason: string | null };
}

/**
 * Judges an agent. A camera that sends nothing, a store that cannot be written or a disk short of room is not healthy; a broker that is away
 * is reported but harms nothing, since everything waits on disk. A camera that is tampered with is a warning: whoever starts what is not healthy
 * anew would have the agent take the covered picture for the usual one. Models that do not run are reported too: cameras go by what moves meanwhile.
 */
export function judgeHealth(snapshot: AgentSnapshot): HealthReport {
  const cameras = snapshot.cameras.map(({ id, state, cameraFps, reason, learning }) => {
    const warning = (state === 'tampered' ? reason : null) ?? learning.scale?.warning ?? null;
    return [id, { ok: sendsPictures(state), state, fps: round(cameraFps), reason, warning }] as const;
  });
  const { broker, store, disk, inference } = snapshot;
  return {
    ok: store.problem === null && disk.problem === null && cameras.every(([, camera]) => camera.ok),
    version: snapshot.version,
    uptime_s: Math.round(snapshot.uptimeS),
    cameras: Object.fromEntries(cameras),
    broker:
      broker === null
        ? { ok: true, state: 'not configured', reason: null, warning: null }
        : {
            ok: broker.connected,
            state: broker.connected ? 'connected' : 'disconnected',
            reason: broker.connected ? null : broker.lastError,
            warning: broker.warning,
          },
    store: { ok: store.problem === null, outbox_depth: store.outboxMessages, reason: store.problem, warning: store.lastDamage },
    inference: {
      ok: inference === null || inference.running,
      state: inference === null ? 'not configured' : inference.running ? 'running' : 'not running',
      restarts: inference?.restarts ?? 0,
    },
    disk: { ok: disk.problem === null, tier: disk.tier, free_bytes: disk.freeBytes, reason: disk.problem },
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
