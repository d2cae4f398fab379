import { createStage } from '../stage.mjs';
import { abandonedObject } from './abandoned-object.mjs';
import { congestion } from './congestion.mjs';
import { fallenPerson } from './fallen-person.mjs';
import { crowd, occupancy, queue } from './gatherings.mjs';
import { illegalParking } from './illegal-parking.mjs';
import { intrusion } from './intrusion.mjs';
import { illegalDumping, litter } from './left-behind.mjs';
import { lineCrossing } from './line-crossing.mjs';
import { loitering } from './loitering.mjs';
import { nothingScenes } from './nothing.mjs';
import { personOnRoad } from './person-on-road.mjs';
import { removedObject } from './removed-object.mjs';
import { roadObstruction } from './road-obstruction.mjs';
import { cameraTamper, lightOutage, smokeFire, waterOnRoad } from './scene-itself.mjs';
import { speeding } from './speeding.mjs';
import { stoppedVehicle } from './stopped-vehicle.mjs';
import { streetVending } from './vending.mjs';
import { wrongWay } from './wrong-way.mjs';

/**
 * @typedef {object} Scenario
 * @property {string} name of the variant, unique within its type
 * @property {boolean} positive whether an incident happens
 * @property {object} [stage] camera, light, length and whatever `createStage` takes
 * @property {(stage: ReturnType<typeof createStage>) => void} write puts everything on the stage
 */

/** Every incident type with its scenes; `nothing`: long scenes with every rule, in which nothing happens. @type {Record<string, readonly Scenario[]>} */
export const scenarios = {
  intrusion,
  line_crossing: lineCrossing,
  wrong_way: wrongWay,
  illegal_parking: illegalParking,
  loitering,
  crowd,
  occupancy,
  queue,
  abandoned_object: abandonedObject,
  removed_object: removedObject,
  illegal_dumping: illegalDumping,
  litter,
  road_obstruction: roadObstruction,
  street_vending: streetVending,
  person_on_road: personOnRoad,
  stopped_vehicle: stoppedVehicle,
  congestion,
  speeding,
  fallen_person: fallenPerson,
  smoke_fire: smokeFire,
  water_on_road: waterOnRoad,
  light_outage: lightOutage,
  camera_tamper: cameraTamper,
  nothing: nothingScenes,
};

export const scenarioNames = () => Object.entries(scenarios).flatMap(([type, list]) => list.map(({ name }) => `${type}-${name}`));

/** @param {string} fullName `type-variant` */
export function findScenario(fullName) {
  for (const [type, list] of Object.entries(scenarios)) {
    const found = list.find(({ name }) => `${type}-${name}` === fullName);
    if (found !== undefined) return { type, ...found };
  }
  throw new RangeError(`unknown scene '${fullName}'; node scripts/street/render.mjs --list names them all`);
}

/** The stage of a scenario, ready to be drawn. @param {Scenario & {type: string}} scenario @param {number | string} seed */
export function stageOf(scenario, seed, over = {}) {
  const stage = createStage({
    durationS: 90,
    ...scenario.stage,
    ...over,
    name: `${scenario.type}-${scenario.name}`,
    seed,
    type: scenario.type,
  });
  scenario.write(stage);
  if (stage.incidents.length > 0 !== scenario.positive) {
    throw new RangeError(
      `${stage.name}: ${stage.incidents.length} incidents in a scene that is ${scenario.positive ? '' : 'not '}positive`,
    );
  }
  return stage;
}
