import type { ResolvedConfig } from './schema.js';

/** Fills in what each camera takes from the whole config where it says nothing itself. */
export function withInherited(config: ResolvedConfig): ResolvedConfig {
  const cameras = config.cameras.map((camera) => ({
    ...camera,
    time_zone: camera.time_zone ?? config.time_zone,
    detector: { ...camera.detector, model: camera.detector.model ?? config.inference.model },
  }));
  return { ...config, cameras };
}
