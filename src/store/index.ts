export type { Cases, StoredCase } from './cases.js';
export type { EvictableEvidence, EvidenceStatus } from './evidence.js';
export type { Interruption } from './incidents.js';
export type { FallScale, Learnt } from './learnt.js';
export type { Orders, RuleSetting } from './orders.js';
export type { Records, StoredRecord } from './record-chain.js';
export type { ProofContext } from './records.js';
export { REQUEST_TYPE, type RequestedEvidence } from './requested.js';
export { openStore, type Store, type StoredEvidence, type StoredIncident, type StoreOptions } from './store.js';
