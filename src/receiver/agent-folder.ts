import { join } from 'node:path';
import { safeName } from './safe-name.js';

/** Folder of an agent: `<dataDir>/<site>/<agent>`. */
export function agentFolder(dataDir: string, site: string, agent: string): string {
  return join(dataDir, safeName(site), safeName(agent));
}
