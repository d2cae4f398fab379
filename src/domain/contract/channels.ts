import { commandNames } from '../wire/command.js';
import type { MessageName } from './messages.js';

/** One topic, or one kind of topic, and what goes over it. */
export interface Channel {
  /** Topic with `{parameters}`; each is one level unless {@link manyLevels} names it. */
  readonly address: string;
  /** From the agent's view. */
  readonly action: 'send' | 'receive';
  readonly qos: 0 | 1;
  /** Retained by the broker; an empty payload then deletes. `either`: where the sender has a state to tell. */
  readonly retained: 'yes' | 'no' | 'either';
  readonly messages: readonly MessageName[];
  readonly about: string;
  /** Messages that answer this one, to the MQTT 5 response topic of the request or, when it names none, on this channel. */
  readonly reply?: { readonly channel: 'reply'; readonly message: MessageName };
}

/** Parameters that may hold `/`. */
export const manyLevels: ReadonlySet<string> = new Set(['prefix', 'onvifPrefix', 'onvifTopic', 'homeAssistantPrefix']);

/** What stands for a part of an address. */
export const parameters: Readonly<
  Record<string, { readonly about: string; readonly byDefault?: string; readonly examples?: readonly string[] }>
> = {
  prefix: { about: '`mqtt.prefix` of the config; it may have several levels.', byDefault: 'parapet' },
  site: { about: '`site` of the config: the place.', examples: ['yuelai-jialinglu'] },
  agent: { about: '`agent` of the config: the machine.', examples: ['box-01'] },
  camera: { about: '`id` of the camera in the config.', examples: ['tower-3-north'] },
  rule: { about: '`name` of the rule in the config.', examples: ['thrown_object'] },
  type: { about: 'Type of incident.', examples: ['thrown_object'] },
  event: { about: '`id` of the event, a ULID.' },
  patrol: { about: '`name` of the patrol in the config.', examples: ['evening'] },
  sensor: { about: '`sensor` of a rule `sensor_trigger` in the config.', examples: ['manhole-17'] },
  evidence: { about: '`id` of the file, a ULID.' },
  chunk: { about: 'Number of the piece, from 0.', examples: ['0'] },
  onvifPrefix: {
    about: '`mqtt.onvif.topic_prefix` of the config, which may have several levels; by default `parapet:<site>:<agent>`.',
    examples: ['parapet:yuelai-jialinglu:box-01'],
  },
  onvifTopic: {
    about: 'ONVIF topic below `RuleEngine`, of one or two levels (docs/integrations.md has them by type).',
    examples: ['parapet:ThrownObject', 'LineDetector/Crossed'],
  },
  property: {
    about: 'What it says of the camera.',
    examples: ['SignalLoss', 'GlobalSceneChange', 'ImageTooDark', 'ImageTooBright', 'ImageTooBlurry'],
  },
  homeAssistantPrefix: { about: '`mqtt.home_assistant.prefix` of the config.', byDefault: 'homeassistant' },
  component: { about: 'Kind of entity.', examples: ['binary_sensor', 'sensor', 'switch', 'image'] },
  entity: { about: '`unique_id` of the entity.' },
};

type About = Pick<Channel, 'messages' | 'about'> & Partial<Channel>;

const own = (topic: string, rest: About & Pick<Channel, 'action'>): Channel => ({
  address: `{prefix}/{site}/{agent}/${topic}`,
  qos: 1,
  retained: 'no',
  ...rest,
});
const send = (topic: string, rest: About): Channel => own(topic, { ...rest, action: 'send' });
const receive = (topic: string, rest: About): Channel => own(topic, { ...rest, action: 'receive' });

