export { createCaseEvidence } from './case-evidence.js';
export { createCaseRules } from './case-rules.js';
export type { CaseRules } from './case-store.js';
export { type CaseView, createCaseView } from './case-view.js';
export { createCentreCases } from './centre-cases.js';
export { createPlaceFinder } from './places.js';
export type { WebhookTarget } from './webhook-sender.js';
