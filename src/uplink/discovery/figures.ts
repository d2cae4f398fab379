import type { FigureShape } from '../../domain/figure.js';

/** How one number of `figures/<camera>/<rule>` is shown by Home Assistant. */
export interface FigureEntity {
  /** What tells it from others of its rule. */
  readonly id: readonly string[];
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

type Shown = Readonly<Record<'unit_of_measurement', string>> & Readonly<Record<string, string | number>>;

const measured = (unit: string, more: Readonly<Record<string, string | number>> = {}): Shown => ({
  state_class: 'measurement',
  unit_of_measurement: unit,
  ...more,
});
const DURATION = { device_class: 'duration', suggested_display_precision: 0 } as const;
const SPEED = { device_class: 'speed', suggested_display_precision: 0 } as const;

/** What is measured now, by the figure's name. */
const gauges: Readonly<Record<string, { readonly name: string; readonly shown: Shown }>> = {
  occupancy: { name: 'Inside', shown: measured('people') },
  people: { name: 'People', shown: measured('people') },
  people_staying: { name: 'People who stay', shown: measured('people') },
  density_per_m2: { name: 'Density', shown: measured('people/m²', { suggested_display_precision: 2 }) },
  queue_length: { name: 'Queue', shown: measured('people') },
  wait_seconds: { name: 'Waiting time', shown: measured('s', DURATION) },
  flow_per_minute: { name: 'Flow', shown: measured('1/min', { suggested_display_precision: 1 }) },
  vehicles: { name: 'Vehicles', shown: measured('vehicles', { suggested_display_precision: 1 }) },
  queued_vehicles: { name: 'Vehicles that stand', shown: measured('vehicles', { suggested_display_precision: 1 }) },
  density_per_km: { name: 'Density', shown: measured('vehicles/km', { suggested_display_precision: 1 }) },
  speed_kmh: { name: 'Speed', shown: measured('km/h', SPEED) },
  congestion_level: { name: 'Congestion', shown: measured('level') },
  stalls: { name: 'Stalls', shown: measured('stalls') },
};

/** What is counted. A total goes on for ever; that of the day begins anew at midnight, which Home Assistant takes for a new cycle. */
const counters: Readonly<Record<string, { readonly name: string; readonly unit: string }>> = {
  crossings: { name: 'Crossings', unit: 'crossings' },
  entries: { name: 'Entries', unit: 'people' },
  vehicles_counted: { name: 'Vehicles counted', unit: 'vehicles' },
  vehicles_measured: { name: 'Vehicles measured', unit: 'vehicles' },
};

/** Counters that are of use only against each other: the mean of the day. */
const means: Readonly<Record<string, { readonly name: string; readonly by: string }>> = {
  dwell_seconds_sum: { name: 'Mean stay today', by: 'dwell_seconds_count' },
  waited_seconds_sum: { name: 'Mean wait today', by: 'waited_seconds_count' },
};

/** Words for what tells figures of a name from each other. */
const words: Readonly<Record<string, string>> = { p85: '85 % below', longest: 'longest', mean: 'mean', left: 'left', right: 'right' };

/** The numbers of `value_json` that are of a shape, whatever labels tell them apart besides. */
function those({ name, of }: FigureShape): string {
  const selected = Object.entries(of).map(([label, value]) => ` | selectattr('of.${label}', 'eq', '${value}')`);
  return `value_json.figures | selectattr('name', 'eq', '${name}')${selected.join('')}`;
}

/** The entities of what a rule counts and measures. Pure. */
export function figureEntities(shapes: readonly FigureShape[]): readonly FigureEntity[] {
  return shapes.flatMap((shape): readonly FigureEntity[] => {
    const { name, of } = shape;
    const said = ['direction', 'statistic'].flatMap((label) => (of[label] === undefined ? [] : [words[of[label]] ?? of[label]]));
    const entity = (what: readonly string[], title: string, payload: FigureEntity['payload']): FigureEntity => ({
      id: [name, ...Object.values(of).filter((value) => value !== ''), ...what],
      name: [title, ...said].join(', '),
      payload,
    });
    const gauge = gauges[name];
    if (shape.kind === 'gauge')
      // A camera that is away measures nothing: then it is not there, and unknown.
      return gauge === undefined
        ? []
        : [
            entity([], gauge.name, {
              ...gauge.shown,
              value_template: `{{ ${those(shape)} | map(attribute='value') | first | default(none) }}`,
            }),
          ];
    const counter = counters[name];
    if (counter !== undefined) {
      const shown = { state_class: 'total_increasing', unit_of_measurement: counter.unit };
      return [
        entity([], counter.name, {
          ...shown,
          value_template: `{{ ${those(shape)} | sum(attribute='value') }}`,
          json_attributes_template: `{{ {'since': value_json.since} | tojson }}`,
        }),
        entity(['today'], `${counter.name} today`, { ...shown, value_template: `{{ ${those(shape)} | sum(attribute='today') }}` }),
      ];
    }
    const mean = means[name];
    if (mean === undefined) return [];
    const [sum, count] = [those(shape), those({ ...shape, name: mean.by })];
    const value_template = `{% set n = ${count} | sum(attribute='today') %}{{ (${sum} | sum(attribute='today')) / n if n > 0 else none }}`;
    return [entity(['today'], mean.name, { ...measured('s', DURATION), value_template })];
  });
}
