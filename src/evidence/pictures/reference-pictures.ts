import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScenePicture } from '../../domain/street.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { RgbPicture } from '../../media/image.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { toScenePicture } from '../drawing/small-picture.js';

/** Files of small pictures of one incident. Nothing is drawn on them; what privacy masks hide is hidden in them. */
export interface ReferencePaths {
  /** The scene just before it began. */
  readonly scene: string;
  /** The incident itself. */
  readonly incident: string;
  /** The same without what passed through it. */
  readonly steady: string;
  /** What was seen when it was last looked at again. */
  readonly present: string;
}

/** The small pictures by which incidents are looked at again: kept as long as the incident is known, and never sent. */
export interface ReferencePictures {
  paths(incidentId: string): ReferencePaths;
  /** What there is of an incident; what there is not, or cannot be read, is `null`. */
  read(incidentId: string): Promise<Readonly<Record<keyof ReferencePaths, ScenePicture | null>>>;
  /** Removes those of incidents that nobody knows any more. Returns how many incidents. */
  sweep(isKnown: (incidentId: string) => boolean): Promise<number>;
}

/** A look is taken before its incident is on record, or while it is: one younger than this is nobody's refuse, milliseconds. */
const YOUNG_MS = 3_600_000;

export function createReferencePictures(options: {
  readonly folder: string;
  readonly tools: Pick<MediaTools, 'readPictures'>;
  readonly now: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): ReferencePictures {
  const { folder, tools, logger, signal } = options;

  const paths = (incidentId: string): ReferencePaths => ({
    scene: join(folder, incidentId, 'scene.jpg'),
    incident: join(folder, incidentId, 'incident.jpg'),
    steady: join(folder, incidentId, 'steady.jpg'),
    present: join(folder, incidentId, 'present.jpg'),
  });

  async function read(path: string): Promise<ScenePicture | null> {
    if ((await stat(path).catch(nullIfMissing)) === null) return null;
    const found: { picture: RgbPicture | null } = { picture: null };
    try {
      await tools.readPictures(
        { input: { kind: 'file', path }, fromS: 0, toS: 1 },
        ({ width, height, data }) => {
          found.picture ??= { width, height, data: new Uint8Array(data) };
        },
        signal,
      );
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      logger.warn({ event: 'look-unreadable', path, reason: errorMessage(error) }, 'a small picture of an incident cannot be read');
    }
    return found.picture === null ? null : toScenePicture(found.picture);
  }

  return {
    paths,
    async read(incidentId) {
      const { scene, incident, steady, present } = paths(incidentId);
      return { scene: await read(scene), incident: await read(incident), steady: await read(steady), present: await read(present) };
    },
    async sweep(isKnown) {
      let removed = 0;
      for (const incidentId of (await readdir(folder).catch(nullIfMissing)) ?? []) {
        if (isKnown(incidentId)) continue;
        const path = join(folder, incidentId);
        const facts = await stat(path).catch(nullIfMissing);
        if (facts === null || options.now() - facts.mtimeMs < YOUNG_MS) continue;
        await rm(path, { recursive: true, force: true });
        removed++;
      }
      return removed;
    },
  };
}
