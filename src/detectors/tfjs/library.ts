import { AgentError, errorMessage } from '../../platform/errors.js';

export type Library = typeof import('@tensorflow/tfjs');

/** TensorFlow.js as it is installed. */
export interface LoadedLibrary {
  readonly tf: Library;
  /** What runs models, the fastest first. */
  readonly backends: readonly string[];
  /** What is faster and installed, but does not load, with the reason. */
  readonly passedOver: readonly string[];
}

/**
 * Finds TensorFlow.js: neither of its packages is among Parapet's own, since few need it, the native one builds for minutes or fails where there is no
 * binary for the machine, and the other brings 280 MB, most of it for browsers.
 *
 * @param file of the model that needs it, for the message.
 * @param load finds a package; another way in tests.
 * @throws {AgentError} MODEL_MISSING naming both when neither is installed.
 */
export async function loadLibrary(file: string, load = (name: string): Promise<unknown> => import(name)): Promise<LoadedLibrary> {
  const passedOver: string[] = [];
  const native = await find('@tensorflow/tfjs-node', load, passedOver, addsUp);
  if (native !== null) return { tf: native, backends: ['tensorflow'], passedOver };
  const tf = await find('@tensorflow/tfjs', load, passedOver);
  if (tf !== null && (await find('@tensorflow/tfjs-backend-wasm', load, passedOver)) !== null) {
    // Otherwise it checks every number that it computes, and says so.
    tf.enableProdMode();
    return { tf, backends: ['wasm', 'cpu'], passedOver };
  }
  const mend =
    'npm install @tensorflow/tfjs-node, or, where that does not build, npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm';
  const why = passedOver.length === 0 ? 'neither is installed' : passedOver.join('; ');
  throw new AgentError('MODEL_MISSING', `${file} needs TensorFlow.js, and ${why}: ${mend}`);
}

/** Its version 4.22 loads on Node 23 and later, and fails at the first thing that it computes (https://github.com/tensorflow/tfjs/issues/8609). */
const addsUp = (tf: Library): void => void tf.tidy(() => tf.add(1, 1).dataSync());

async function find(
  name: string,
  load: (name: string) => Promise<unknown>,
  passedOver: string[],
  check: (tf: Library) => void = () => undefined,
): Promise<Library | null> {
  try {
    const found = (await load(name)) as { readonly default?: unknown };
    const tf = (found.default ?? found) as Library;
    check(tf);
    return tf;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') passedOver.push(`${name}: ${errorMessage(error).slice(0, 200)}`);
    return null;
  }
}
