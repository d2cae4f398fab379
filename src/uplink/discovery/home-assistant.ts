import type { FigureShape } from '../../domain/figure.js';
import { wholeTopic } from '../link/topics.js';
import { figureEntities } from './figures.js';
import { uniqueId } from './unique-id.js';

/** A retained message by which Home Assistant learns of one entity. */
export interface DiscoveryMessage {
  /** With a leading `/`: it lies outside the agent's own topics. */
  readonly topic: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface DiscoveryOptions {
  /** Of the agent's own topics. */
  readonly base: string;
  readonly site: string;
  readonly agent: string;
  /** Of the program. */
  readonly version: string;
  /** Home Assistant's discovery prefix. */
  readonly prefix: string;
  readonly cameras: readonly DiscoveredCamera[];
  /** Rules can be switched: only where a plain `set` is carried out, for Home Assistant cannot sign. */
  readonly switches: boolean;
  /** Pictures of falls and of incidents in the street are published. */
  readonly images: boolean;
}

export interface DiscoveredCamera {
  readonly id: string;
  readonly rules: readonly DiscoveredRule[];
}

export interface DiscoveredRule {
  readonly name: string;
  readonly type: string;
  /** Of the type, for people. */
  readonly title: string;
  /** What it counts and measures. */
  readonly figures: readonly FigureShape[];
}

/** A rule, for people. */
const nameOf = ({ name, type, title }: DiscoveredRule): string => (name === type ? title : `${title} (${name})`);

type Component = 'binary_sensor' | 'sensor' | 'switch' | 'image';
type Payload = Readonly<Record<string, unknown>>;

/** What a type of incident is to Home Assistant, which chooses words and icon by it; all others are a problem. */
const deviceClasses: Readonly<Record<string, string>> = {
  thrown_object: 'safety',
  intrusion: 'motion',
  loitering: 'occupancy',
  crowd: 'occupancy',
  occupancy: 'occupancy',
  queue: 'occupancy',
  person_on_road: 'safety',
  fallen_person: 'safety',
  wrong_way: 'safety',
  smoke_fire: 'smoke',
  water_on_road: 'moisture',
  camera_tamper: 'tamper',
};

/** The type whose picture is a trail; that of all others is a snapshot. */
const FALLS = 'thrown_object';

/** Figures come every 60 s: after three that did not, nothing is known. Seconds. */
const METRICS_EXPIRE_S = 180;

/** What an incident's own message says of it, without its path, which is too long for an attribute. */
const eventAttributes = `{{ {'event': value_json.id, 'phase': value_json.phase, 'verdict': value_json.verdict, 'severity': value_json.severity, 'confidence': value_json.confidence, 'started_at': value_json.started_at, 'zone': value_json.zone, 'labels': value_json.labels, 'floor': value_json.throw.origin.floor if value_json.throw else none, 'unit': value_json.throw.origin.unit if value_json.throw else none, 'mass_class': value_json.throw.mass_class if value_json.throw else none} | tojson }}`;

/** Everything that Home Assistant is told of an agent: a device of its own and one for each camera. Pure. */
export function discoveryMessages(options: DiscoveryOptions): readonly DiscoveryMessage[] {
  const { base, site, agent, version, prefix, cameras } = options;
  const topic = (below: string): string => wholeTopic(base, below);
  const agentId = uniqueId('parapet', site, agent);
  const origin = { name: 'parapet', sw_version: version };
  const agentIsThere = { topic: topic('status'), value_template: '{{ value_json.status }}' };

  function entity(component: Component, device: Payload, id: string, payload: Payload): DiscoveryMessage {
    return { topic: `/${prefix}/${component}/${id}/config`, payload: { unique_id: id, device, origin, ...payload } };
  }

  const whileThere = { availability: [agentIsThere] };

  function ofAgent(): readonly DiscoveryMessage[] {
    const device = { identifiers: [agentId], name: `Parapet ${agent}`, manufacturer: 'Parapet', model: 'Agent', sw_version: version };
    const figure = (id: string, payload: Payload): DiscoveryMessage =>
      entity('sensor', device, uniqueId('parapet', site, agent, 'agent', id), {
        state_topic: topic('metrics'),
        state_class: 'measurement',
        entity_category: 'diagnostic',
        expire_after: METRICS_EXPIRE_S,
        ...whileThere,
        ...payload,
      });
    return [
      entity('binary_sensor', device, uniqueId('parapet', site, agent, 'agent', 'status'), {
        name: 'Status',
        state_topic: topic('status'),
        value_template: "{{ 'ON' if value_json.status == 'online' else 'OFF' }}",
        device_class: 'connectivity',
        entity_category: 'diagnostic',
        qos: 1,
      }),
      figure('outbox', { name: 'Messages waiting', value_template: '{{ value_json.outbox_depth }}', unit_of_measurement: 'messages' }),
      figure('memory', {
        name: 'Memory',
        value_template: '{{ value_json.rss_bytes }}',
        device_class: 'data_size',
        unit_of_measurement: 'B',
      }),
    ];
  }

  function ofCamera({ id, rules }: DiscoveredCamera): readonly DiscoveryMessage[] {
    const own = (...what: readonly string[]): string => uniqueId('parapet', site, agent, 'camera', id, ...what);
    const device = { identifiers: [own()], name: `Parapet ${id}`, manufacturer: 'Parapet', model: 'Camera', via_device: agentId };
    const state = topic(`cameras/${id}/state`);
    // Of a camera that is covered much is known: that it is, above all.
    const sends = "value_json.state in ['online', 'tampered']";
    const isOnline = { topic: state, value_template: `{{ 'online' if ${sends} else 'offline' }}` };
    const types = new Map(rules.map(({ type, title }) => [type, title]));
    return [
      entity('binary_sensor', device, own('connection'), {
        name: 'Connection',
        state_topic: state,
        value_template: `{{ 'ON' if ${sends} else 'OFF' }}`,
        device_class: 'connectivity',
        entity_category: 'diagnostic',
        qos: 1,
        ...whileThere,
      }),
      entity('sensor', device, own('state'), {
        name: 'State',
        state_topic: state,
        value_template: '{{ value_json.state }}',
        device_class: 'enum',
        options: ['connecting', 'online', 'stalled', 'tampered', 'offline'],
        json_attributes_topic: state,
        json_attributes_template: "{{ {'since': value_json.since, 'reason': value_json.reason, 'warning': value_json.warning} | tojson }}",
        entity_category: 'diagnostic',
        qos: 1,
        ...whileThere,
      }),
      entity('sensor', device, own('fps'), {
        name: 'Pictures a second',
        state_topic: state,
        value_template: '{{ value_json.fps }}',
        unit_of_measurement: 'fps',
        state_class: 'measurement',
        entity_category: 'diagnostic',
        qos: 1,
        ...whileThere,
      }),
      ...[...types].map(([type, title]) =>
        entity('binary_sensor', device, own('type', type), {
          name: title,
          state_topic: topic(`incidents/${id}/${type}/active`),
          value_template: "{{ 'ON' if value_json.active > 0 else 'OFF' }}",
          device_class: deviceClasses[type] ?? 'problem',
          json_attributes_topic: topic(`events/${id}/${type}`),
          json_attributes_template: eventAttributes,
          availability: [agentIsThere, isOnline],
          availability_mode: 'all',
          qos: 1,
        }),
      ),
      ...(options.images && types.has(FALLS) ? [image(device, own('trail'), 'Last fall', `cameras/${id}/trail`)] : []),
      ...(options.images && [...types.keys()].some((type) => type !== FALLS)
        ? [image(device, own('snapshot'), 'Last incident', `cameras/${id}/snapshot`)]
        : []),
      ...rules.flatMap((rule) => figureSensors(device, id, rule, (figure) => own('figure', rule.name, ...figure))),
      ...(options.switches ? rules.map((rule) => ruleSwitch(device, own('rule', rule.name), id, rule)) : []),
    ];
  }

  const image = (device: Payload, id: string, name: string, imageTopic: string): DiscoveryMessage =>
    entity('image', device, id, {
      name,
      image_topic: topic(imageTopic),
      content_type: 'image/jpeg',
      ...whileThere,
    });

  /** What it counts and measures. */
  function figureSensors(
    device: Payload,
    camera: string,
    rule: DiscoveredRule,
    idOf: (figure: readonly string[]) => string,
  ): readonly DiscoveryMessage[] {
    const figures = topic(`figures/${camera}/${rule.name}`);
    return figureEntities(rule.figures).map((figure) =>
      entity('sensor', device, idOf(figure.id), {
        name: `${nameOf(rule)}: ${figure.name}`,
        state_topic: figures,
        ...('json_attributes_template' in figure.payload ? { json_attributes_topic: figures } : {}),
        ...figure.payload,
        qos: 1,
        ...whileThere,
      }),
    );
  }

  /** The very command that the centre gives: what allows and limits it there does so here. */
  function ruleSwitch(device: Payload, id: string, camera: string, rule: DiscoveredRule): DiscoveryMessage {
    const command = (enabled: boolean): string => JSON.stringify({ camera, rule: rule.name, enabled });
    return entity('switch', device, id, {
      name: nameOf(rule),
      state_topic: topic(`rules/${camera}/${rule.name}/state`),
      value_template: "{{ 'ON' if value_json.enabled else 'OFF' }}",
      state_on: 'ON',
      state_off: 'OFF',
      command_topic: topic('cmd/set'),
      payload_on: command(true),
      payload_off: command(false),
      retain: false,
      entity_category: 'config',
      qos: 1,
      ...whileThere,
    });
  }

  return [...ofAgent(), ...cameras.flatMap(ofCamera)];
}
