import type { RuleWork } from './contract.js';
import type { RuleConfig, RuleTypeName } from './registry.js';

/** What a rule of this config's type does. @throws {RangeError} for a type that was not loaded. */
export type WorkOf = <C extends RuleConfig>(config: C) => RuleWork<C>;

/**
 * Loads what rules of these types do: a camera's thread runs few of them, and needs neither the others nor the schemas of any, which took it
 * longer to load than all that it does need. A type's folder has its name, with hyphens; a test holds every type of the registry to that.
 */
export async function loadWorks(types: Iterable<RuleTypeName>): Promise<WorkOf> {
  const works = new Map<RuleTypeName, unknown>();
  await Promise.all(
    Array.from(new Set(types), async (type) => {
      const { work } = (await import(/* @vite-ignore */ `./${type.replaceAll('_', '-')}/work.js`)) as { readonly work: unknown };
      works.set(type, work);
    }),
  );
  return <C extends RuleConfig>({ type }: C) => {
    const work = works.get(type);
    if (work === undefined) throw new RangeError(`rules of type ${type} are not loaded`);
    // Under each type lies what takes that type's config, which the compiler cannot follow through a union.
    return work as RuleWork<C>;
  };
}
