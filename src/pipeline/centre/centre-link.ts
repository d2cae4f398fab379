import type { ResolvedConfig } from '../../config/index.js';
import type { CaseStateMessage } from '../../domain/wire/case.js';
import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logger.js';
import type { Store } from '../../store/index.js';
import { createUplink, type OnvifFormat, type SensorEars, type Uplink } from '../../uplink/index.js';
import { type Announcer, createAnnouncer } from '../telling/announcer.js';
import { brokerOptions } from './broker-options.js';
import type { CentreDesk } from './centre-desk.js';
import { createCountersignDesk } from './countersign-desk.js';
import { evidencePolicy } from './transfer-desk.js';

export interface CentreLinkOptions {
  /** As at the start; what is in force later the centre's desk knows. */
  readonly config: ResolvedConfig;
  /** Of the program. */
  readonly version: string;
  readonly dataDir: string;
  readonly store: Store;
  readonly centre: CentreDesk;
  readonly onvif: OnvifFormat | null;
  readonly sensors: SensorEars;
  /** A case has come to another state. */
  readonly onCase: (state: CaseStateMessage) => void;
  /** The centre has countersigned records, and that is kept. */
  readonly onCountersigned: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What speaks to the broker, and what tells it what this agent is. */
export interface CentreLink {
  readonly uplink: Uplink;
  readonly announcer: Announcer;
}

/** `null` without a broker in the config: the agent works alone. */
export function createCentreLink(options: CentreLinkOptions): CentreLink | null {
  const { config, version, dataDir, store, centre, onvif, clock, logger } = options;
  if (config.mqtt.url === null) return null;
  const { site, agent } = config;
  const uplink = createUplink({
    mqtt: brokerOptions(config.mqtt),
    identity: { site, agent, version, prefix: config.mqtt.prefix },
    outbox: store.outbox,
    delivery: config.mqtt.delivery,
    chunkBytes: config.mqtt.chunk_size,
    maxInFlight: config.mqtt.max_in_flight,
    evidence: evidencePolicy(config.mqtt),
    uploads: store.uploads,
    sensors: options.sensors,
    onCase: options.onCase,
    onCountersign: createCountersignDesk({
      site,
      agent,
      centreKey: () => centre.centreKey(),
      records: store.records,
      onKept: options.onCountersigned,
      logger: logger.child({ component: 'proof' }),
    }),
    createCommands: (base, counters) => centre.createCommands(base, counters),
    clock,
    logger: logger.child({ component: 'uplink' }),
  });
  const announcer = createAnnouncer({
    config: () => centre.config(),
    version,
    dataDir,
    uplink,
    store,
    onvif,
    logger: logger.child({ component: 'announcer' }),
  });
  return { uplink, announcer };
}
