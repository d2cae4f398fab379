import type { CameraConfig } from '../config/camera-schema.js';
import type { Incident } from '../domain/incident.js';
import { parseSourceUrl } from '../platform/source-url.js';
import { type RuleTypeName, ruleTypes, workOf } from '../rules/registry.js';

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
