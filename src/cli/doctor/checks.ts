import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { CameraConfig, ResolvedConfig } from '../../config/index.js';
import type { TrialMessage } from '../../domain/wire/status.js';
import { canDrawText, folderBytes, fontMend } from '../../evidence/index.js';
import { ffmpegVersion } from '../../media/ffmpeg-version.js';
import { createMediaTools } from '../../media/footage-tools.js';
import { framePipeKind } from '../../media/frame-pipe.js';
import { probe } from '../../media/probe.js';
import { brokerOptions } from '../../pipeline/centre/broker-options.js';
import { loadKernels } from '../../pipeline/stages/load-kernels.js';
import type { Clock } from '../../platform/clock.js';
import { errorMessage } from '../../platform/errors.js';
import { brokerName, certificateWarning, connectMqtt, isSecure, type MqttOptions, parseBrokerUrl } from '../../platform/mqtt/index.js';
import { readSigningKey } from '../../platform/proof/index.js';
import { redactUrls } from '../../platform/redact.js';
import { workOf } from '../../rules/registry.js';
import { agentClientId, type BrokerReport, caseFilter, checkBroker, inboundFilters, topicBase } from '../../uplink/index.js';
import { tryModel, wantedModels } from '../models/wanted.js';
import { cameraInput } from '../shared/media-input.js';
import { judgeStream, STREET_JOB } from '../shared/suitability.js';
import { formatBytes } from '../shared/words.js';

/** One line of `parapet doctor`. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  /** What is there, or what is wrong and how to mend it. */
  readonly detail: string;
}

/** A check never throws: what it throws inside is its finding. */
export interface Check {
  readonly what: string;
  run(signal: AbortSignal): Promise<string>;
}

/** Every check for a config, in the order of the report. */
export function doctorChecks(config: ResolvedConfig, dataDir: string, clock: Clock): readonly Check[] {
  return [
    { what: 'ffmpeg', run: async () => `version ${await ffmpegVersion('ffmpeg')}` },
    { what: 'ffprobe', run: async () => `version ${await ffmpegVersion('ffprobe')}` },
    { what: 'pipes', run: checkPipes },
    { what: 'kernels', run: checkKernels },
    { what: 'fonts', run: checkFonts },
    { what: 'disk', run: () => checkDisk(config, dataDir) },
    { what: 'signing key', run: () => checkKey(dataDir) },
    { what: 'clock', run: () => checkClock(clock) },
    ...config.cameras.map((camera) => ({ what: `camera ${camera.id}`, run: (signal: AbortSignal) => checkCamera(camera, signal) })),
    ...wantedModels(config).map((name) => ({ what: `model ${name}`, run: () => tryModel(name, config) })),
    ...(config.mqtt.url === null
      ? [{ what: 'broker', run: async () => 'none is configured: events are kept on this machine' }]
      : brokerChecks(config, config.mqtt.url, clock)),
  ];
}

function brokerChecks(config: ResolvedConfig, url: string, clock: Clock): readonly Check[] {
  const identity = { site: config.site, agent: config.agent, version: '', prefix: config.mqtt.prefix };
  const mqtt = { ...brokerOptions(config.mqtt), clientId: agentClientId(identity) };
  // One connection answers both checks.
  let report: Promise<BrokerReport> | null = null;
  const reported = (signal: AbortSignal): Promise<BrokerReport> => {
    report ??= checkBroker(mqtt, clock, signal);
    return report;
  };
  const delivery = {
    what: `broker ${brokerName(url)}`,
    run: async (signal: AbortSignal) => checkDelivery(await reported(signal), mqtt, topicBase(identity), clock, signal),
  };
  if (!isSecure(parseBrokerUrl(url))) return [delivery];
  return [delivery, { what: 'certificates', run: async (signal) => checkCertificates(await reported(signal), clock) }];
}

async function checkCertificates({ certificates }: BrokerReport, clock: Clock): Promise<string> {
  const warnings = certificates.map((term) => certificateWarning(term, clock.now())).filter((warning) => warning !== null);
  if (warnings.length > 0) throw new Error(warnings.join('; '));
  return certificates.map((term) => `${term.of} good until ${new Date(term.notAfterMs).toISOString().slice(0, 10)}`).join(', ');
}

/** Runs all checks side by side and gives their findings in order. */
export async function runChecks(checks: readonly Check[], signal: AbortSignal): Promise<readonly Finding[]> {
  return await Promise.all(
    checks.map(async ({ what, run }) => {
      try {
        return { ok: true, what, detail: await run(signal) };
      } catch (error) {
        signal.throwIfAborted();
        return { ok: false, what, detail: withoutSubject(redactUrls(errorMessage(error)), what) };
      }
    }),
  );
}

/** A broker's errors name the broker; the finding does that already. */
function withoutSubject(detail: string, what: string): string {
  const subject = `MQTT ${what}`;
  return detail.startsWith(subject) ? detail.slice(subject.length).replace(/^:? /, '') : detail;
}

const PIPES = {
  sockets: 'pictures come through sockets, which costs least',
  'wide pipes':
    'pictures come through wide ones; sockets cost less CPU where Linux lets them hold a picture (sysctl net.core.wmem_max=4194304)',
  'narrow pipes': 'pictures come through narrow ones, which costs some CPU: on Linux, perl widens them (apt-get install perl)',
};

