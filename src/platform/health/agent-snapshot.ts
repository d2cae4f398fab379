import type { RuleTotals } from '../../domain/figure.js';
import type { ClockFigures } from '../time/clock-watch.js';

/** What an agent is doing right now: the one thing that health, metrics and the console are made from. */
export interface AgentSnapshot {
  readonly site: string;
  readonly agent: string;
  readonly version: string;
  /** UTC milliseconds since 1970. */
  readonly nowMs: number;
  readonly clock: ClockFigures;
  readonly uptimeS: number;
  readonly rssBytes: number;
  readonly cameras: readonly CameraSnapshot[];
  /** `null` when no broker is configured. */
  readonly broker: BrokerSnapshot | null;
  readonly store: StoreSnapshot;
  readonly evidenceFlow: EvidenceFlowSnapshot;
  readonly evidence: { readonly made: number; readonly failed: number; readonly bytes: number };
  /** `null` when no camera asks for a model. */
  readonly inference: InferenceSnapshot | null;
  readonly disk: DiskSnapshot;
}

/** The process that runs models. */
export interface InferenceSnapshot {
  /** False between the loss of one and the start of the next, and where no model could be opened. */
  readonly running: boolean;
  /** Times that it was lost since the agent started. */
  readonly restarts: number;
}

/** `low`: a warning. `short`: the reserve is begun. `full`: nothing is recorded. `failed`: it takes nothing, or does not answer. */
export type DiskTier = 'ok' | 'low' | 'short' | 'full' | 'failed';

export interface DiskSnapshot {
  readonly tier: DiskTier;
  /** One line; `null` while nothing needs to be done. */
  readonly problem: string | null;
  /** `null` before it was looked at. */
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
  /** Undelivered files that were given up for want of room since the agent started. */
  readonly lostFiles: number;
  readonly lostBytes: number;
}

/** `tampered`: it sends pictures, and a rule `camera_tamper` says that they are not of its scene. */
export type CameraStateName = 'connecting' | 'online' | 'stalled' | 'tampered' | 'offline';

/** Whether pictures come from a camera in this state, of whatever. */
export const sendsPictures = (state: CameraStateName): boolean => state === 'online' || state === 'tampered';

export interface CameraSnapshot {
  readonly id: string;
  readonly state: CameraStateName;
  /** UTC milliseconds since 1970. */
  readonly sinceMs: number;
  /** Why it is not online, in words. */
  readonly reason: string | null;
  /** For example `1920×1080 h264`; `null` before the first connection. */
  readonly picture: string | null;
  /** Pictures a second over the last seconds: that the camera sent, that were looked at, that were left out. */
  readonly cameraFps: number;
  readonly processFps: number;
  readonly skippedFps: number;
  /** These count since the agent started. */
  readonly frames: number;
  readonly skippedFrames: number;
  readonly repeatedFrames: number;
  readonly vetoedFrames: number;
  readonly candidates: number;
  /** Milliseconds of work by stage. */
  readonly stageMs: Readonly<Record<string, number>>;
  /** New connections by why the last one ended. */
  readonly restarts: Readonly<Record<string, number>>;
  readonly incidents: readonly { readonly type: string; readonly verdict: string; readonly count: number }[];
  /** Running recording on disk. */
  readonly ringBytes: number;
  readonly learning: LearningSnapshot;
  /** Whether the model that it asks for can be used; `null` where it asks for none. */
  readonly modelOk: boolean | null;
  /** `null` while no model looks at this camera. */
  readonly detector: DetectorSnapshot | null;
  /** What its rules have counted, over restarts too, and measure now, by their names. */
  readonly counted: Readonly<Record<string, RuleTotals>>;
}

/** Pictures that were given to a model since it was opened. */
export interface DetectorSnapshot {
  /** Never looked at, because a later one came first. */
  readonly replaced: number;
  readonly answered: number;
  readonly failed: number;
  /** Milliseconds that the model ran for this camera. */
  readonly runMs: number;
}

