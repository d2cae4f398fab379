import type { CameraConfig } from '../../config/camera-schema.js';
import type { Incident } from '../../domain/incident.js';
import { parseSourceUrl } from '../../platform/input/source-url.js';
import { type RuleTypeName, ruleTypes, workOf } from '../../rules/registry.js';
import type { Interruption, Store } from '../../store/index.js';
import type { EvidenceDesk } from './evidence-desk.js';

/**
 * Whether an incident stays open while its stream is away: its rule is there and goes on with it when the camera, or the agent, is back. A file that is over
 * does not come back.
 */
export function isCarried(
  { cameraId, rule: name, type }: Pick<Incident, 'cameraId' | 'rule' | 'type'>,
  cameras: readonly Pick<CameraConfig, 'id' | 'source' | 'rules'>[],
): boolean {
  const camera = cameras.find(({ id }) => id === cameraId);
  if (camera === undefined || parseSourceUrl(camera.source.url).kind === 'file') return false;
  const rule = camera.rules.find((one) => one.name === name && one.type === type && one.enabled);
  return rule !== undefined && workOf(rule).resumes === true;
}

/** What a camera's thread goes on with, or ends: all but what is told of by devices, which speak to no thread. */
export const ofPictures = ({ type }: Pick<Incident, 'type'>): boolean =>
  type in ruleTypes && ruleTypes[type as RuleTypeName].input !== 'outside';

export interface InterruptionsOptions {
  readonly store: Pick<Store, 'closeInterrupted'>;
  readonly desk: Pick<EvidenceDesk, 'plan' | 'make'>;
  /** As they are configured now. */
  readonly cameras: () => readonly CameraConfig[];
  /** Some may have been ended. */
  readonly onClosed: () => void;
}

/** Ends incidents that nobody will end any more, each with the reason. All throw {@link AgentError} as the store does. */
export interface Interruptions {
  /** The agent begins: whatever is open was left so by an earlier one. */
  agentStarted(): void;
  /** A camera's thread was lost with what it knew. */
  threadLost(cameraId: string): void;
  /** Another list of cameras is in force. */
  camerasChanged(): void;
}

export function createInterruptions({ store, desk, cameras, onClosed }: InterruptionsOptions): Interruptions {
  function close(why: Interruption, of: (incident: Incident) => boolean): void {
    for (const { incident, plans } of store.closeInterrupted(why, { of, plan: (open) => desk.plan(open) }))
      desk.make(incident, plans, null);
    onClosed();
  }
  return {
    agentStarted: () => close('agent_restart', (open) => !isCarried(open, cameras())),
    threadLost: (cameraId) =>
      close('camera_thread_lost', (open) => open.cameraId === cameraId && ofPictures(open) && !isCarried(open, cameras())),
    camerasChanged: () => close('camera_removed', ({ cameraId }) => !cameras().some(({ id }) => id === cameraId)),
  };
}
