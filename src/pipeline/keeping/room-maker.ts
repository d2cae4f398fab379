import { type EvictableFile, giveRoom } from '../../evidence/index.js';
import type { Logger } from '../../platform/logger.js';
import type { Store } from '../../store/index.js';
import type { DiskGuardOptions } from './disk-guard.js';

export interface RoomMakerOptions {
  /** Of all evidence. */
  readonly folder: string;
  readonly store: Pick<Store, 'evictableEvidence' | 'evidenceEvicted' | 'undeliveredEvidence' | 'evidenceGivenUp'>;
  /** Files are gone and recorded as that. */
  readonly onRemoved: () => void;
  readonly logger: Logger;
}

/** What of the evidence goes when the disk is short of room, in which order, and what is said of it. */
export function createRoomMaker(options: RoomMakerOptions): Pick<DiskGuardOptions, 'removeDelivered' | 'giveUp'> {
  const { folder, store, logger } = options;
  return {
    async removeDelivered(bytes) {
      const files = (limit: number): readonly EvictableFile[] => store.evictableEvidence(limit, true);
      const gone = ({ id, bytes: size }: EvictableFile): void => {
        store.evidenceEvicted(id, 'disk');
        logger.info({ event: 'evidence-evicted', evidence: id, bytes: size, reason: 'disk' }, 'removed delivered evidence');
      };
      const freed = await giveRoom({ folder, bytes, files, gone, logger });
      if (freed > 0) options.onRemoved();
      return freed;
    },
    async giveUp(bytes) {
      let count = 0;
      const files = (limit: number): readonly EvictableFile[] => store.undeliveredEvidence(limit);
      const gone = ({ id, bytes: size }: EvictableFile): void => {
        store.evidenceGivenUp(id, 'given up undelivered: no room was left on the disk');
        count++;
        const line = { event: 'evidence-given-up', evidence: id, bytes: size };
        logger.error(line, 'evidence that was not delivered yet was given up: the disk has no room for it');
      };
      const freed = await giveRoom({ folder, bytes, files, gone, logger });
      if (count > 0) options.onRemoved();
      return { files: count, bytes: freed };
    },
  };
}
