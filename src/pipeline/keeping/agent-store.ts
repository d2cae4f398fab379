import { join } from 'node:path';
import type { ResolvedConfig } from '../../config/index.js';
import { createProofFiles, type ProofFiles } from '../../evidence/index.js';
import type { Clock } from '../../platform/clock.js';
import { makeFolder } from '../../platform/disk/make-folder.js';
import { createReserveFile, type ReserveFile } from '../../platform/disk/reserve-file.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Teardown } from '../../platform/lifecycle/teardown.js';
import type { Logger } from '../../platform/logger.js';
import { openSigningKey, type Signer } from '../../platform/proof/index.js';
import { openStore, type Store } from '../../store/index.js';
import type { OnvifFormat } from '../../uplink/index.js';

export interface AgentStoreOptions {
  readonly config: ResolvedConfig;
  /** Absolute. */
  readonly dataDir: string;
  readonly evidenceFolder: string;
  /** `null` where events are told in Parapet's words alone. */
  readonly onvif: OnvifFormat | null;
  /** Of the program. */
  readonly version: string;
  /** Of the config as it is in force at the moment; every record names it. */
  readonly configSha256: () => string;
  /** What ends with the agent is named here. */
  readonly teardown: Teardown;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What an agent keeps on its disk: its key, its database, the manifests and the chain of records. */
export interface AgentStore {
  readonly signer: Signer;
  readonly store: Store;
  readonly proofFiles: ProofFiles;
  /** Room that is kept back for the database. */
  readonly reserveFile: ReserveFile;
}

/** Opens what lies in the data folder, which is made where it is missing. @throws {AgentError} STORE_FAILED, DISK_FULL, KEY_INVALID. */
export async function openAgentStore(options: AgentStoreOptions): Promise<AgentStore> {
  const { config, dataDir, evidenceFolder, onvif, version, teardown, clock, logger } = options;
  try {
    makeFolder(dataDir);
  } catch (error) {
    throw new AgentError('STORE_FAILED', `${dataDir} cannot be made (${errorMessage(error)}); choose another data_dir`, { cause: error });
  }
  const reserveFile = createReserveFile(join(dataDir, 'reserve'));
  const signer = await openSigningKey(dataDir, logger.child({ component: 'agent' }));
  const store = openStore({
    path: join(dataDir, 'parapet.sqlite'),
    evidenceFolder,
    site: config.site,
    agent: config.agent,
    deliver: config.mqtt.url !== null,
    formats: onvif === null ? [] : [onvif],
    proof: {
      signer,
      version,
      get configSha256() {
        return options.configSha256();
      },
    },
    makeRoom: () => reserveFile.release(),
    clock,
    logger: logger.child({ component: 'store' }),
  });
  teardown.defer('store', () => store.close());
  const proofFiles = createProofFiles({ dataDir, records: store.records, signer, logger: logger.child({ component: 'proof' }) });
  teardown.defer('manifests', () => proofFiles.idle());
  await proofFiles.start();
  return { signer, store, proofFiles, reserveFile };
}
