import type { PixelFormat } from '../domain/frame.js';
import type { PixelRoi, Roi } from '../domain/roi.js';
import type { Hwaccel } from '../media/decoder.js';
import type { FrameFds } from '../media/frame-pipe.js';
import type { StreamSummary } from '../media/stream-summary.js';
import type { WallClockSpec } from '../media/wall-clock.js';
import type { Logger } from '../platform/logger.js';

/** Where video comes from and how it is read. */
export interface SourceOptions {
  /** `rtsp://`, `rtsps://`, `file://`, or the path of a file. */
  readonly url: string;
  /** For the camera, when they do not stand in the URL. Never logged. */
  readonly username?: string | null;
  readonly password?: string | null;
  readonly transport?: 'tcp' | 'udp';
  /** How long a camera may take to answer, milliseconds. */
  readonly timeoutMs?: number;
  readonly hwaccel?: Hwaccel;
  /** For software decoding; 0: one up to 1920×1080, as many as ffmpeg likes above. */
  readonly threads?: number;
  readonly pixelFormat?: PixelFormat;
  /** At most so many pictures a second; `null`: every picture. */
  readonly maxFps?: number | null;
  /** At most so many pixels wide; `null`: as the source sends them. */
  readonly maxWidth?: number | null;
  /** Only these columns of grey pictures; `null`: all. */
  readonly roi?: Roi | null;
  /** Read a file no faster than it plays. */
  readonly paced?: boolean;
  /** Wall clock of a file's beginning, UTC milliseconds since 1970; otherwise its metadata says, or it is 1970. */
  readonly epochMs?: number;
  readonly logger: Logger;
}

/** Why we end a connection. */
export type StopReason = 'shutdown' | 'stalled' | 'resolution-changed' | 'malformed' | 'reader-failed' | 'recording-resumed';

/**
 * Why a connection ended. `end-of-file`: all of a file was read. `truncated`: a file ended before its own index says.
 * `disconnected`: the camera is gone. `killed`: somebody killed ffmpeg. `failed`: ffmpeg gave up. The others: we ended it.
 */
export type SourceEndReason = 'end-of-file' | 'truncated' | 'disconnected' | 'killed' | 'failed' | StopReason;

export interface SourceEnd {
  readonly reason: SourceEndReason;
  /** One line for people; `null` when the reason says it all. */
  readonly detail: string | null;
}

/** A running connection: pictures come out of descriptors, segments go into a folder. */
export interface SourceConnection extends AsyncDisposable {
  /** For a frame reader in a worker thread. Disposing closes them: let the reader end first. */
  readonly framesFds: FrameFds;
  readonly pixelFormat: PixelFormat;
  /** Where its pictures lie in the camera's; `null` or absent: they are all of it. */
  readonly roi?: PixelRoi | null;
  readonly wallClock: WallClockSpec;
  readonly stream: StreamSummary;
  /** Never rejects. The stream of pictures ends at the same time. */
  readonly ended: Promise<SourceEnd>;
  /** Ends it; the first reason counts. */
  stop(reason: StopReason): void;
}

/** Something that video comes from. It connects when told, and leaves trying again to the supervisor. */
export interface Source {
  /** For messages: no credentials. */
  readonly name: string;
  /** Whether it is tried again when it ends. */
  readonly live: boolean;
  /**
   * Connects and waits for the first picture.
   *
   * @param segmentsFolder where to record the stream as it comes; `null`: nowhere. Made when it is not there.
   * @throws {AgentError} FFMPEG_MISSING, SOURCE_NOT_FOUND, SOURCE_NOT_VIDEO, SOURCE_UNREACHABLE, SOURCE_UNAUTHORIZED or
   *   SOURCE_FAILED. The signal's reason when aborted; a connection that stands ends with `shutdown` then.
   */
  connect(segmentsFolder: string | null, signal: AbortSignal): Promise<SourceConnection>;
  /** Whether somebody answers at the source's address; costs next to nothing. */
  reachable(signal: AbortSignal): Promise<boolean>;
}
