/** How Prometheus is told of a figure of rules. */
export interface FigureMetric {
  /** `name` of the figure. */
  readonly figure: string;
  readonly kind: 'gauge' | 'counter';
  readonly name: string;
  readonly help: string;
}

/** Labels that tell figures of a name from each other, beside camera and rule. */
export const figureLabels = ['zone', 'line', 'direction', 'label', 'statistic'] as const;

const counter = (figure: string, name: string, help: string): FigureMetric => ({ figure, kind: 'counter', name: `parapet_${name}`, help });
const gauge = (figure: string, help: string): FigureMetric => ({ figure, kind: 'gauge', name: `parapet_${figure}`, help });

/** What rules count and measure, one line each. Counters go on over connections and restarts. */
export const figureMetrics: readonly FigureMetric[] = [
  counter('crossings', 'crossings_total', 'Crossings of a line, by direction and label.'),
  counter('entries', 'entries_total', 'Who came into a zone.'),
  counter('vehicles_counted', 'vehicles_counted_total', 'Vehicles that came into a zone, or across its line.'),
  counter('vehicles_measured', 'vehicles_measured_total', 'Vehicles whose speed was measured.'),
  counter('dwell_seconds_sum', 'dwell_seconds_sum', 'Time that they stayed in a zone, of stays that are over.'),
  counter('dwell_seconds_count', 'dwell_seconds_count', 'Stays in a zone that are over.'),
  counter('waited_seconds_sum', 'waited_seconds_sum', 'Time that they waited in a queue, of waits that are over.'),
  counter('waited_seconds_count', 'waited_seconds_count', 'Waits in a queue that are over.'),
  gauge('occupancy', 'Who is inside a zone now.'),
  gauge('people', 'People in a zone where crowds are looked for.'),
  gauge('density_per_m2', 'People a square metre of a zone.'),
  gauge('people_staying', 'People who stay in a zone for longer than a loiterer may.'),
  gauge('stalls', 'Stalls that were told of and stand in a zone now.'),
  gauge('queue_length', 'People who wait in a queue now.'),
  gauge('wait_seconds', 'Waiting time: the longest of those who wait, and the mean of those who waited last.'),
  gauge('flow_per_minute', 'Crossings, or vehicles, a minute over the last minutes.'),
  gauge('vehicles', 'Vehicles in a zone, mean of the last half minute.'),
  gauge('queued_vehicles', 'Vehicles that stand or creep in a zone, likewise.'),
  gauge('density_per_km', 'Vehicles a kilometre of a zone, likewise.'),
  gauge('speed_kmh', 'Speed of the traffic in a zone.'),
  gauge('congestion_level', '0 flows, 1 begins to jam, 2 jammed.'),
];
