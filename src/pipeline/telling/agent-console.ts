import type { ResolvedConfig } from '../../config/index.js';
import { type ConsoleServer, startConsole } from '../../console/index.js';
import type { AgentSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';
import type { Store } from '../../store/index.js';
import { MAX_READING_BYTES, type SensorDesk } from '../sensors/sensor-desk.js';

/** Incidents on the console's page. */
const RECENT_INCIDENTS = 30;

type Incidents = ReturnType<Store['recentIncidents']>;
type Evidence = Incidents[number]['evidence'][number];

/** What the console shows of the store: the latest incidents, and those of their files that are on the disk. */
interface ConsoleIncidents {
  incidents(): { readonly incident: Incidents[number]['incident']; readonly evidence: readonly Evidence[]; readonly pending: boolean }[];
  /** A file by its id; `null` when it is none of theirs. */
  evidence(id: string): { readonly path: string; readonly mediaType: string } | null;
}

export interface AgentConsoleOptions {
  readonly config: ResolvedConfig['console'];
  readonly snapshot: () => AgentSnapshot;
  readonly store: Pick<Store, 'recentIncidents'>;
  /** What hears devices that POST. */
  readonly sensors: Pick<SensorDesk, 'hear'>;
  readonly logger: Logger;
}

/** Opens the console of an agent; `null` where the config has it off. @throws {AgentError} PORT_IN_USE. */
export async function openAgentConsole({ config, snapshot, store, sensors, logger }: AgentConsoleOptions): Promise<ConsoleServer | null> {
  const { host, port, sensor_token: token } = config;
  const ears = token === null ? null : { token, maxBytes: MAX_READING_BYTES, hear: sensors.hear };
  return port === null ? null : startConsole({ host, port, snapshot, ...createConsoleIncidents(store), sensors: ears, logger });
}

function createConsoleIncidents(store: Pick<Store, 'recentIncidents'>): ConsoleIncidents {
  return {
    incidents: () =>
      store.recentIncidents(RECENT_INCIDENTS).map(({ incident, evidence }) => ({
        incident,
        evidence: evidence.filter(isOnDisk),
        pending: (incident.throw !== null && incident.phase !== 'end') || evidence.some(({ status }) => status === 'planned'),
      })),
    evidence(id) {
      const all = store.recentIncidents(RECENT_INCIDENTS).flatMap(({ evidence }) => evidence);
      const found = all.find((one) => one.id === id && isOnDisk(one));
      return found?.path && found.mediaType ? { path: found.path, mediaType: found.mediaType } : null;
    },
  };
}

const isOnDisk = ({ status }: { readonly status: string }): boolean => status === 'stored' || status === 'sent';
