import type { EventFormat, FormattedMessage, ToldIncident } from '../../domain/event-format.js';
import type { Incident } from '../../domain/incident.js';
import type { OnvifEvent } from '../../domain/wire/onvif.js';
import { isProperty, type OnvifTopic, onvifTopic, retainedOnvifTopics, SCENE_CHANGE, SIGNAL_LOSS } from './onvif-topics.js';

/** Events and cameras' states in ONVIF's words, over MQTT (ONVIF Core: "JSON Event Payload", "Property events"). */
export interface OnvifFormat extends EventFormat {
  /** Whether a camera's picture is lost, and whether it is tampered with, as far as that has changed since `before`; all of it when that is `null`. */
  camera(state: OnvifCameraState, before: OnvifCameraState | null): readonly FormattedMessage[];
  /** Every topic that a broker may retain of a camera with rules of these types. */
  retained(camera: { readonly id: string; readonly rules: readonly { readonly name: string; readonly type: string }[] }): readonly string[];
}

export interface OnvifCameraState {
  readonly id: string;
  readonly signalLost: boolean;
  readonly tampered: boolean;
  /** UTC milliseconds since 1970. */
  readonly atMs: number;
}

/** What ONVIF calls the configuration that an event comes from; an agent has but one. */
const ANALYTICS_CONFIGURATION = 'parapet';
/** Units of reasons that count things. */
const countUnits: ReadonlySet<string> = new Set(['objects', 'people', 'vehicles']);

/**
 * @param topicPrefix first part of every topic: who tells it. One level, so that `+/onvif-ej/#` finds it, unless the config says otherwise.
 */
export function createOnvifFormat(topicPrefix: string): OnvifFormat {
  type Source = Readonly<Record<string, string>>;

  function topicOf({ topic }: OnvifTopic, source: Source): string {
    const values = Object.values(source).map((value) => value.replaceAll(/[#+/\0]/g, ''));
    return `/${topicPrefix}/onvif-ej/${topic}/&${values.join('/')}`;
  }

  const sourceOf = (topic: OnvifTopic, { cameraId, rule }: Pick<Incident, 'cameraId' | 'rule'>): Source =>
    topic.ofCamera === true ? { Source: cameraId } : { VideoSource: cameraId, AnalyticsConfiguration: ANALYTICS_CONFIGURATION, Rule: rule };

  function message(topic: OnvifTopic, source: Source, atMs: number, data: Readonly<Record<string, string>>): FormattedMessage {
    const event: OnvifEvent = { UtcTime: new Date(atMs).toISOString(), Source: source, Data: data };
    return { topic: topicOf(topic, source), payload: JSON.stringify(event), retain: isProperty(topic) };
  }

  /** An incident under a topic, while it is so or, for a state, when it is not any more. */
  function told(topic: OnvifTopic, incident: Incident, isSo: boolean): FormattedMessage {
    const seenMs = incident.startedAtMs + 1000 * (incident.streamTime.end - incident.streamTime.start);
    const atMs = incident.phase === 'new' ? incident.startedAtMs : incident.phase === 'end' ? (incident.endedAtMs ?? seenMs) : seenMs;
    const flag = topic.flag === undefined ? {} : { [topic.flag]: String(isSo) };
    return message(topic, sourceOf(topic, incident), atMs, { ...flag, ...dataOf(topic, incident) });
  }

  /** It is not so any more under this topic: whoever else it is so for keeps the property. */
  function over(topic: OnvifTopic, incident: Incident, others: readonly Incident[]): readonly FormattedMessage[] {
    const last = topic.kind === 'state' ? [told(topic, incident, false)] : [];
    const other = others.findLast((open) => onvifTopic(open).topic === topic.topic);
    if (other !== undefined) return [...last, told(topic, other, true)];
    // A camera has its state always; what a rule has found is gone.
    return topic.ofCamera === true ? last : [...last, { topic: topicOf(topic, sourceOf(topic, incident)), payload: '', retain: true }];
  }

  return {
    name: 'onvif',

    messages({ incident, before, others }: ToldIncident) {
      const topic = onvifTopic(incident);
      const left = before === null ? topic : onvifTopic(before);
      // Another type or label than it was told with before.
      const moved = before !== null && left.topic !== topic.topic && isProperty(left) ? over(left, before, others) : [];
      if (topic.kind === 'phases') return [...moved, told(topic, incident, true)];
      if (topic.kind === 'message') return before === null ? [told(topic, incident, true)] : moved;
      return [...moved, ...(incident.phase === 'end' ? over(topic, incident, others) : [told(topic, incident, true)])];
    },

    camera: ({ id, signalLost, tampered, atMs }, before) =>
      [
        { topic: SIGNAL_LOSS, isSo: signalLost, wasSo: before?.signalLost },
        { topic: SCENE_CHANGE, isSo: tampered, wasSo: before?.tampered },
      ].flatMap(({ topic, isSo, wasSo }) => (isSo === wasSo ? [] : [message(topic, { Source: id }, atMs, { State: String(isSo) })])),

    retained: ({ id, rules }) => [
      ...new Set([
        ...[SIGNAL_LOSS, SCENE_CHANGE].map((topic) => topicOf(topic, { Source: id })),
        ...rules.flatMap(({ name, type }) =>
          retainedOnvifTopics(type).map((topic) => topicOf(topic, sourceOf(topic, { cameraId: id, rule: name }))),
        ),
      ]),
    ],
  };
}

/** What is told of an incident beside whether it is so. */
function dataOf({ topic, kind, ofCamera }: OnvifTopic, incident: Incident): Readonly<Record<string, string>> {
  const { origin, fall } = incident.throw ?? {};
  const count = incident.reasons.find(({ unit }) => countUnits.has(unit))?.value;
  const own = {
    Event: incident.id,
    Phase: incident.phase,
    Verdict: incident.verdict,
    Severity: incident.severity,
    Confidence: incident.confidence.toFixed(3),
    Zone: incident.zone,
    Labels: incident.labels.join(' ') || null,
    Floor: origin?.floor,
    Unit: origin?.unit,
    HeightM: origin?.heightM?.toFixed(1),
    DropM: fall?.dropM?.toFixed(1),
    MassClass: incident.throw?.massClass,
  };
  return {
    ...(ofCamera === true ? {} : { ObjectId: objectId(incident.id) }),
    ...(topic.endsWith('/ObjectIsLoitering') ? { Since: new Date(incident.startedAtMs).toISOString() } : {}),
    ...(kind === 'presence' && topic.includes('/CountAggregation/') && count !== undefined ? { Count: String(Math.round(count)) } : {}),
    ...Object.fromEntries(
      Object.entries(own).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[`parapet:${name}`, String(value)]])),
    ),
  };
}

/** A whole number for a ULID: its last six characters, which are random, are 30 bits. Two of one camera at one time are not the same. */
function objectId(id: string): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return String([...id.slice(-6)].reduce((sum, character) => sum * 32 + Math.max(0, alphabet.indexOf(character)), 0));
}
