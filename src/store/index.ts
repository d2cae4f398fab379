export type { EvidenceStatus } from './evidence.js';
export { type EvictableEvidence, openStore, type Store, type StoredEvidence, type StoredIncident, type StoreOptions } from './store.js';
