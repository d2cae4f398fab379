import type { ResolvedConfig } from '../../config/index.js';
import { checkModel } from '../../detectors/check-model.js';
import type { ModelEntry } from '../../detectors/model-entry.js';
import { entryNamed, modelFile, ownRegistry, readRegistry } from '../../detectors/model-registry.js';
import { wantedModel } from '../../pipeline/eyes/wanted-model.js';
import { STREET_FPS } from '../../pipeline/stages/street-sampling.js';
import { AgentError } from '../../platform/errors.js';

type Wanted = Pick<ResolvedConfig, 'inference' | 'cameras'>;

/** The models that a config's cameras ask for. */
export function wantedModels({ cameras }: Pick<Wanted, 'cameras'>): readonly string[] {
  return [...new Set(cameras.map(wantedModel).filter((name) => name !== null))];
}

/** A model of the registry that a config names, and its file. @throws {AgentError} BAD_USAGE, MODEL_MISSING, each with the mend. */
export async function findModel(name: string, { registry, folder }: Wanted['inference']): Promise<{ entry: ModelEntry; file: string }> {
  const entry = entryNamed(await readRegistry(registry ?? ownRegistry), name);
  return { entry, file: await modelFile(entry, folder) };
}

/**
 * Opens a model as an agent with this config would.
 *
 * @returns in one line what it is, and what runs it.
 * @throws {AgentError} with what is wrong with it, and which cameras go without.
 */
export async function tryModel(name: string, { inference, cameras }: Wanted): Promise<string> {
  const asking = cameras.filter((camera) => wantedModel(camera) === name);
  try {
    const { entry, file } = await findModel(name, inference);
    const { providers, threads } = inference;
    const { about, asPublished, pictureMs } = await checkModel(entry, file, { providers, threads });
    const parts = [
      `${about.family}, ${about.input.width}×${about.input.height}, ${about.classes} labels, on ${about.provider}`,
      describePace(pictureMs, asking),
      ...about.fallbacks.map((why) => `not on ${why}`),
      ...(asPublished === false ? ['not the file that the registry means, by its hash'] : []),
    ];
    return parts.join('; ');
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    const key = inference.model === name ? 'inference.model' : `cameras.${asking[0]?.id}.detector.model`;
    const where = error.code === 'BAD_USAGE' ? `${key}: ` : '';
    const ids = asking.map(({ id }) => id).join(', ');
    throw new AgentError(error.code, `${where}${error.message} (${ids} would see no names)`, { cause: error });
  }
}

/** What one picture costs, and what is left for each camera where they ask for more than there is time for. */
export function describePace(pictureMs: number, asking: readonly Pick<ResolvedConfig['cameras'][number], 'detector'>[]): string {
  const looks = asking.reduce(
    (sum, { detector: { tiles } }) => sum + (tiles.columns * tiles.rows > 1 ? tiles.columns * tiles.rows + 1 : 1),
    0,
  );
  const load = (looks * STREET_FPS * pictureMs) / 1000;
  const cost = `${pictureMs.toFixed(pictureMs < 10 ? 1 : 0)} ms a picture`;
  if (load <= 1) return cost;
  return `${cost}: where all move at once it sees each camera ${(STREET_FPS / load).toFixed(1)} times a second instead of ${STREET_FPS}`;
}

/**
 * Tries all of them. One that is not there is brought yet, perhaps on another machine: that is a warning.
 *
 * @throws {AgentError} when one is not what it is said to be; with several, of them all in one line.
 */
export async function checkWantedModels(config: Wanted, warn: (text: string) => void): Promise<void> {
  const failures: AgentError[] = [];
  for (const name of wantedModels(config)) {
    try {
      await tryModel(name, config);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      if (error.code === 'MODEL_MISSING') warn(error.message);
      else failures.push(error);
    }
  }
  const [first] = failures;
  if (first !== undefined) throw new AgentError(first.code, failures.map(({ message }) => message).join('; '), { cause: first });
}
