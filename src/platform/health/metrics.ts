import { Counter, Gauge, Registry } from 'prom-client';
import { type AgentSnapshot, type CameraSnapshot, sendsPictures } from './agent-snapshot.js';
import { type FigureMetric, figureLabels, figureMetrics } from './figure-metrics.js';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface MetricSpec {
  readonly kind: 'gauge' | 'counter';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (snapshot: AgentSnapshot) => readonly Sample[];
}

/** Names without a prefix are those that similar systems use, so that existing dashboards understand them. */
export const metricSpecs: readonly MetricSpec[] = [
  perCamera('gauge', 'camera_fps', 'Pictures a second that the camera sends.', (c) => c.cameraFps),
  perCamera('gauge', 'process_fps', 'Pictures a second that are looked at.', (c) => c.processFps),
  perCamera('gauge', 'skipped_fps', 'Pictures a second that are left out.', (c) => c.skippedFps),
  perAgent('gauge', 'outbox_depth', 'Messages that wait for delivery.', (s) => s.store.outboxMessages),
  perCamera('gauge', 'parapet_camera_online', '1 while the camera sends pictures.', (c) => (sendsPictures(c.state) ? 1 : 0)),
  perCamera(
    'gauge',
    'parapet_camera_tampered',
    '1 while its pictures are not of its scene: covered, turned away, defocused, frozen.',
    (c) => (c.state === 'tampered' ? 1 : 0),
  ),
  perCamera('counter', 'parapet_frames_total', 'Pictures decoded.', (c) => c.frames),
  perCamera('counter', 'parapet_skipped_frames_total', 'Pictures left out because their time made no sense.', (c) => c.skippedFrames),
  perCamera('counter', 'parapet_repeated_frames_total', 'Pictures that were the one before once more.', (c) => c.repeatedFrames),
  perCamera(
    'counter',
    'parapet_vetoed_frames_total',
    'Pictures whose background was of no use, because most of them differed from it.',
    (c) => c.vetoedFrames,
  ),
  perCamera('counter', 'parapet_candidates_total', 'Moving spots that were followed up.', (c) => c.candidates),
  perCameraMany('counter', 'parapet_stage_seconds_total', 'Time by stage; `read` is the wait for the next picture.', 'stage', (c) =>
    Object.entries(c.stageMs).map(([stage, ms]) => ({ labels: { stage }, value: ms / 1000 })),
  ),
  perCameraMany('counter', 'parapet_restarts_total', 'New connections by why the last one ended.', 'reason', (c) =>
    Object.entries(c.restarts).map(([reason, value]) => ({ labels: { reason }, value })),
  ),
  {
    kind: 'counter',
    name: 'parapet_incidents_total',
    help: 'Incidents that ended.',
    labels: ['camera', 'type', 'verdict'],
    samples: (s) =>
      s.cameras.flatMap((c) => c.incidents.map(({ type, verdict, count }) => ({ labels: { camera: c.id, type, verdict }, value: count }))),
  },
  perCameraMany('gauge', 'parapet_model_ok', '0 while the model that the camera asks for cannot be used.', null, (c) =>
    c.modelOk === null ? [] : [{ labels: {}, value: c.modelOk ? 1 : 0 }],
  ),
  perCameraMany('counter', 'parapet_detector_pictures_total', 'Pictures given to a model, by what became of them.', 'outcome', (c) =>
    (['replaced', 'answered', 'failed'] as const).flatMap((outcome) =>
      c.detector === null ? [] : [{ labels: { outcome }, value: c.detector[outcome] }],
    ),
  ),
  perCamera('counter', 'parapet_detector_seconds_total', 'Time that a model ran for the camera.', (c) => (c.detector?.runMs ?? 0) / 1000),
  perAgent(
    'counter',
    'parapet_inference_restarts_total',
    'Times that the process that runs models was lost.',
    (s) => s.inference?.restarts ?? 0,
  ),
  perAgent('gauge', 'parapet_inference_running', '0 while cameras ask for a model and none runs.', (s) =>
    s.inference === null || s.inference.running ? 1 : 0,
  ),
  perCamera('gauge', 'parapet_ring_bytes', 'Running recording on disk.', (c) => c.ringBytes),
  perCameraMany('gauge', 'parapet_lessons', 'Incidents remembered that the centre called false alarms, or real.', 'outcome', (c) => [
    { labels: { outcome: 'false_alarm' }, value: c.learning.falseAlarms },
    { labels: { outcome: 'real' }, value: c.learning.realOnes },
  ]),
  perCamera(
    'counter',
    'parapet_downgraded_total',
    'Incidents only suspected because they were like a false alarm.',
    (c) => c.learning.downgraded,
  ),
  {
    kind: 'gauge',
    name: 'parapet_facade_gravity_ratio',
    help: 'Gravity in metres of the drawn facade over 9.81 m/s²; 1 when it is drawn to scale.',
    labels: ['camera'],
    samples: (s) =>
      s.cameras.flatMap(({ id, learning: { scale } }) => (scale === null ? [] : [{ labels: { camera: id }, value: scale.ratio }])),
  },
  perCamera('gauge', 'parapet_calibration_off', '1 while falls say that the facade is not drawn to scale.', (c) =>
    (c.learning.scale?.warning ?? null) === null ? 0 : 1,
  ),
  perAgent('counter', 'parapet_evidence_made_total', 'Evidence files made.', (s) => s.evidence.made),
  perAgent('counter', 'parapet_evidence_failed_total', 'Evidence files that could not be made.', (s) => s.evidence.failed),
  perAgent('counter', 'parapet_evidence_bytes_total', 'Bytes of evidence made.', (s) => s.evidence.bytes),
  perAgent('gauge', 'parapet_outbox_transfers', 'Evidence files that wait for delivery.', (s) => s.store.outboxTransfers),
  perAgent('gauge', 'parapet_outbox_bytes', 'Bytes that wait for delivery.', (s) => s.store.outboxBytes),
  perAgent('gauge', 'parapet_outbox_oldest_seconds', 'Age of the oldest that waits.', (s) => s.store.outboxOldestS ?? 0),
  perAgent('gauge', 'parapet_evidence_holding', '1 while files wait to be asked for.', (s) => (s.evidenceFlow.holding ? 1 : 0)),
  perAgent('gauge', 'parapet_evidence_held', 'Files that wait to be asked for.', (s) => s.store.heldFiles),
  perAgent('gauge', 'parapet_evidence_held_bytes', 'Bytes that wait to be asked for.', (s) => s.store.heldBytes),
  perAgent(
    'counter',
    'parapet_evidence_unasked_total',
    'Held files that nobody asked for before retention took them; each has a signed record.',
    (s) => s.evidenceFlow.unaskedFiles,
  ),
  perAgent(
    'gauge',
    'parapet_evidence_bandwidth_bytes',
    'Most that evidence may take of the uplink in a second; 0: no limit.',
    (s) => s.evidenceFlow.bytesPerSecond ?? 0,
  ),
  perAgent('gauge', 'parapet_store_ok', '0 while the database cannot be written.', (s) => (s.store.problem === null ? 1 : 0)),
  perAgent(
    'counter',
    'parapet_store_damages_total',
    'Times that the database was found damaged, set aside and begun anew with what could be saved.',
    (s) => s.store.damages,
  ),
  perAgent('gauge', 'parapet_disk_free_bytes', 'Room left on the disk of data_dir.', (s) => s.disk.freeBytes ?? 0),
  {
    kind: 'gauge',
    name: 'parapet_disk_tier',
    help: '1 for the tier that the disk is in: ok, low, short, full or failed.',
    labels: ['tier'],
    samples: (s) => [{ labels: { tier: s.disk.tier }, value: 1 }],
  },
  perAgent(
    'counter',
    'parapet_evidence_given_up_total',
    'Undelivered files given up for want of room; each has a signed record.',
    (s) => s.disk.lostFiles,
  ),
  perAgent('gauge', 'parapet_incidents_waiting', 'Incidents found but not yet on disk.', (s) => s.store.waitingIncidents),
  perAgent('counter', 'parapet_incidents_lost_total', 'Incidents lost: the database failed for too long.', (s) => s.store.lostIncidents),
  perAgent('gauge', 'parapet_broker_connected', '1 while the broker is connected.', (s) => (s.broker?.connected === true ? 1 : 0)),
  {
    kind: 'gauge',
    name: 'parapet_certificate_not_after_seconds',
    help: 'When a certificate of the way to the broker runs out, seconds since 1970.',
    labels: ['of'],
    samples: (s) => (s.broker?.certificates ?? []).map(({ of, notAfterMs }) => ({ labels: { of }, value: notAfterMs / 1000 })),
  },
  perAgent('counter', 'parapet_broker_connects_total', 'Connections made to the broker.', (s) => s.broker?.connects ?? 0),
  perAgent('counter', 'parapet_messages_delivered_total', 'Messages that left the outbox.', (s) => s.broker?.messagesDelivered ?? 0),
  perAgent('counter', 'parapet_messages_resent_total', 'Messages sent once more.', (s) => s.broker?.messagesResent ?? 0),
  perAgent('counter', 'parapet_broker_refusals_total', 'Publishes that the broker refused.', (s) => s.broker?.refusals ?? 0),
  perAgent('counter', 'parapet_messages_unheard_total', 'Messages without any subscriber.', (s) => s.broker?.unheard ?? 0),
  perAgent('counter', 'parapet_cases_total', 'States of cases that the centre sent.', (s) => s.broker?.cases ?? 0),
  perAgent(
    'counter',
    'parapet_refused_by_centre_total',
    'Messages and files that the centre refused.',
    (s) => s.broker?.refusedByCentre ?? 0,
  ),
  perAgent(
    'counter',
    'parapet_events_asked_for_total',
    'Events that the centre lacked although they had been delivered.',
    (s) => s.broker?.eventsAskedFor ?? 0,
  ),
  perAgent('counter', 'parapet_commands_total', 'Commands that came.', (s) => s.broker?.commands ?? 0),
  perAgent('counter', 'parapet_commands_refused_total', 'Commands refused or failed.', (s) => s.broker?.commandsRefused ?? 0),
  perAgent('counter', 'parapet_bad_inbound_total', 'Messages from the centre not understood.', (s) => s.broker?.badInbound ?? 0),
  perAgent('counter', 'parapet_inbound_dropped_total', 'Messages that came faster than they may.', (s) => s.broker?.inboundDropped ?? 0),
  perAgent('counter', 'parapet_evidence_delivered_total', 'Evidence files delivered.', (s) => s.broker?.evidenceDelivered ?? 0),
  perAgent('counter', 'parapet_evidence_sent_bytes_total', 'Evidence bytes that the broker took.', (s) => s.broker?.evidenceBytes ?? 0),
  perAgent('counter', 'parapet_uploads_total', 'Files put to a URL that the centre gave.', (s) => s.broker?.uploadsDone ?? 0),
  perAgent('counter', 'parapet_uploads_failed_total', 'Orders to upload given up.', (s) => s.broker?.uploadsFailed ?? 0),
  perAgent('counter', 'parapet_uploaded_bytes_total', 'Evidence bytes sent by uploads.', (s) => s.broker?.uploadedBytes ?? 0),
  perAgent('gauge', 'parapet_rss_bytes', 'Memory of the agent’s own process; ffmpeg’s comes on top.', (s) => s.rssBytes),
  perAgent('counter', 'parapet_clock_steps_total', 'Times that the wall clock was set by a second or more.', (s) => s.clock.steps),
  perAgent(
    'gauge',
    'parapet_clock_offset_seconds',
    'How far the wall clock was set and slewed since the agent started.',
    (s) => s.clock.offsetMs / 1000,
  ),
  perAgent('gauge', 'parapet_uptime_seconds', 'Since the agent started.', (s) => s.uptimeS),
  {
    kind: 'gauge',
    name: 'parapet_build_info',
    help: 'Always 1; the version is a label.',
    labels: ['version'],
    samples: (s) => [{ labels: { version: s.version }, value: 1 }],
  },
  ...figureMetrics.map(ofRules),
];

