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

/** What a rule will count or measure, as far as its config says: more may tell figures of a name from each other, such as what the model calls them. */
export type FigureShape = Pick<Figure, 'name' | 'kind' | 'of'>;

/** A figure over all connections and restarts, as the outside is told of it. */
export interface ToldFigure extends Figure {
  /** Of a counter: how much of it was counted since midnight, and since the last full hour, by the camera's clock. */
  readonly today?: number;
  readonly hour?: number;
}

/** What a rule has counted, over all its connections and restarts, and measures now. */
export interface RuleTotals {
  /** Since when its counters count, UTC milliseconds since 1970. */
  readonly sinceMs: number;
  readonly figures: readonly ToldFigure[];
}
