export type { EvictableEvidence, EvidenceStatus } from './evidence.js';
export type { Interruption } from './incidents.js';
export { openStore, type Store, type StoredEvidence, type StoredIncident, type StoreOptions } from './store.js';