/** The figures of an agent for Prometheus. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** @param snapshot is taken once each time the figures are asked for. */
export function createMetrics(snapshot: () => AgentSnapshot): Metrics {
  const registry = new Registry();
  let latest = snapshot();
  for (const spec of metricSpecs) {
    const common = { name: spec.name, help: spec.help, labelNames: [...spec.labels], registers: [registry] };
    if (spec.kind === 'gauge') {
      new Gauge({
        ...common,
        collect() {
          this.reset();
          for (const { labels, value } of spec.samples(latest)) this.set(labels, value);
        },
      });
    } else {
      new Counter({
        ...common,
        collect() {
          this.reset();
          for (const { labels, value } of spec.samples(latest)) this.inc(labels, value);
        },
      });
    }
  }
  return {
    contentType: registry.contentType,
    text: () => {
      latest = snapshot();
      return registry.metrics();
    },
  };
}

function perAgent(kind: MetricSpec['kind'], name: string, help: string, value: (snapshot: AgentSnapshot) => number): MetricSpec {
  return { kind, name, help, labels: [], samples: (snapshot) => [{ labels: {}, value: value(snapshot) }] };
}

function ofRules({ figure, kind, name, help }: FigureMetric): MetricSpec {
  const samples = ({ cameras }: AgentSnapshot): readonly Sample[] =>
    cameras.flatMap(({ id, counted }) =>
      Object.entries(counted).flatMap(([rule, { figures }]) =>
        figures
          .filter((one) => one.name === figure && one.kind === kind)
          .map(({ of, value }) => ({ labels: { camera: id, rule, ...known(of) }, value })),
      ),
    );
  return { kind, name, help, labels: ['camera', 'rule', ...figureLabels], samples };
}

/** Labels that Prometheus was told of. */
const known = (of: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(figureLabels.flatMap((label) => (of[label] === undefined ? [] : [[label, of[label]]])));

function perCamera(kind: MetricSpec['kind'], name: string, help: string, value: (camera: CameraSnapshot) => number): MetricSpec {
  const samples = (snapshot: AgentSnapshot): readonly Sample[] =>
    snapshot.cameras.map((camera) => ({ labels: { camera: camera.id }, value: value(camera) }));
  return { kind, name, help, labels: ['camera'], samples };
}

function perCameraMany(
  kind: MetricSpec['kind'],
  name: string,
  help: string,
  label: string | null,
  values: (camera: CameraSnapshot) => readonly Sample[],
): MetricSpec {
  const samples = (snapshot: AgentSnapshot): readonly Sample[] =>
    snapshot.cameras.flatMap((camera) => values(camera).map(({ labels, value }) => ({ labels: { camera: camera.id, ...labels }, value })));
  return { kind, name, help, labels: ['camera', ...(label === null ? [] : [label])], samples };
}
