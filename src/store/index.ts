export type { EvictableEvidence, EvidenceStatus } from './evidence.js';
export type { Interruption } from './incidents.js';
export type { FallScale, Learnt } from './learnt.js';
export { openStore, type Store, type StoredEvidence, type StoredIncident, type StoreOptions } from './store.js';
