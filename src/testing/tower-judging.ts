import { createFacadePlane } from '../core/geometry/facade-plane.js';
import type { JudgeOptions } from '../rules/thrown-object/judgement.js';
import { TOWER, type TowerView, towerFacade } from './candidate-scene.js';

/** How paths before the tower of the candidate scene are judged, in dry weather. */
export function towerJudging(view: TowerView): JudgeOptions {
  return {
    plane: createFacadePlane(towerFacade(view), view.width, view.height),
    floorHeightM: TOWER.floorM,
    minDropFloors: 2,
    minDropShare: 0.15,
    pictureHeightPx: view.height,
    seen: { left: 0, width: view.width },
    weather: false,
    precipitation: false,
    driven: false,
  };
}
