import { z } from 'zod';

/** Retained state and periodic figures. */

const isoUtc = z.iso.datetime({ precision: 3 });

export const STATUS_SCHEMA = 'parapet/status/v1';
export const CAMERA_STATE_SCHEMA = 'parapet/camera-state/v1';
export const ACTIVE_SCHEMA = 'parapet/active/v1';
export const RULE_STATE_SCHEMA = 'parapet/rule-state/v1';
export const METRICS_SCHEMA = 'parapet/metrics/v1';
export const FIGURES_SCHEMA = 'parapet/figures/v1';

/** `status` (retained; the `offline` one is the last will). */
export const statusSchema = z.object({
  schema: z.literal(STATUS_SCHEMA),
  status: z.enum(['online', 'offline']),
  version: z.string(),
  since: isoUtc,
});

/** `cameras/<camera>/state` (retained). */
export const cameraStateSchema = z.object({
  schema: z.literal(CAMERA_STATE_SCHEMA),
  camera: z.string(),
  state: z.enum(['connecting', 'online', 'stalled', 'tampered', 'offline']),
  fps: z.number().min(0),
  since: isoUtc,
  reason: z.string().nullable().describe('why the camera is not online or its picture is not of its scene, in words'),
  warning: z
    .string()
    .nullable()
    .optional()
    .describe('what a person should look at although the camera works: a facade that is not drawn to scale'),
});

/** `incidents/<camera>/<type>/active` (retained). */
export const activeSchema = z.object({
  schema: z.literal(ACTIVE_SCHEMA),
  camera: z.string(),
  type: z.string(),
  active: z.int().min(0),
});

/** `rules/<camera>/<rule>/state` (retained): what a rule of a camera is set to now. */
export const ruleStateSchema = z.object({
  schema: z.literal(RULE_STATE_SCHEMA),
  camera: z.string(),
  rule: z.string(),
  type: z.string(),
  enabled: z.boolean(),
  sensitivity: z.enum(['low', 'normal', 'high']),
});

/** `doctor`: `parapet doctor` tries whether the broker takes what this agent publishes. Of no meaning to anybody. */
export const trialSchema = z.strictObject({ at: isoUtc });

/** `metrics`, every 60 s. Counters count since the agent started. */
export const metricsSchema = z.object({
  schema: z.literal(METRICS_SCHEMA),
  at: isoUtc,
  uptime_s: z.number(),
  rss_bytes: z.int(),
  outbox_depth: z.int(),
  disk: z
    .object({
      tier: z.enum(['ok', 'low', 'short', 'full', 'failed']),
      free_bytes: z.number().nullable(),
      problem: z.string().nullable().describe('one line for people; null while nothing needs to be done'),
      given_up: z.int().describe('undelivered files that were given up for want of room'),
    })
    .optional()
    .describe('the disk of the agent’s data; a change of tier is told at once'),
  database_damages: z.int().optional().describe('times that the database was found damaged, set aside and begun anew'),
  inference_restarts: z.int().optional().describe('times that the process that runs models was lost'),
  cameras: z.record(
    z.string(),
    z.object({
      camera_fps: z.number(),
      process_fps: z.number(),
      skipped_frames: z.int(),
      repeated_frames: z.int(),
      restarts: z.int(),
      incidents: z.int(),
    }),
  ),
});

/** `figures/<camera>/<rule>` (retained): what a rule of a camera counts and measures. */
export const figuresSchema = z.object({
  schema: z.literal(FIGURES_SCHEMA),
  camera: z.string(),
  rule: z.string(),
  type: z.string(),
  at: isoUtc.describe('of these figures; they are told when one has changed'),
  since: isoUtc.optional().describe('since when the counters count: they go on over restarts of the agent, and begin anew with the rule'),
  figures: z.array(
    z.object({
      name: z.string().describe('such as crossings, occupancy, dwell_seconds_sum'),
      kind: z.enum(['counter', 'gauge']).describe('counter: grows from 0 since `since`; gauge: as it is now'),
      of: z.record(z.string(), z.string()).describe('what tells it from others of its name: line, zone, direction, label'),
      value: z.number(),
      today: z.number().optional().describe('of a counter: what was counted since midnight, in the time zone of the camera'),
      hour: z.number().optional().describe('of a counter: what was counted since the last full hour there'),
    }),
  ),
});

export type StatusMessage = z.infer<typeof statusSchema>;
export type CameraStateMessage = z.infer<typeof cameraStateSchema>;
export type ActiveMessage = z.infer<typeof activeSchema>;
export type RuleStateMessage = z.infer<typeof ruleStateSchema>;
export type TrialMessage = z.infer<typeof trialSchema>;
export type MetricsMessage = z.infer<typeof metricsSchema>;
export type FiguresMessage = z.infer<typeof figuresSchema>;
