export { classifyBrokerError } from '../platform/mqtt/index.js';
export { type BrokerReport, checkBroker } from './check-broker.js';
export type { NonceBook } from './command-signature.js';
export {
  type CommandCounters,
  type CommandDesk,
  type CommandHandlers,
  type CommandPolicy,
  type CommandResult,
  createCommandDesk,
} from './commands.js';
export type { UplinkCounters } from './counters.js';
export { figureEntities } from './discovery/figures.js';
export { type DiscoveryMessage, type DiscoveryOptions, discoveryMessages } from './discovery/home-assistant.js';
export { type EvidencePolicy, PLAIN_EVIDENCE } from './evidence-policy.js';
export { createOnvifFormat, type OnvifCameraState, type OnvifFormat } from './formats/onvif.js';
export type { HoldPolicy } from './hold.js';
export { caseFilter, inboundFilters, sensorFilter } from './inbound.js';
export type { Delivery } from './message-queue.js';
export { agentClientId, topicBase, type UplinkIdentity } from './topics.js';
export { createUplink, type Uplink } from './uplink.js';
export type { SensorEars, UplinkOptions } from './uplink-options.js';
export { checkUploadHeaders, checkUploadUrl, type UploadPolicy } from './upload-target.js';
