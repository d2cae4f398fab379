import { z } from 'zod';
import { abandonedObject } from './abandoned-object/index.js';
import { cameraTamper } from './camera-tamper/index.js';
import { congestion } from './congestion/index.js';
import type { RuleWork } from './contract.js';
import { crowd } from './crowd/index.js';
import { fallenPerson } from './fallen-person/index.js';
import { illegalDumping } from './illegal-dumping/index.js';
import { illegalParking } from './illegal-parking/index.js';
import { intrusion } from './intrusion/index.js';
import { lightOutage } from './light-outage/index.js';
import { lineCrossing } from './line-crossing/index.js';
import { litter } from './litter/index.js';
import { loitering } from './loitering/index.js';
import { occupancy } from './occupancy/index.js';
import { personOnRoad } from './person-on-road/index.js';
import { queue } from './queue/index.js';
import { removedObject } from './removed-object/index.js';
import { roadObstruction } from './road-obstruction/index.js';
import { sensorTrigger } from './sensor-trigger/index.js';
import { smokeFire } from './smoke-fire/index.js';
import { speeding } from './speeding/index.js';
import { stoppedVehicle } from './stopped-vehicle/index.js';
import { streetVending } from './street-vending/index.js';
import { thrownObject } from './thrown-object/index.js';
import { waterOnRoad } from './water-on-road/index.js';
import { wrongWay } from './wrong-way/index.js';

/**
 * Every incident type, one line each. The union of rule configs, the documentation table and the JSON Schema of the
 * config are derived from this table; the name on the left is `type` in configs and events.
 */
export const ruleTypes = {
  thrown_object: thrownObject,
  intrusion,
  line_crossing: lineCrossing,
  wrong_way: wrongWay,
  loitering,
  person_on_road: personOnRoad,
  illegal_parking: illegalParking,
  stopped_vehicle: stoppedVehicle,
  road_obstruction: roadObstruction,
  abandoned_object: abandonedObject,
  removed_object: removedObject,
  illegal_dumping: illegalDumping,
  litter,
  street_vending: streetVending,
  camera_tamper: cameraTamper,
  light_outage: lightOutage,
  congestion,
  speeding,
  smoke_fire: smokeFire,
  water_on_road: waterOnRoad,
  crowd,
  occupancy,
  queue,
  fallen_person: fallenPerson,
  sensor_trigger: sensorTrigger,
} as const;

export type RuleTypeName = keyof typeof ruleTypes;
type RuleSchema = (typeof ruleTypes)[RuleTypeName]['schema'];
/** Options of any rule, told apart by `type`. */
export type RuleConfig = z.output<RuleSchema>;

/** The config of any rule in the table. */
export const ruleConfigSchema = z.discriminatedUnion(
  'type',
  Object.values(ruleTypes).map((entry) => entry.schema) as unknown as readonly [RuleSchema, ...RuleSchema[]],
);

/** What a rule of this config's type does. */
export const workOf = <C extends RuleConfig>({ type }: C): RuleWork<C> =>
  // The table holds under each type what takes that type's config, which the compiler cannot follow through a union.
  ruleTypes[type] as unknown as RuleWork<C>;
