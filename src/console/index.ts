export { type ConsoleOptions, type ConsoleServer, startConsole } from './console-server.js';
export type { ConsoleIncident } from './page.js';
