export type { BackoffOptions } from '../time/backoff.js';
export { BrokerRefusal, classifyBrokerError, LinkClosed, reasonText } from './broker-error.js';
export { type CertificateOf, type CertificateTerm, certificateWarning } from './certificates.js';
export { connectMqtt, type IncomingMessage, type MqttLink, type OutgoingMessage } from './link.js';
export { brokerName, DEFAULT_KEEPALIVE_MS, isSecure, type MqttOptions, type MqttTlsOptions, parseBrokerUrl } from './options.js';
export { createMqttSession, type MqttSession, type SessionState } from './session.js';
