import { AgentError, type ErrorCode } from '../platform/errors.js';
import { inputName, type MediaInput } from './input.js';

interface Symptom {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** What is wrong and how to mend it, to follow the input's name. */
  readonly text: string;
}

/** What ffmpeg says when a camera cannot be read, the most telling first. */
const cameraSymptoms: readonly Symptom[] = [
  {
    pattern: /401 Unauthorized|authorization failed|403 Forbidden/i,
    code: 'SOURCE_UNAUTHORIZED',
    text: 'the camera refuses the user name or password; check them in the URL, or in source.username and source.password',
  },
  {
    pattern: /404 Not Found|stream not found/i,
    code: 'SOURCE_UNREACHABLE',
    text: 'the camera answers but has no stream at this path; check the path in source.url',
  },
  {
    pattern: /Connection refused/i,
    code: 'SOURCE_UNREACHABLE',
    text: 'nothing listens there; check address and port, and whether RTSP is switched on',
  },
  {
    pattern: /Failed to resolve|Name or service not known|name resolution/i,
    code: 'SOURCE_UNREACHABLE',
    text: 'the host name is not known; check it, or use the address',
  },
  {
    pattern: /No route to host|Network is unreachable/i,
    code: 'SOURCE_UNREACHABLE',
    text: 'there is no way to this address; check the cable, the address and the network',
  },
  { pattern: /timed out/i, code: 'SOURCE_UNREACHABLE', text: 'the camera does not answer in time; check address, port and network' },
  {
    pattern: /5\d\d [A-Z][\w ]+|453 Not Enough Bandwidth/,
    code: 'SOURCE_UNREACHABLE',
    text: 'the camera answers with an error of its own; it may be starting, or serve too many viewers',
  },
  {
    pattern: /461 Unsupported [Tt]ransport|Nonmatching transport/,
    code: 'SOURCE_FAILED',
    text: 'the camera does not offer this transport; set source.transport to the other one',
  },
  {
    pattern: /matches no streams|does not contain any stream|Unable to find a suitable/i,
    code: 'SOURCE_NOT_VIDEO',
    text: 'the camera sends no video here; check the path in source.url',
  },
  {
    // What ffmpeg makes of silence, garbage, and a connection that is closed at once.
    pattern: /Invalid data found|End of file|Input\/output error|Connection reset|Broken pipe/i,
    code: 'SOURCE_UNREACHABLE',
    text: 'something accepts connections there but does not answer as a camera; check address, port and path, or restart the camera',
  },
];

/** The same for files. */
const fileSymptoms: readonly Symptom[] = [
  { pattern: /No such file or directory/i, code: 'SOURCE_NOT_FOUND', text: 'there is no such file; check the path' },
  { pattern: /Permission denied/i, code: 'SOURCE_NOT_FOUND', text: 'the file may not be read; check its permissions' },
  { pattern: /Is a directory/i, code: 'SOURCE_NOT_FOUND', text: 'this is a folder; name a video file' },
  {
    pattern: /moov atom not found/i,
    code: 'SOURCE_NOT_VIDEO',
    text: 'this is not a video, or one that was cut off before its index was written; name a video file, or copy it again',
  },
  {
    pattern: /matches no streams|does not contain any stream/i,
    code: 'SOURCE_NOT_VIDEO',
    text: 'the file holds no video; name a video file',
  },
  {
    pattern: /Invalid data found when processing input|Unknown format|could not find codec parameters/i,
    code: 'SOURCE_NOT_VIDEO',
    text: 'this is not a video that ffmpeg can read; name a video file',
  },
  {
    pattern: /Decoder .*not found|no decoder|Unknown decoder/i,
    code: 'SOURCE_NOT_VIDEO',
    text: 'this ffmpeg cannot decode it; convert it to H.264',
  },
];

/**
 * Says in one line why ffmpeg could not read an input.
 *
 * @param complaints ffmpeg's last lines, credentials hidden.
 */
export function mediaFailure(input: MediaInput, complaints: readonly string[]): AgentError {
  const said = complaints.join('\n');
  const symptom = (input.kind === 'rtsp' ? cameraSymptoms : fileSymptoms).find(({ pattern }) => pattern.test(said));
  if (symptom !== undefined) return new AgentError(symptom.code, `${inputName(input)}: ${symptom.text}`);
  const last = tellingComplaint(complaints) ?? 'it gave no reason';
  return new AgentError('SOURCE_FAILED', `${inputName(input)}: ffmpeg cannot read it: ${last}`);
}

/** Whether a container of this name, as ffmpeg calls it, holds one picture only. @example isStillFormat('png_pipe') // true */
export function isStillFormat(name: string): boolean {
  return /^(?:image2|\w+_pipe)$/.test(name);
}

/** A single picture was named where a video is wanted. */
export function stillPictureFailure(input: MediaInput): AgentError {
  return new AgentError('SOURCE_NOT_VIDEO', `${inputName(input)}: one picture only; name a video`);
}

/** What ffmpeg warns of on streams that are well, and so never why one ended. */
const harmless =
  /Invalid DTS|non.?monoton\w* (?:increasing )?dts|DTS .* out of order|Timestamps are unset|deprecated pixel format|missed \d+ packets|max delay reached|Application provided duration|(?:PTS|DTS) \S+ < (?:DTS|PTS)|cur_dts|first frame is no keyframe/i;

/** The last of ffmpeg's lines that can be why it ended, without the names of its parts; `null` when none is. */
export function tellingComplaint(complaints: readonly string[]): string | null {
  return complaints.findLast((line) => !harmless.test(line))?.replace(/^(?:\[[^\]]*\] )+/, '') ?? null;
}
