/** What a device in the street has said: a smart manhole, a lamp pole, a probe in the water, a gate, a fire panel. */
export interface SensorReading {
  /** A JSON object as it came; a bare word or number stands under `value`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A moment on the wall clock, and what a rule's own sensor said in it. Moments without a reading come about once a second. */
export interface SensorMoment {
  /** UTC milliseconds since 1970. */
  readonly atMs: number;
  readonly reading: SensorReading | null;
}

/** Where a sensor is heard. */
export interface SensorAddress {
  /** Below the agent's own topic and on the console: `sensors/<name>`. */
  readonly name: string;
  /** A topic of somebody else's as well; `null`: none. */
  readonly topic: string | null;
}

/** What became of a device's message. */
export type SensorOutcome = 'taken' | 'unknown' | 'too_large' | 'too_often' | 'unreadable';
