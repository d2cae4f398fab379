import type { Profiler } from 'node:inspector';

/** Parts of the engine, in the order of the work. `other`: what none of them called, the profiler's own start among it. */
export const engineParts = ['kernels', 'motion', 'linking', 'judging', 'other'] as const;
export type EnginePart = (typeof engineParts)[number];

/** How an engine's time was spent, as shares of all of it, 0..1. */
export interface ProfileShares {
  readonly parts: Readonly<Record<EnginePart, number>>;
  /** Of single kernels, by their name; they add up to the part `kernels`. */
  readonly kernels: Readonly<Record<string, number>>;
}

/** Part of a function by where its code lies. Geometry and domain code counts for who calls it. */
const places: readonly (readonly [RegExp, EnginePart])[] = [
  [/^wasm:/, 'kernels'],
  [/\/core\/(?:motion|kernels)\//, 'motion'],
  [/\/core\/tracking\//, 'linking'],
  [/\/(?:rules|core\/ballistics)\//, 'judging'],
];

/**
 * Divides a CPU profile among the parts of the engine. Each sample belongs to the innermost function that lies in one of them, and
 * only samples below `root` count: what else the thread did (reading pictures, waiting) is not the engine's.
 *
 * @param root name of the function that all of the engine's work is called from.
 * @param kernelNames by the names that functions of a WebAssembly module without a name section have, `wasm-function[3]`.
 * @returns all shares 0 when there is no sample below `root`.
 */
export function divideProfile(profile: Profiler.Profile, root: string, kernelNames: ReadonlyMap<string, string>): ProfileShares {
  const parts = { kernels: 0, motion: 0, linking: 0, judging: 0, other: 0 };
  const kernels: Record<string, number> = {};
  const owners = ownersOf(profile, root, kernelNames);
  let total = 0;
  for (const [i, id] of (profile.samples ?? []).entries()) {
    const owner = owners.get(id);
    if (owner === undefined) continue;
    // The first sample's time reaches back to the profiler's start.
    const microseconds = i === 0 ? 0 : Math.max(0, profile.timeDeltas?.[i] ?? 0);
    total += microseconds;
    parts[owner.part] += microseconds;
    if (owner.kernel !== null) kernels[owner.kernel] = (kernels[owner.kernel] ?? 0) + microseconds;
  }
  const share = (microseconds: number): number => (total === 0 ? 0 : microseconds / total);
  const shared = Object.fromEntries(engineParts.map((part) => [part, share(parts[part])])) as Record<EnginePart, number>;
  return { parts: shared, kernels: Object.fromEntries(Object.entries(kernels).map(([name, us]) => [name, share(us)])) };
}

interface Owner {
  readonly part: EnginePart;
  readonly kernel: string | null;
}

/** Whose a node is, for all nodes below the root. */
function ownersOf(profile: Profiler.Profile, root: string, kernelNames: ReadonlyMap<string, string>): Map<number, Owner> {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const owners = new Map<number, Owner>();
  const walk = (id: number, above: Owner | null): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const { functionName, url } = node.callFrame;
    let owner = above;
    if (above !== null || functionName === root) {
      const part = places.find(([place]) => place.test(url))?.[1] ?? above?.part ?? 'other';
      // A kernel's helpers count for the kernel that was called.
      const kernel = part !== 'kernels' ? null : (kernelNames.get(functionName) ?? above?.kernel ?? functionName);
      owner = { part, kernel };
      owners.set(id, owner);
    }
    for (const child of node.children ?? []) walk(child, owner);
  };
  const children = new Set(profile.nodes.flatMap((node) => node.children ?? []));
  for (const { id } of profile.nodes) if (!children.has(id)) walk(id, null);
  return owners;
}
