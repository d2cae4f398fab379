export type { BearerToken, Caller } from './bearer.js';
export { type CaseRoutes, createCaseRoutes } from './case-routes.js';
export { judgeCentre } from './centre-health.js';
export { createCentreMetrics } from './centre-metrics.js';
export { type CentreServer, startCentreServer } from './centre-server.js';
export { createEvidenceRoutes } from './evidence-routes.js';
export { HttpProblem } from './problem.js';
