import type { Incident } from '../../domain/incident.js';

/** Counts incidents that ended, by camera, type and verdict. */
export interface IncidentTally {
  note(incident: Incident): void;
  of(cameraId: string): readonly { readonly type: string; readonly verdict: string; readonly count: number }[];
}

export function createIncidentTally(): IncidentTally {
  const cameras = new Map<string, Map<string, { readonly type: string; readonly verdict: string; count: number }>>();
  return {
    note({ cameraId, type, verdict, phase }) {
      if (phase !== 'end') return;
      const counts = cameras.get(cameraId) ?? new Map();
      cameras.set(cameraId, counts);
      const key = `${type}/${verdict}`;
      const entry = counts.get(key) ?? { type, verdict, count: 0 };
      entry.count++;
      counts.set(key, entry);
    },
    of: (cameraId) => [...(cameras.get(cameraId)?.values() ?? [])].map((entry) => ({ ...entry })),
  };
}
