import type { Incident } from '../../domain/incident.js';

/**
 * How incidents of a type are told in ONVIF's words.
 *
 * - `message`: something happened. Told once, not retained.
 * - `phases`: the same, told at every phase, for topics that are Parapet's own.
 * - `state`: something is so or not; `flag` says which. The last word is retained.
 * - `presence`: something is so for as long as its property exists; there is no flag.
 */
export interface OnvifTopic {
  /** Local topic, without ONVIF's own namespace. */
  readonly topic: string;
  readonly kind: 'message' | 'phases' | 'state' | 'presence';
  /** Name of the item that says whether it is so; only of `state`. */
  readonly flag?: string;
  /** Tells of the camera itself and not of a rule: `Source` names nothing else, and the property stays when it is over. */
  readonly ofCamera?: true;
}

const state = (topic: string, flag = 'State'): OnvifTopic => ({ topic, kind: 'state', flag });
const ofCamera = (topic: string): OnvifTopic => ({ ...state(topic), ofCamera: true });

/** What a camera's picture lacks, by the first of the incident's labels that is known. */
const tamperTopics: Readonly<Record<string, OnvifTopic>> = {
  black: ofCamera('VideoSource/ImageTooDark'),
  white: ofCamera('VideoSource/ImageTooBright'),
  defocused: ofCamera('VideoSource/ImageTooBlurry'),
};

export const SCENE_CHANGE = ofCamera('VideoSource/GlobalSceneChange');
/** What a rule has counted, whether or not anything is wrong: a property of the rule, whose item is `Count`. */
export const COUNTER: OnvifTopic = { topic: 'RuleEngine/CountAggregation/Counter', kind: 'presence' };
export const SIGNAL_LOSS = ofCamera('VideoSource/SignalLoss');

/**
 * Incident types that ONVIF has a name for. All others go under `RuleEngine/parapet:<Type>`, as a state; what is over in the moment in which it
 * is seen goes there as `phases`.
 */
const topics: Readonly<Record<string, OnvifTopic>> = {
  thrown_object: { topic: 'RuleEngine/parapet:ThrownObject', kind: 'phases' },
  line_crossing: { topic: 'RuleEngine/LineDetector/Crossed', kind: 'message' },
  intrusion: state('RuleEngine/FieldDetector/ObjectsInside', 'IsInside'),
  loitering: { topic: 'RuleEngine/LoiteringDetector/ObjectIsLoitering', kind: 'presence' },
  occupancy: { topic: 'RuleEngine/CountAggregation/OccupancyCounter', kind: 'presence' },
  crowd: { topic: 'RuleEngine/CountAggregation/OccupancyCounter', kind: 'presence' },
  queue: { topic: 'RuleEngine/CountAggregation/OccupancyCounter', kind: 'presence' },
  abandoned_object: state('RuleEngine/ObjectAbandoned'),
  removed_object: state('RuleEngine/ObjectRemoved'),
  camera_tamper: SCENE_CHANGE,
};

/** The topic that an incident is told under. @example onvifTopic({ type: 'illegal_parking', labels: [] }).topic // 'RuleEngine/parapet:IllegalParking' */
export function onvifTopic({ type, labels }: Pick<Incident, 'type' | 'labels'>): OnvifTopic {
  if (type === 'camera_tamper') {
    for (const label of labels) {
      const named = tamperTopics[label];
      if (named !== undefined) return named;
    }
  }
  return topics[type] ?? state(`RuleEngine/parapet:${pascalCase(type)}`);
}

/** Whether a broker retains it, as ONVIF asks of its property events. */
export const isProperty = ({ kind }: OnvifTopic): boolean => kind === 'state' || kind === 'presence';

/** Every topic that incidents of a type may be told under and that a broker retains. */
export function retainedOnvifTopics(type: string): readonly OnvifTopic[] {
  const all = type === 'camera_tamper' ? [SCENE_CHANGE, ...Object.values(tamperTopics)] : [onvifTopic({ type, labels: [] })];
  return all.filter(isProperty);
}

/** @example pascalCase('illegal_parking') // 'IllegalParking' */
function pascalCase(type: string): string {
  return type
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