/** What a camera's own channel knows of it. */
export type CameraOwnSnapshot = Omit<CameraSnapshot, 'incidents' | 'learning'>;

/** What is known of a camera from the centre. */
export interface LearningSnapshot {
  /** Incidents that the centre called false alarms, and real, as far as they are remembered. */
  readonly falseAlarms: number;
  readonly realOnes: number;
  /** Incidents since the agent started that are only suspected because they were like a false alarm. */
  readonly downgraded: number;
  /** What falls said of the scale of the drawn facade; `null` while too few were seen. */
  readonly scale: ScaleSnapshot | null;
}

export interface ScaleSnapshot {
  readonly falls: number;
  /** Gravity in the metres of the drawn facade over 9.81 m/s², and the standard deviation of its logarithm. */
  readonly ratio: number;
  readonly sigma: number;
  /** What is wrong with the drawing and what would be better, one line; `null` when it is right. */
  readonly warning: string | null;
}

export interface BrokerSnapshot {
  readonly connected: boolean;
  /** UTC milliseconds since 1970. */
  readonly sinceMs: number;
  readonly connects: number;
  /** Why the last connection ended or failed, one line. */
  readonly lastError: string | null;
  /** How long certificates are good, UTC milliseconds since 1970: of the authority, of this client, of the broker. */
  readonly certificates: readonly { readonly of: string; readonly notAfterMs: number }[];
  /** What a person should look at although the link works: a certificate that runs out. One line. */
  readonly warning: string | null;
  readonly messagesDelivered: number;
  readonly messagesResent: number;
  readonly evidenceDelivered: number;
  readonly evidenceFailed: number;
  readonly evidenceBytes: number;
  /** Files put to a URL of the centre's, orders given up, and bytes sent that way. */
  readonly uploadsDone: number;
  readonly uploadsFailed: number;
  readonly uploadedBytes: number;
  readonly refusals: number;
  /** Messages that the broker took although nobody has subscribed to them. */
  readonly unheard: number;
  /** States of cases that the centre has sent. */
  readonly cases: number;
  /** Commands that came, and those of them that were refused or failed. */
  readonly commands: number;
  readonly commandsRefused: number;
  /** Messages and files that the centre has refused. */
  readonly refusedByCentre: number;
  /** Events that the centre lacked although they had counted as delivered. */
  readonly eventsAskedFor: number;
  /** Messages from the centre that were not understood. */
  readonly badInbound: number;
  /** Messages that came faster than they may. */
  readonly inboundDropped: number;
}

export interface StoreSnapshot {
  /** What is wrong with the database, one line; `null` when nothing is. */
  readonly problem: string | null;
  /** Times since the agent started that it was found damaged, set aside and begun anew; of the last time, one line. */
  readonly damages: number;
  readonly lastDamage: string | null;
  /** Found, but not yet on disk: more than 0 only while the store has a problem. */
  readonly waitingIncidents: number;
  /** Lost because the store had a problem for too long. */
  readonly lostIncidents: number;
  readonly outboxMessages: number;
  readonly outboxTransfers: number;
  /** Of messages and files that wait. */
  readonly outboxBytes: number;
  /** Age of the oldest that waits; `null` when nothing does. */
  readonly outboxOldestS: number | null;
  /** Files that wait to be asked for, and their bytes; they are among those that wait. */
  readonly heldFiles: number;
  readonly heldBytes: number;
}

/** How evidence goes to the centre. */
export interface EvidenceFlowSnapshot {
  readonly hold: 'never' | 'always' | 'schedule';
  /** Files are held now. */
  readonly holding: boolean;
  /** Most that evidence may take of the uplink; `null`: no limit. */
  readonly bytesPerSecond: number | null;
  /** Files that were held and went by retention since the agent started. */
  readonly unaskedFiles: number;
}
