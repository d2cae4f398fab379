import type { CameraConfig, ResolvedConfig } from '../../config/index.js';
import { AgentError } from '../../platform/errors.js';

/**
 * The camera whose settings count for a video: the one asked for, the only one, or the defaults.
 *
 * @param wanted id of a camera in the config.
 * @returns its settings, with the video in place of its stream.
 * @throws {AgentError} BAD_USAGE when there is no such camera, or several and none was asked for.
 */
export async function chooseCamera(
  { cameras }: Pick<ResolvedConfig, 'cameras'>,
  path: string,
  wanted: string | undefined,
): Promise<CameraConfig> {
  const known = cameras.length === 0 ? 'the config has none' : `the config has ${cameras.map(({ id }) => `'${id}'`).join(', ')}`;
  if (wanted === undefined && cameras.length > 1) {
    throw new AgentError('BAD_USAGE', `which camera took this video? ${known}; choose one with --camera`);
  }
  const chosen = wanted === undefined ? cameras[0] : cameras.find(({ id }) => id === wanted);
  if (chosen === undefined && wanted !== undefined) throw new AgentError('BAD_USAGE', `there is no camera '${wanted}'; ${known}`);
  const { cameraConfigSchema } = await import('../../config/camera-schema.js');
  const camera = chosen ?? cameraConfigSchema.parse({ id: 'camera-1', source: { url: path } });
  return { ...camera, source: { ...camera.source, url: path } };
}
