export type { CameraConfig, FacadeConfig, SourceConfig } from './camera-schema.js';
export { toFacade } from './facade.js';
export { type ConfigInput, configSchema, type MqttConfig, type ResolvedConfig } from './schema.js';
