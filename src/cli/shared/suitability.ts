import type { MediaInfo } from '../../media/probe.js';

/** Whether a stream is good enough for one job. */
export interface Suitability {
  readonly job: string;
  readonly suits: boolean;
  /** What is lacking, or why it suits. */
  readonly why: string;
}

/**
 * Least rate for thrown objects, pictures a second: a fall of two floors lasts 1.1 s and must be seen some 14 times for
 * fall and flight to be told apart.
 */
const LEAST_THROW_FPS = 12.5;
/** Least height (or width, if smaller) for thrown objects, pixels: below, a bottle on the tenth floor is under 3 pixels. */
const LEAST_THROW_SIDE_PX = 720;
/** Least rate for rules of the street, pictures a second: a car at 50 km/h goes 3.5 m from one to the next, and is just known again. */
const LEAST_STREET_FPS = 4;
/** Least side for them, pixels: below, a person at 30 m is under ten pixels wide. */
const LEAST_STREET_SIDE_PX = 288;
/** Longest time between keyframes for clips, seconds: a clip begins at the keyframe before, so it is as much longer. */
const LONGEST_KEYFRAME_INTERVAL_S = 2;

/** Shortest file that keyframes are judged of, seconds: encoders set one every few seconds, and a short clip may rightly hold one. */
const LEAST_FOR_KEYFRAMES_S = 5;

/** The job of all rules that look at objects and still things. */
export const STREET_JOB = 'street rules';

/** What a stream can be used for. */
export function judgeStream(info: MediaInfo): readonly Suitability[] {
  const interval = info.keyframeIntervalS;
  const brief = info.durationS !== null && info.durationS < LEAST_FOR_KEYFRAMES_S;
  const clips =
    interval === null
      ? { suits: false, why: 'keyframes are so far apart that fewer than two were seen: set the camera to one every second or two' }
      : interval > LONGEST_KEYFRAME_INTERVAL_S + 0.1
        ? { suits: false, why: `keyframes are ${interval.toFixed(1)} s apart, so clips begin up to that much early: set 2 s or less` }
        : { suits: true, why: `a keyframe every ${interval.toFixed(1)} s` };
  return [
    judgePictures(info, 'thrown_object', LEAST_THROW_SIDE_PX, LEAST_THROW_FPS),
    judgePictures(info, STREET_JOB, LEAST_STREET_SIDE_PX, LEAST_STREET_FPS),
    ...(brief ? [] : [{ job: 'exact clips', ...clips }]),
  ];
}

function judgePictures(info: MediaInfo, job: string, leastSidePx: number, leastFps: number): Suitability {
  const lacks: string[] = [];
  const side = Math.min(info.width, info.height);
  if (!info.decodable) lacks.push('this machine cannot decode it');
  if (side < leastSidePx) lacks.push(`${side} pixels high, at least ${leastSidePx} are needed: choose the main stream`);
  if (info.fps !== null && info.fps < leastFps) {
    lacks.push(`${info.fps.toFixed(1)} pictures a second, at least ${leastFps} are needed: raise the camera's frame rate`);
  }
  return { job, suits: lacks.length === 0, why: lacks.length === 0 ? 'large and fast enough' : lacks.join('; ') };
}
