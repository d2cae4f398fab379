/** A number that a rule has counted or measured, told as it stands now; metrics are made of it. */
export interface Figure {
  /** What it is: `crossings`, `occupancy`, `dwell_seconds_sum`, `flow_per_minute`, `speed_kmh`; each is known to `figureMetrics`. */
  readonly name: string;
  /** `counter`: grows from 0 as long as the connection lasts; `gauge`: as it is now. */
  readonly kind: 'counter' | 'gauge';
  /** What tells it from others of its name: line, zone, direction, label. */
  readonly of: Readonly<Record<string, string>>;
  readonly value: number;
}
