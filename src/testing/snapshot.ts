import type { AgentSnapshot, CameraSnapshot } from '../platform/health/agent-snapshot.js';

/** A camera that is online and has nothing to report. */
export function cameraSnapshot(changes: Partial<CameraSnapshot> = {}): CameraSnapshot {
  return {
    id: 'gate',
    state: 'online',
    sinceMs: 0,
    reason: null,
    picture: '1920×1080 h264',
    cameraFps: 25,
    processFps: 25,
    skippedFps: 0,
    frames: 250,
    skippedFrames: 0,
    repeatedFrames: 0,
    vetoedFrames: 0,
    candidates: 0,
    stageMs: { read: 9000, motion: 500, scene: 0, rules: 20 },
    restarts: {},
    incidents: [],
    ringBytes: 0,
    learning: { falseAlarms: 0, realOnes: 0, downgraded: 0, scale: null },
    modelOk: null,
    detector: null,
    counted: {},
    ...changes,
  };
}

/** A healthy agent with one camera. */
export function agentSnapshot(changes: Partial<AgentSnapshot> = {}): AgentSnapshot {
  return {
    site: 'estate',
    agent: 'box-01',
    version: '0.0.0',
    nowMs: 10_000,
    clock: { steps: 0, offsetMs: 0 },
    uptimeS: 10,
    rssBytes: 100_000_000,
    cameras: [cameraSnapshot()],
    broker: null,
    store: {
      problem: null,
      damages: 0,
      lastDamage: null,
      waitingIncidents: 0,
      lostIncidents: 0,
      outboxMessages: 0,
      outboxTransfers: 0,
      outboxBytes: 0,
      outboxOldestS: null,
      heldFiles: 0,
      heldBytes: 0,
    },
    evidenceFlow: { hold: 'never', holding: false, bytesPerSecond: null, unaskedFiles: 0 },
    evidence: { made: 0, failed: 0, bytes: 0 },
    inference: null,
    disk: { tier: 'ok', problem: null, freeBytes: 50e9, totalBytes: 100e9, lostFiles: 0, lostBytes: 0 },
    ...changes,
  };
}
