import type { CameraConfig } from '../config/camera-schema.js';
import type { Logger } from '../platform/logger.js';
import type { SourceOptions } from '../sources/contract.js';

/** How a camera's config asks for its video. */
export function sourceOptions(camera: CameraConfig, logger: Logger): SourceOptions {
  const { url, username, password, transport, timeout, hwaccel, decode_threads, detect } = camera.source;
  return {
    url,
    username,
    password,
    transport,
    timeoutMs: timeout,
    hwaccel,
    threads: decode_threads,
    pixelFormat: 'gray',
    maxFps: detect.fps,
    maxWidth: detect.width,
    logger,
  };
}
