/**
 * Every error that a person may meet, by its stable code. `exit` is the process's exit code when it ends a command:
 * 1 failed, 2 bad usage or bad config.
 */
const errorCodes = {
  BAD_USAGE: { exit: 2, meaning: 'a command was called with arguments it does not take' },
  CONFIG_NOT_FOUND: { exit: 2, meaning: 'the config file is not there or cannot be read' },
  CONFIG_SYNTAX: { exit: 2, meaning: 'the config file is not YAML' },
  CONFIG_INVALID: { exit: 2, meaning: 'a key is unknown, or a value has the wrong type or lies out of bounds' },
  CONFIG_SECRET_MISSING: { exit: 2, meaning: 'an environment variable or file that a value refers to is not there' },
  SOURCE_NOT_FOUND: { exit: 1, meaning: 'the video file is not there or cannot be read' },
  SOURCE_NOT_VIDEO: { exit: 1, meaning: 'the file holds no video that ffmpeg can decode' },
  SOURCE_TRUNCATED: { exit: 1, meaning: 'the video ended before its own index says; what came before was used' },
  SOURCE_UNREACHABLE: { exit: 1, meaning: 'the camera does not answer' },
  SOURCE_UNAUTHORIZED: { exit: 1, meaning: 'the camera refuses the user name or password' },
  SOURCE_FAILED: { exit: 1, meaning: 'decoding ended with an error' },
  FFMPEG_MISSING: { exit: 1, meaning: 'ffmpeg or ffprobe is not installed or too old' },
  MEDIA_FAILED: { exit: 1, meaning: 'a clip or picture could not be made' },
  BROKER_UNREACHABLE: { exit: 1, meaning: 'the MQTT broker does not answer' },
  BROKER_REFUSED: { exit: 1, meaning: 'the MQTT broker refuses the user name, password or certificate' },
  STORE_FAILED: { exit: 1, meaning: 'the database cannot be opened or written' },
  STORE_CORRUPT: { exit: 1, meaning: 'the database is damaged; it was set aside' },
  DISK_FULL: { exit: 1, meaning: 'no room is left on the disk' },
  EVIDENCE_INVALID: { exit: 1, meaning: 'a piece of evidence does not match its hash' },
  KEY_INVALID: { exit: 1, meaning: 'the agent’s signing key is damaged or cannot be read' },
  CASE_UNKNOWN: { exit: 1, meaning: 'the centre has no case with this id' },
  CASE_NOT_MOVED: { exit: 1, meaning: 'a case cannot go to this state from the one that it is in' },
  AGENT_SILENT: { exit: 1, meaning: 'an agent does not answer the centre' },
  AGENT_REFUSED: { exit: 1, meaning: 'an agent answers no to what the centre asks of it' },
  CENTRE_UNREACHABLE: { exit: 1, meaning: 'the receiver’s HTTP interface does not answer, or not as one' },
  CENTRE_REFUSED: { exit: 1, meaning: 'the receiver’s HTTP interface does not take the token, or not for this' },
  PORT_IN_USE: { exit: 1, meaning: 'another program listens on the port' },
  MODEL_INVALID: { exit: 1, meaning: 'a detector’s model cannot be loaded, or is not what it is said to be' },
  MODEL_MISSING: { exit: 1, meaning: 'a detector’s model or the library that runs it is not installed' },
  FILE_INVALID: { exit: 1, meaning: 'a file that a command reads is not what it should be' },
  WORKER_FAILED: { exit: 1, meaning: 'a camera’s worker thread ended unexpectedly' },
} as const satisfies Record<string, { exit: 1 | 2; meaning: string }>;

export type ErrorCode = keyof typeof errorCodes;

/**
 * An error that a person can act on. The message is one line: what is wrong, where, and how to mend it; it never holds a
 * secret. Programmer errors are `RangeError` or `TypeError` instead.
 */
export class AgentError extends Error {
  override readonly name = 'AgentError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  get exitCode(): 1 | 2 {
    return errorCodes[this.code].exit;
  }
}

/** The message of anything that was thrown, on one line. */
export function errorMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
