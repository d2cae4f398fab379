/**
 * One name of the letters that discovery topics may have (`[A-Za-z0-9_-]`) for several parts of the same letters. Different parts give different
 * names: within a part each `_` is doubled, and `_-` stands between two.
 *
 * @example uniqueId('estate', 'box_1', 'fps') // 'estate_-box__1_-fps'
 */
export function uniqueId(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('_', '__')).join('_-');
}
