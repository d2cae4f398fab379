import type { CameraConfig } from '../../config/camera-schema.js';
import { workOf } from '../../rules/registry.js';

/** What a config says where it wants no model although one is configured for all. */
const NO_MODEL = 'none';

/** Name of the model that a camera's rules want; `null`: none. */
export function wantedModel({ detector, rules }: Pick<CameraConfig, 'detector' | 'rules'>): string | null {
  if (detector.model === null || detector.model === NO_MODEL) return null;
  const wanted = rules.some((rule) => {
    const work = workOf(rule);
    return work.input === 'street' && work.labels(rule).length > 0;
  });
  return wanted ? detector.model : null;
}
