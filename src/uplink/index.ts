export { classifyBrokerError } from '../platform/mqtt/index.js';
export type { NonceBook } from './commands/command-signature.js';
export {
  type CommandCounters,
  type CommandDesk,
  type CommandHandlers,
  type CommandPolicy,
  type CommandResult,
  createCommandDesk,
} from './commands/commands.js';
export { figureEntities } from './discovery/figures.js';
export { type DiscoveryMessage, type DiscoveryOptions, discoveryMessages } from './discovery/home-assistant.js';
export { type EvidencePolicy, PLAIN_EVIDENCE } from './evidence-policy.js';
export type { HoldPolicy } from './files/hold.js';
export { createOnvifFormat, type OnvifCameraState, type OnvifFormat } from './formats/onvif.js';
export { caseFilter, inboundFilters, sensorFilter } from './inbound/inbound.js';
export type { SensorEars } from './inbound/inbox.js';
export { type BrokerReport, checkBroker } from './link/check-broker.js';
export type { UplinkCounters } from './link/counters.js';
export { agentClientId, topicBase, type UplinkIdentity } from './link/topics.js';
export type { Delivery } from './messages/message-queue.js';
export { createUplink, type Uplink } from './uplink.js';
export type { UplinkOptions } from './uplink-options.js';
export { checkUploadHeaders, checkUploadUrl, type UploadPolicy } from './uploads/upload-target.js';
