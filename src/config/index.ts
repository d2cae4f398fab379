export { type CameraConfig, cameraConfigSchema } from './camera-schema.js';
export { type LoadedDocument, loadDocument } from './document.js';
export { toFacade } from './facade.js';
export { configJsonSchema } from './json-schema.js';
export { type ConfigSources, type LoadedConfig, loadConfig } from './load.js';
export { configSchema, type MqttConfig, type ResolvedConfig } from './schema.js';
export { configSha256, showConfig, showConfigJson } from './show.js';
