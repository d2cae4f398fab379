export type { ReceivedCompletion } from './completions.js';
export type { ReceiverCounters } from './context.js';
export type { ReceivedEvent } from './events.js';
export type { ReceivedEvidence } from './evidence.js';
export { createCentreDatabase, createReceiver, type Receiver, type ReceiverOptions } from './receiver.js';
export { type CentreStatus, type LostEvents, readStatus, statusMessage } from './status.js';
