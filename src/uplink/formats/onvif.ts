import type { EventFormat, FormattedMessage, ToldIncident } from '../../domain/event-format.js';
import type { FigureShape, RuleTotals, ToldFigure } from '../../domain/figure.js';
import { type Incident, lastSeenMs } from '../../domain/incident.js';
import type { OnvifEvent } from '../../domain/wire/onvif.js';
import { COUNTER, isProperty, type OnvifTopic, onvifTopic, retainedOnvifTopics, SCENE_CHANGE, SIGNAL_LOSS } from './onvif-topics.js';

/** Events and cameras' states in ONVIF's words, over MQTT (ONVIF Core: "JSON Event Payload", "Property events"). */
export interface OnvifFormat extends EventFormat {
  /** Whether a camera's picture is lost, and whether it is tampered with, as far as that has changed since `before`; all of it when that is `null`. */
  camera(state: OnvifCameraState, before: OnvifCameraState | null): readonly FormattedMessage[];
  /** Totals that a rule counts, each as a property that only its latest value is told of. */
  counters(rule: OnvifRule, totals: RuleTotals, atMs: number): readonly { readonly topic: string; readonly event: OnvifEvent }[];
  /** Every topic that a broker may retain of them. */
  counterTopics(rule: OnvifRule): readonly string[];
  /** Every topic that a broker may retain of a camera with rules of these types. */
  retained(camera: { readonly id: string; readonly rules: readonly { readonly name: string; readonly type: string }[] }): readonly string[];
}

/** A rule that counts. */
export interface OnvifRule {
  readonly cameraId: string;
  readonly name: string;
  /** What it counts and measures. */
  readonly figures: readonly FigureShape[];
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
/** Figures that are a total for themselves, and not to be divided by another. */
const totalsOf: ReadonlySet<string> = new Set(['crossings', 'entries', 'vehicles_counted', 'vehicles_measured']);
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

  const eventOf = (source: Source, atMs: number, data: Readonly<Record<string, string>>): OnvifEvent => ({
    UtcTime: new Date(atMs).toISOString(),
    Source: source,
    Data: data,
  });

  const message = (topic: OnvifTopic, source: Source, atMs: number, data: Readonly<Record<string, string>>): FormattedMessage => ({
    topic: topicOf(topic, source),
    payload: JSON.stringify(eventOf(source, atMs, data)),
    retain: isProperty(topic),
  });

  /** An incident under a topic, while it is so or, for a state, when it is not any more. */
  function told(topic: OnvifTopic, incident: Incident, isSo: boolean): FormattedMessage {
    const { phase, startedAtMs, endedAtMs } = incident;
    const atMs = phase === 'new' ? startedAtMs : ((phase === 'end' ? endedAtMs : null) ?? lastSeenMs(incident));
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

  /** ONVIF's rules count one number each: a line that is counted by direction is a rule for each. No name of a rule has a dot. */
  const counterOf = ({ cameraId, name }: OnvifRule, { of: { direction } }: FigureShape): Source =>
    sourceOf(COUNTER, { cameraId, rule: direction === undefined ? name : `${name}.${direction}` });
  const counted = ({ figures }: OnvifRule): readonly FigureShape[] => figures.filter(({ name }) => totalsOf.has(name));

  return {
    name: 'onvif',

    counters: (rule, { sinceMs, figures }, atMs) =>
      counted(rule).map((shape) => {
        const own = figures.filter((figure) => figure.name === shape.name && figure.of['direction'] === shape.of['direction']);
        const sum = (value: (figure: ToldFigure) => number): string =>
          String(Math.round(own.reduce((all, figure) => all + value(figure), 0)));
        const data = {
          Count: sum(({ value }) => value),
          'parapet:Today': sum(({ today = 0 }) => today),
          'parapet:Since': new Date(sinceMs).toISOString(),
        };
        const source = counterOf(rule, shape);
        return { topic: topicOf(COUNTER, source), event: eventOf(source, atMs, data) };
      }),

    counterTopics: (rule) => counted(rule).map((shape) => topicOf(COUNTER, counterOf(rule, shape))),

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
