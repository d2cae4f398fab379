import type { Incident } from '../../domain/incident.js';
import type { CameraOwnSnapshot } from '../../platform/health/agent-snapshot.js';
import type { RuleTypeName } from '../../rules/registry.js';

/** Knows which cameras do not show their scene: by the incidents of `camera_tamper` that are open. */
export interface TamperWatch {
  /** Takes in a report of any incident. @returns whether its camera's state is another now. */
  note(incident: Incident): boolean;
  /** A camera's thread was lost with what it had open: nobody will end that. @returns whether the camera's state is another now. */
  forget(cameraId: string, nowMs: number): boolean;
  /** A camera with its state: one that sends pictures, but not of its scene, is `tampered`. */
  seen<Camera extends Pick<CameraOwnSnapshot, 'id' | 'state' | 'sinceMs' | 'reason'>>(camera: Camera): Camera;
}

const TAMPER: RuleTypeName = 'camera_tamper';

interface Known {
  /** Incidents that are open, oldest first; several where several rules watch one camera. */
  readonly open: Map<string, Pick<Incident, 'startedAtMs' | 'labels'>>;
  /** When the last one ended, UTC milliseconds. */
  overMs: number;
}

export function createTamperWatch(): TamperWatch {
  const cameras = new Map<string, Known>();
  return {
    note({ cameraId, id, type, phase, startedAtMs, endedAtMs, labels }) {
      if (type !== TAMPER) return false;
      const known = cameras.get(cameraId) ?? { open: new Map(), overMs: 0 };
      cameras.set(cameraId, known);
      const was = known.open.size > 0;
      if (phase === 'end') {
        known.open.delete(id);
        known.overMs = endedAtMs ?? startedAtMs;
      } else known.open.set(id, { startedAtMs, labels });
      return known.open.size > 0 !== was;
    },
    forget(cameraId, nowMs) {
      const known = cameras.get(cameraId);
      if (known === undefined || known.open.size === 0) return false;
      cameras.set(cameraId, { open: new Map(), overMs: nowMs });
      return true;
    },
    seen(camera) {
      const known = cameras.get(camera.id);
      if (known === undefined || camera.state !== 'online') return camera;
      const [first] = known.open.values();
      if (first === undefined) return { ...camera, sinceMs: Math.max(camera.sinceMs, known.overMs) };
      const { startedAtMs, labels } = first;
      return { ...camera, state: 'tampered', sinceMs: startedAtMs, reason: `its picture is not of its scene: ${labels.join(', ')}` };
    },
  };
}
