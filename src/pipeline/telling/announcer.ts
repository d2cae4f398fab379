import { join } from 'node:path';
import type { CameraConfig } from '../../config/camera-schema.js';
import type { ResolvedConfig } from '../../config/schema.js';
import type { Evidence } from '../../domain/evidence.js';
import type { FigureShape } from '../../domain/figure.js';
import { AgentError } from '../../platform/errors.js';
import type { AgentSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';
import { type RuleConfig, ruleTypes, workOf } from '../../rules/registry.js';
import type { Store } from '../../store/index.js';
import {
  agentClientId,
  createOnvifFormat,
  discoveryMessages,
  type OnvifCameraState,
  type OnvifFormat,
  topicBase,
  type Uplink,
} from '../../uplink/index.js';
import { clearGoneTopics } from './retained-topics.js';
import { createStatePublisher, type StatePublisher } from './state-publisher.js';

export interface AnnouncerOptions {
  /** The config as it now is: parts of it may be read again. */
  readonly config: () => ResolvedConfig;
  readonly version: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly uplink: Pick<Uplink, 'publishRetained' | 'clearRetained' | 'publishTransient' | 'publishFile'>;
  readonly store: Pick<Store, 'queue' | 'activeCounts'>;
  /** `null`: ONVIF's words are not wanted. */
  readonly onvif: OnvifFormat | null;
  readonly logger: Logger;
}

/** Tells the outside, beside events, of cameras and rules and their states, in every form that the config names. */
export interface Announcer extends Pick<StatePublisher, 'metrics'> {
  /** These are all the cameras that there are, as they now are, with no open incident: what was retained of others is cleared. */
  announce(cameras: readonly CameraConfig[], snapshot: AgentSnapshot): Promise<void>;
  cameras(snapshot: AgentSnapshot): void;
  /** What rules have counted and measured. */
  figures(snapshot: AgentSnapshot): void;
  /** A rule has been set. */
  rules(cameras: readonly CameraConfig[]): void;
  /** Open incidents have come or gone. @throws {AgentError} when the store cannot be read. */
  active(): void;
  evidence(evidence: Evidence): void;
  /** The agent ends: that its cameras go offline now says nothing about them. */
  end(): void;
}

/** What a rule counts and measures, as far as its config says. */
const figureShapesOf = (rule: RuleConfig): readonly FigureShape[] => workOf(rule).figures?.(rule) ?? [];

/** The format of events in ONVIF's words; `null` where the config does not ask for it. */
export function onvifFormat({ site, agent, mqtt }: Pick<ResolvedConfig, 'site' | 'agent' | 'mqtt'>): OnvifFormat | null {
  if (!mqtt.formats.includes('onvif')) return null;
  return createOnvifFormat(mqtt.onvif.topic_prefix ?? agentClientId({ site, agent }));
}

export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const { version, dataDir, uplink, store, onvif, logger } = options;
  const publisher = createStatePublisher(uplink);
  /** What ONVIF readers were told last of each camera. */
  const told = new Map<string, OnvifCameraState>();
  /** And of the totals of each rule, by camera and rule. */
  const toldTotals = new Map<string, string>();
  let ending = false;

  /** Whether the pictures of falls are published. */
  function pictures(): boolean {
    const { enabled, images } = options.config().mqtt.home_assistant;
    return enabled && images;
  }

  /** Home Assistant's entities of these cameras; none where it is not wanted. */
  function discovery(cameras: readonly CameraConfig[]): ReturnType<typeof discoveryMessages> {
    const { site, agent, mqtt } = options.config();
    const { enabled, prefix, images } = mqtt.home_assistant;
    if (!enabled) return [];
    // Home Assistant cannot sign.
    const switches = mqtt.commands.allow.includes('set') && mqtt.commands.key === null;
    return discoveryMessages({
      base: topicBase({ prefix: mqtt.prefix, site, agent }),
      site,
      agent,
      version,
      prefix,
      cameras: cameras.map(({ id, rules }) => ({
        id,
        rules: rules.map((rule) => ({
          name: rule.name,
          type: rule.type,
          title: ruleTypes[rule.type].title,
          figures: figureShapesOf(rule),
        })),
      })),
      switches,
      images,
    });
  }

  function onvifStates(snapshot: AgentSnapshot): void {
    if (onvif === null || ending) return;
    for (const { id, state, sinceMs } of snapshot.cameras) {
      // Nothing is known yet.
      if (state === 'connecting') continue;
      const now = { id, signalLost: state === 'stalled' || state === 'offline', tampered: state === 'tampered', atMs: sinceMs };
      const messages = onvif.camera(now, told.get(id) ?? null);
      if (messages.length === 0) continue;
      try {
        store.queue(onvif.name, messages);
        told.set(id, now);
      } catch (error) {
        // The next snapshot tells it.
        if (!(error instanceof AgentError)) throw error;
        logger.error({ event: 'store-trouble', code: error.code, reason: error.message }, `telling the state of ${id} failed`);
      }
    }
  }

  /** The totals of rules that count, for ONVIF readers: the latest value alone counts, so they need no place in the outbox. */
  function onvifCounters(snapshot: AgentSnapshot): void {
    if (onvif === null) return;
    for (const { id, rules } of options.config().cameras) {
      const counted = snapshot.cameras.find((camera) => camera.id === id)?.counted ?? {};
      for (const rule of rules) {
        const totals = counted[rule.name];
        const text = JSON.stringify(totals?.figures.filter(({ kind }) => kind === 'counter'));
        if (totals === undefined || toldTotals.get(`${id}/${rule.name}`) === text) continue;
        toldTotals.set(`${id}/${rule.name}`, text);
        const own = { cameraId: id, name: rule.name, figures: figureShapesOf(rule) };
        for (const { topic, event } of onvif.counters(own, totals, snapshot.nowMs)) uplink.publishRetained(topic, event);
      }
    }
  }

  function cameras(snapshot: AgentSnapshot): void {
    publisher.cameras(snapshot);
    onvifStates(snapshot);
  }

  return {
    async announce(present, snapshot) {
      const entities = discovery(present);
      await clearGoneTopics({
        path: join(dataDir, 'retained.json'),
        current: [
          ...present.flatMap(({ id, rules, patrol }) => [
            `cameras/${id}/state`,
            ...patrol.map(({ name }) => `patrols/${id}/${name}`),
            ...(pictures() ? [`cameras/${id}/trail`, `cameras/${id}/snapshot`] : []),
            ...rules.flatMap(({ name, type }) => [`rules/${id}/${name}/state`, `incidents/${id}/${type}/active`, `figures/${id}/${name}`]),
          ]),
          ...entities.map(({ topic }) => topic),
          ...present.flatMap(({ id, rules }) =>
            rules.flatMap((rule) => onvif?.counterTopics({ cameraId: id, name: rule.name, figures: figureShapesOf(rule) }) ?? []),
          ),
        ],
        clear: (topics) => {
          for (const topic of topics) uplink.clearRetained(topic);
        },
        clearIsDurable: false,
        logger,
      });
      // Through the outbox, as what they clear: behind it and not before.
      await clearGoneTopics({
        path: join(dataDir, 'retained-onvif.json'),
        current: onvif === null ? [] : present.flatMap((camera) => onvif.retained(camera)),
        clear: (topics) =>
          store.queue(
            'onvif',
            topics.map((topic) => ({ topic, payload: '', retain: true })),
          ),
        clearIsDurable: true,
        logger,
      });
      // What was cleared must be told again when it is back.
      toldTotals.clear();
      const ids = new Set(present.map(({ id }) => id));
      for (const id of told.keys()) if (!ids.has(id)) told.delete(id);
      for (const { topic, payload } of entities) uplink.publishRetained(topic, payload);
      if (entities.length > 0) {
        const canSwitch = entities.some(({ topic }) => topic.includes('/switch/'));
        logger.info(
          { event: 'home-assistant', entities: entities.length, switches: canSwitch },
          `told Home Assistant of ${entities.length} entities${canSwitch ? '' : ', without switches: mqtt.commands must allow a plain set'}`,
        );
      }
      cameras(snapshot);
      publisher.rules(present);
      for (const { id, rules } of present) {
        publisher.active([...new Set(rules.map(({ type }) => type))].map((type) => ({ cameraId: id, type, active: 0 })));
      }
    },
    cameras,
    figures(snapshot) {
      publisher.figures(snapshot, options.config().cameras);
      publisher.firstRates(snapshot);
      onvifCounters(snapshot);
    },
    rules: (present) => publisher.rules(present),
    active: () => publisher.active(store.activeCounts()),
    metrics: (snapshot) => publisher.metrics(snapshot),
    evidence({ kind, cameraId, path }) {
      if (pictures() && (kind === 'trail' || kind === 'snapshot')) uplink.publishFile(`cameras/${cameraId}/${kind}`, path);
    },
    end() {
      ending = true;
    },
  };
}
