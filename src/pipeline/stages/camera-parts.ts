import type { CameraConfig } from '../../config/camera-schema.js';
import { loadWorks, type WorkOf } from '../../rules/load-works.js';
import type { createStreetStage } from './street-stage.js';

/** What the code of a camera's pipeline consists of beside motion. */
export interface CameraParts {
  readonly workOf: WorkOf;
  /** `null`: none of its rules is of the street. */
  readonly createStreetStage: typeof createStreetStage | null;
}

/**
 * Loads the code that a camera's rules need, and no other: a camera's thread that looks for throws alone starts in a quarter of the time
 * that all of it takes.
 */
export async function loadCameraParts({ rules }: Pick<CameraConfig, 'rules'>): Promise<CameraParts> {
  const workOf = await loadWorks(rules.map(({ type }) => type));
  const street = rules.some((rule) => workOf(rule).input === 'street');
  return { workOf, createStreetStage: street ? (await import('./street-stage.js')).createStreetStage : null };
}
