export { type CameraConfig, cameraConfigSchema, type FacadeConfig, type SourceConfig } from './camera-schema.js';
export { toFacade } from './facade.js';
export { configJsonSchema } from './json-schema.js';
export { type ConfigSources, type LoadedConfig, loadConfig } from './load.js';
export { type ConfigInput, configSchema, type MqttConfig, type ResolvedConfig } from './schema.js';
export { showConfig, showConfigJson } from './show.js';
