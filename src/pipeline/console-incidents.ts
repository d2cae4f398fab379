import type { Store } from '../store/index.js';

/** Incidents on the console's page. */
const RECENT_INCIDENTS = 30;

type Incidents = ReturnType<Store['recentIncidents']>;
type Evidence = Incidents[number]['evidence'][number];

/** What the console shows of the store: the latest incidents, and those of their files that are on the disk. */
export interface ConsoleIncidents {
  incidents(): { readonly incident: Incidents[number]['incident']; readonly evidence: readonly Evidence[]; readonly pending: boolean }[];
  /** A file by its id; `null` when it is none of theirs. */
  evidence(id: string): { readonly path: string; readonly mediaType: string } | null;
}

export function createConsoleIncidents(store: Pick<Store, 'recentIncidents'>): ConsoleIncidents {
  return {
    incidents: () =>
      store.recentIncidents(RECENT_INCIDENTS).map(({ incident, evidence }) => ({
        incident,
        evidence: evidence.filter(isOnDisk),
        pending: incident.phase !== 'end' || evidence.some(({ status }) => status === 'planned'),
      })),
    evidence(id) {
      const all = store.recentIncidents(RECENT_INCIDENTS).flatMap(({ evidence }) => evidence);
      const found = all.find((one) => one.id === id && isOnDisk(one));
      return found?.path && found.mediaType ? { path: found.path, mediaType: found.mediaType } : null;
    },
  };
}

const isOnDisk = ({ status }: { readonly status: string }): boolean => status === 'stored' || status === 'sent';
