import type { RuleWork } from './contract.js';
import type { RuleConfig, RuleTypeName } from './registry.js';

/**
 * What rules do, by their types, each loaded when it is asked for: a camera's thread runs few of them, and needs neither the others nor the
 * schemas of any, which took it longer to load than all that it does need.
 */
const loaders: { readonly [T in RuleTypeName]: () => Promise<{ readonly work: RuleWork<Extract<RuleConfig, { readonly type: T }>> }> } = {
  thrown_object: () => import('./thrown-object/work.js'),
  intrusion: () => import('./intrusion/work.js'),
  line_crossing: () => import('./line-crossing/work.js'),
  wrong_way: () => import('./wrong-way/work.js'),
  loitering: () => import('./loitering/work.js'),
  person_on_road: () => import('./person-on-road/work.js'),
  illegal_parking: () => import('./illegal-parking/work.js'),
  stopped_vehicle: () => import('./stopped-vehicle/work.js'),
  road_obstruction: () => import('./road-obstruction/work.js'),
  abandoned_object: () => import('./abandoned-object/work.js'),
  removed_object: () => import('./removed-object/work.js'),
  illegal_dumping: () => import('./illegal-dumping/work.js'),
  litter: () => import('./litter/work.js'),
  street_vending: () => import('./street-vending/work.js'),
  camera_tamper: () => import('./camera-tamper/work.js'),
  light_outage: () => import('./light-outage/work.js'),
  congestion: () => import('./congestion/work.js'),
  speeding: () => import('./speeding/work.js'),
  smoke_fire: () => import('./smoke-fire/work.js'),
  water_on_road: () => import('./water-on-road/work.js'),
  crowd: () => import('./crowd/work.js'),
  occupancy: () => import('./occupancy/work.js'),
  queue: () => import('./queue/work.js'),
  fallen_person: () => import('./fallen-person/work.js'),
  sensor_trigger: () => import('./sensor-trigger/work.js'),
};

/** What a rule of this config's type does. @throws {RangeError} for a type that was not loaded. */
export type WorkOf = <C extends RuleConfig>(config: C) => RuleWork<C>;

/** Loads what rules of these types do. */
export async function loadWorks(types: Iterable<RuleTypeName>): Promise<WorkOf> {
  const loaded = await Promise.all(Array.from(new Set(types), async (type) => [type, (await loaders[type]()).work] as const));
  const works = new Map<RuleTypeName, unknown>(loaded);
  return <C extends RuleConfig>({ type }: C) => {
    const work = works.get(type);
    if (work === undefined) throw new RangeError(`rules of type ${type} are not loaded`);
    // Under each type lies what takes that type's config, which the compiler cannot follow through a union.
    return work as RuleWork<C>;
  };
}
