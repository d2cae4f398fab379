import { agentKilled } from './r01-agent-killed.mjs';

/** Every fault of docs/reliability.md, in its order. */
export const faults = [agentKilled];