/** Every channel by name. What an agent sends or takes beside these does not exist: a test holds its traffic to them. */
export const channels: Readonly<Record<string, Channel>> = {
  status: send('status', { messages: ['status'], retained: 'yes', about: '`online`; `offline` at the end or as last will.' }),
  cameraState: send('cameras/{camera}/state', { messages: ['camera-state'], retained: 'yes', about: 'State of a camera.' }),
  trail: send('cameras/{camera}/trail', {
    messages: ['trail'],
    retained: 'yes',
    about: 'The picture of the last fall, where Home Assistant is told of pictures; the evidence itself comes besides.',
  }),
  snapshot: send('cameras/{camera}/snapshot', {
    messages: ['snapshot'],
    retained: 'yes',
    about: 'The picture of the last incident that is no fall, likewise.',
  }),
  ruleState: send('rules/{camera}/{rule}/state', {
    messages: ['rule-state'],
    retained: 'yes',
    about: 'What a rule is set to now, by the config or by `set`.',
  }),
  active: send('incidents/{camera}/{type}/active', { messages: ['active'], retained: 'yes', about: 'Count of open incidents.' }),
  figures: send('figures/{camera}/{rule}', {
    messages: ['figures'],
    retained: 'yes',
    about:
      'What a rule counts and measures: crossings, who is inside, dwell, flow, speed. Told when it has changed, at most every ten seconds.',
  }),
  metrics: send('metrics', { messages: ['metrics'], qos: 0, about: 'Figures, every 60 s.' }),
  event: send('events/{camera}/{type}', {
    messages: ['event'],
    about: 'An event. At least once: deduplicate on `id` and `seq`. Those of a camera come in order.',
  }),
  manifest: send('evidence/{event}/{evidence}/manifest', {
    messages: ['manifest'],
    about: 'A file is about to come, or its transfer is taken up again.',
  }),
  chunk: send('evidence/{event}/{evidence}/chunk/{chunk}', { messages: ['chunk'], about: 'A piece of it: raw bytes.' }),
  complete: send('evidence/{event}/{evidence}/complete', { messages: ['complete'], about: 'All pieces have been sent.' }),
  evidenceComplete: send('evidence/{event}/complete', {
    messages: ['evidence-complete'],
    about: 'All evidence of the incident has been dealt with.',
  }),
  upload: send('uploads/{evidence}', {
    messages: ['upload'],
    about: 'How a file gets on that the centre has given a URL for. Of one file the latest counts.',
  }),
  key: send('key', { messages: ['key'], retained: 'yes', about: 'The public key that the agent signs with.' }),
  records: send('records', { messages: ['record'], about: 'A link of the agent’s chain of evidence.' }),
  gone: send('gone', { messages: ['gone'], about: 'Events that the centre has asked for and that are known no more.' }),
  inspection: send('cases/{event}/inspection', {
    messages: ['inspection'],
    retained: 'yes',
    about: 'What the agent found of a solved case, until the next word on it.',
  }),
  patrol: send('patrols/{camera}/{patrol}', {
    messages: ['patrol'],
    retained: 'yes',
    about: 'The latest round of an inspection on a schedule: its picture, and what it found of open incidents.',
  }),
  reply: send('reply', { messages: ['reply'], about: 'Answers to commands that name no response topic.' }),
  doctor: send('doctor', {
    messages: ['trial'],
    about: '`parapet doctor` tries whether the broker takes what this agent publishes. Of no meaning to anybody.',
  }),
  ack: receive('ack', {
    messages: ['ack', 'refusal', 'countersign'],
    about: 'The centre has safely stored something, or refuses it; daily it countersigns the chain of records.',
  }),
  need: receive('need', { messages: ['need', 'resend'], about: 'The centre lacks pieces of a file, or events.' }),
  caseState: receive('cases/{event}/state', {
    messages: ['case-state'],
    retained: 'either',
    about: 'What the centre made of an event; the latest by `at` counts.',
  }),
  sensor: receive('sensors/{sensor}', {
    messages: ['sensor-reading'],
    retained: 'either',
    about:
      'What a device in the street says, for rules of type `sensor_trigger` (docs/integrations.md#sensors); on `topic` of such a rule as well.',
  }),
  ...Object.fromEntries(
    commandNames.map((name) => [
      `command${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      receive(`cmd/${name}`, {
        messages: [`command-${name}`],
        about: `The command \`${name}\` (docs/commands.md). Never retained; an empty payload is as good as \`{}\`.`,
        reply: { channel: 'reply', message: 'reply' },
      }),
    ]),
  ),
  onvifRule: {
    address: '{onvifPrefix}/onvif-ej/RuleEngine/{onvifTopic}/&{camera}/parapet/{rule}',
    action: 'send',
    qos: 1,
    retained: 'either',
    messages: ['onvif-event'],
    about: 'An event in ONVIF’s words, where `mqtt.formats` names `onvif`. Property events are retained, and deleted by an empty payload.',
  },
  onvifCamera: {
    address: '{onvifPrefix}/onvif-ej/VideoSource/{property}/&{camera}',
    action: 'send',
    qos: 1,
    retained: 'yes',
    messages: ['onvif-event'],
    about: 'What a camera is like, in ONVIF’s words, where `mqtt.formats` names `onvif`.',
  },
  homeAssistant: {
    address: '{homeAssistantPrefix}/{component}/{entity}/config',
    action: 'send',
    qos: 1,
    retained: 'yes',
    messages: ['discovery'],
    about: 'Discovery by Home Assistant, where `mqtt.home_assistant` is enabled.',
  },
};

/**
 * The channel that a topic belongs to; `null` when it is none of them. Since a prefix may have several levels, `…/cmd/status` could be the status of
 * an agent `cmd` too: the channel that names more of the topic is meant.
 *
 * @example channelOf('parapet/estate/box-01/status') // 'status'
 */
export function channelOf(topic: string): string | null {
  const fixed = ({ address }: Channel): number => address.replaceAll(/\{\w+\}/g, '').length;
  const fitting = Object.entries(channels).filter(([, { address }]) => pattern(address).test(topic));
  return fitting.sort(([, a], [, b]) => fixed(b) - fixed(a))[0]?.[0] ?? null;
}

function pattern(address: string): RegExp {
  const parts = address.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return manyLevels.has(name) ? '.+' : '[^/]+';
  });
  return new RegExp(`^${parts.join('')}$`);
}