/** Never bad: all of them do the same work, at another price. */
async function checkPipes(): Promise<string> {
  return PIPES[await framePipeKind()];
}

async function checkKernels(): Promise<string> {
  await loadKernels();
  return 'WebAssembly with SIMD runs here';
}

async function checkFonts(): Promise<string> {
  if (!(await canDrawText(createMediaTools()))) throw new Error(`no font is installed: ${fontMend}`);
  return 'pictures can carry text';
}

/** Room for the database, its log and a few pieces of evidence beside the rings, bytes. */
const SPARE_BYTES = 500e6;

async function checkDisk(config: ResolvedConfig, dataDir: string): Promise<string> {
  // Nothing is left behind: where the folder is not there yet, the one that it will be made in counts.
  let folder = dataDir;
  while (!existsSync(folder)) folder = dirname(folder);
  const probeFile = join(folder, `.doctor-${process.pid}`);
  try {
    await writeFile(probeFile, 'x');
    await rm(probeFile);
  } catch (error) {
    throw new Error(`${dataDir} cannot be written (${errorMessage(error)}); choose another data_dir or mend its permissions`);
  }
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const rings = config.cameras.reduce((sum, camera) => sum + camera.evidence.ring, 0);
  const evidence = config.retention.max_size;
  // What lies there already takes nothing more from what is free.
  const ringsToCome = Math.max(0, rings - (await folderBytes(join(dataDir, 'ring'))));
  const evidenceToCome = Math.max(0, evidence - (await folderBytes(join(dataDir, 'evidence'))));
  const needs = `running recordings may take ${formatBytes(rings)} and evidence ${formatBytes(evidence)}`;
  const lacking = ringsToCome + evidenceToCome + SPARE_BYTES - free;
  if (lacking > 0) {
    throw new Error(
      `${formatBytes(free)} free in ${dataDir}, but ${needs}, of which ${formatBytes(ringsToCome + evidenceToCome)} is still to come; make ${formatBytes(lacking)} more room, or lower evidence.ring or retention.max_size`,
    );
  }
  return `${dataDir}: ${formatBytes(free)} free; ${needs}`;
}

/** @throws {AgentError} KEY_INVALID */
async function checkKey(dataDir: string): Promise<string> {
  const signer = await readSigningKey(dataDir);
  return signer === null ? `none yet: it is made at the first start, in ${dataDir}` : signer.fingerprint;
}

/** No clock that is right shows an earlier time, UTC milliseconds since 1970: the day this check was written. */
const NOT_BEFORE_MS = Date.UTC(2026, 0, 1);

async function checkClock(clock: Clock): Promise<string> {
  const time = new Date(clock.now()).toISOString();
  if (clock.now() < NOT_BEFORE_MS)
    throw new Error(`it is said to be ${time}; set the time, or let a time server do it (systemd-timesyncd, chrony)`);
  const synchronised = await promisify(execFile)('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']).then(
    ({ stdout }) => stdout.trim(),
    () => 'unknown',
  );
  if (synchronised === 'no') throw new Error(`${time}, but no time server keeps it right; switch on systemd-timesyncd or chrony`);
  return synchronised === 'yes' ? `${time}, kept by a time server` : `${time}; whether a time server keeps it right cannot be told here`;
}

async function checkCamera(camera: CameraConfig, signal: AbortSignal): Promise<string> {
  const info = await probe(cameraInput(process.cwd(), camera.source), { signal });
  const text = `${info.width}×${info.height} ${info.codec}, ${info.fps?.toFixed(1) ?? '?'} pictures a second`;
  const asked = camera.rules.filter(({ enabled }) => enabled).map((rule) => (workOf(rule).input === 'street' ? STREET_JOB : rule.type));
  const wanted = new Set<string>([...asked, 'exact clips']);
  const lacking = judgeStream(info).filter(({ job, suits }) => wanted.has(job) && !suits);
  if (lacking.length > 0) throw new Error(`${text}; ${lacking.map(({ job, why }) => `${job}: ${why}`).join('; ')}`);
  return text;
}

async function checkDelivery(report: BrokerReport, mqtt: MqttOptions, base: string, clock: Clock, signal: AbortSignal): Promise<string> {
  const link = await connectMqtt({
    mqtt: { ...mqtt, clientId: `${mqtt.clientId}-doctor-${process.pid}` },
    clock,
    cleanStart: true,
    onMessage: () => undefined,
    signal,
  });
  try {
    const trial: TrialMessage = { at: new Date(clock.now()).toISOString() };
    await link.publish({ topic: `${base}/doctor`, payload: JSON.stringify(trial) });
  } catch (error) {
    await link.end();
    throw new Error(`it lets us in but not publish below ${base} (${errorMessage(error)}); mend its access rules (docs/security.md)`);
  }
  try {
    await link.subscribe([...inboundFilters, caseFilter].map((filter) => `${base}/${filter}`));
  } catch (error) {
    throw new Error(`it takes what we publish, but ${errorMessage(error)}; mend its access rules (docs/security.md)`);
  } finally {
    await link.end();
  }
  const retain = report.retainAvailable ? '' : '; it keeps no retained messages, so states are lost on reconnect';
  return `MQTT ${report.protocol}, answers in ${Math.round(report.connectMs)} ms, takes what we publish${retain}`;
}
