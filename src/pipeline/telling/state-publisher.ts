import type { CameraConfig } from '../../config/camera-schema.js';
import type { ToldFigure } from '../../domain/figure.js';
import {
  ACTIVE_SCHEMA,
  type ActiveMessage,
  CAMERA_STATE_SCHEMA,
  type CameraStateMessage,
  FIGURES_SCHEMA,
  type FiguresMessage,
  METRICS_SCHEMA,
  type MetricsMessage,
  RULE_STATE_SCHEMA,
  type RuleStateMessage,
} from '../../domain/wire/status.js';
import { type AgentSnapshot, type CameraSnapshot, sendsPictures } from '../../platform/health/agent-snapshot.js';
import { workOf } from '../../rules/registry.js';
import type { Uplink } from '../../uplink/index.js';

/** What the outside is told of the agent's state, as topics below the agent's own. */
export interface StatePublisher {
  /** `cameras/<camera>/state`, retained. */
  cameras(snapshot: AgentSnapshot): void;
  /** The same, of the cameras alone that were told of as online before anybody knew how many pictures they send. */
  firstRates(snapshot: AgentSnapshot): void;
  /** `incidents/<camera>/<type>/active`, retained. */
  active(counts: readonly { readonly cameraId: string; readonly type: string; readonly active: number }[]): void;
  /** `rules/<camera>/<rule>/state`, retained. */
  rules(cameras: readonly Pick<CameraConfig, 'id' | 'rules'>[]): void;
  /** `figures/<camera>/<rule>`, retained: of the rules whose figures have changed. */
  figures(snapshot: AgentSnapshot, cameras: readonly Pick<CameraConfig, 'id' | 'rules'>[]): void;
  /** `metrics`. */
  metrics(snapshot: AgentSnapshot): void;
}

export function createStatePublisher(uplink: Pick<Uplink, 'publishRetained' | 'publishTransient'>): StatePublisher {
  /** By topic, what was told last. */
  const told = new Map<string, string>();
  /** Cameras that send pictures, and whose rate was not known when they were told of. */
  const unrated = new Set<string>();
  /** Whole numbers: a retained message for every tenth would be noise. */
  const fpsOf = ({ state, cameraFps }: CameraSnapshot): number => (sendsPictures(state) ? Math.round(cameraFps) : 0);

  function camera(snapshot: CameraSnapshot): void {
    const { id, state, sinceMs, reason, learning } = snapshot;
    const fps = fpsOf(snapshot);
    if (sendsPictures(state) && fps === 0) unrated.add(id);
    else unrated.delete(id);
    const since = new Date(sinceMs).toISOString();
    const warning = learning.scale?.warning ?? null;
    const message: CameraStateMessage = { schema: CAMERA_STATE_SCHEMA, camera: id, state, fps, since, reason, warning };
    uplink.publishRetained(`cameras/${id}/state`, message);
  }

  return {
    cameras(snapshot) {
      for (const one of snapshot.cameras) camera(one);
    },
    firstRates(snapshot) {
      for (const one of snapshot.cameras) if (unrated.has(one.id) && fpsOf(one) > 0) camera(one);
    },
    active(counts) {
      for (const { cameraId, type, active } of counts) {
        const message: ActiveMessage = { schema: ACTIVE_SCHEMA, camera: cameraId, type, active };
        uplink.publishRetained(`incidents/${cameraId}/${type}/active`, message);
      }
    },
    rules(cameras) {
      for (const { id, rules } of cameras) {
        for (const { name, type, enabled, sensitivity } of rules) {
          const message: RuleStateMessage = { schema: RULE_STATE_SCHEMA, camera: id, rule: name, type, enabled, sensitivity };
          uplink.publishRetained(`rules/${id}/${name}/state`, message);
        }
      }
    },
    figures(snapshot, cameras) {
      const topics = new Set<string>();
      for (const { id, rules } of cameras) {
        const known = snapshot.cameras.find((camera) => camera.id === id)?.counted ?? {};
        for (const rule of rules) {
          const { name, type } = rule;
          const totals = known[name];
          const figures = (totals?.figures ?? []).map(inThousandths);
          const topic = `figures/${id}/${name}`;
          topics.add(topic);
          const text = JSON.stringify(figures);
          if (workOf(rule).figures === undefined || told.get(topic) === text) continue;
          told.set(topic, text);
          const at = new Date(snapshot.nowMs).toISOString();
          const since = totals === undefined ? {} : { since: new Date(totals.sinceMs).toISOString() };
          // With none: nothing is measured now, and what was retained, by an earlier run too, does not hold any more.
          const message: FiguresMessage = { schema: FIGURES_SCHEMA, camera: id, rule: name, type, at, ...since, figures };
          uplink.publishRetained(topic, message);
        }
      }
      for (const topic of told.keys()) if (!topics.has(topic)) told.delete(topic);
    },
    metrics: (snapshot) => uplink.publishTransient('metrics', metricsMessage(snapshot)),
  };
}

/** The figures of `metrics` from a snapshot. */
function metricsMessage(snapshot: AgentSnapshot): MetricsMessage {
  const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
  return {
    schema: METRICS_SCHEMA,
    at: new Date(snapshot.nowMs).toISOString(),
    uptime_s: Math.round(snapshot.uptimeS),
    rss_bytes: snapshot.rssBytes,
    outbox_depth: snapshot.store.outboxMessages,
    disk: {
      tier: snapshot.disk.tier,
      free_bytes: snapshot.disk.freeBytes,
      problem: snapshot.disk.problem,
      given_up: snapshot.disk.lostFiles,
    },
    database_damages: snapshot.store.damages,
    inference_restarts: snapshot.inference?.restarts ?? 0,
    cameras: Object.fromEntries(
      snapshot.cameras.map((camera) => [
        camera.id,
        {
          camera_fps: tenth(camera.cameraFps),
          process_fps: tenth(camera.processFps),
          skipped_frames: camera.skippedFrames,
          repeated_frames: camera.repeatedFrames,
          restarts: sum(Object.values(camera.restarts)),
          incidents: sum(camera.incidents.map(({ count }) => count)),
        },
      ]),
    ),
  };
}

const inThousandths = ({ value, today, hour, ...figure }: ToldFigure): FiguresMessage['figures'][number] => ({
  ...figure,
  value: thousandth(value),
  ...(today === undefined ? {} : { today: thousandth(today) }),
  ...(hour === undefined ? {} : { hour: thousandth(hour) }),
});

const thousandth = (value: number): number => Math.round(value * 1000) / 1000;
const tenth = (value: number): number => Math.round(value * 10) / 10;
