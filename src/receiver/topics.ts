/** What a message that reached the receiver is, as its topic says. */
export type ReceivedTopic =
  | { readonly kind: 'event'; readonly site: string; readonly agent: string; readonly camera: string; readonly type: string }
  | { readonly kind: 'record'; readonly site: string; readonly agent: string }
  | { readonly kind: 'key'; readonly site: string; readonly agent: string }
  | { readonly kind: 'reply'; readonly site: string; readonly agent: string }
  | { readonly kind: 'inspection'; readonly site: string; readonly agent: string; readonly event: string }
  | { readonly kind: 'gone'; readonly site: string; readonly agent: string }
  | { readonly kind: 'completion'; readonly site: string; readonly agent: string; readonly event: string }
  | {
      readonly kind: 'manifest' | 'complete';
      readonly site: string;
      readonly agent: string;
      readonly event: string;
      readonly evidence: string;
    }
  | {
      readonly kind: 'chunk';
      readonly site: string;
      readonly agent: string;
      readonly event: string;
      readonly evidence: string;
      readonly index: number;
    };

/** Characters of a sender that are looked at: names of ours have 64 each, and whoever makes longer ones shares a limit. */
const MAX_SENDER_LENGTH = 200;

/** What a receiver subscribes to. @param group whose members share the messages. */
export function receiverFilters(prefix: string, group?: string): readonly string[] {
  const share = group === undefined ? '' : `$share/${group}/`;
  const branches = ['events/#', 'evidence/#', 'records', 'key', 'gone'];
  return branches.map((branch) => `${share}${prefix}/+/+/${branch}`);
}

/**
 * What each receiver subscribes to for itself: answers to its own commands, and what agents found of solved cases. The latter is retained, which
 * members of a group never get; it counts once, however many receivers hear it.
 */
export function ownFilters(prefix: string, replyName: string): readonly string[] {
  return [`${prefix}/+/+/reply/${replyName}`, `${prefix}/+/+/cases/+/inspection`];
}

/**
 * Takes a topic apart; `null` when it is none of ours.
 *
 * @example parseTopic('parapet', 'parapet/estate/box/events/gate/thrown_object')?.kind // 'event'
 */
export function parseTopic(prefix: string, topic: string): ReceivedTopic | null {
  if (!topic.startsWith(`${prefix}/`)) return null;
  const [site, agent, branch, ...rest] = topic.slice(prefix.length + 1).split('/');
  if (site === undefined || agent === undefined || site === '' || agent === '') return null;
  if (rest.length === 0 && branch === 'records') return { kind: 'record', site, agent };
  if (rest.length === 0 && (branch === 'key' || branch === 'gone')) return { kind: branch, site, agent };
  if (rest.length === 1 && branch === 'reply') return { kind: 'reply', site, agent };
  const [first, second, third, fourth, ...more] = rest;
  if (first === undefined || first === '' || more.length > 0) return null;
  if (branch === 'events') {
    return second === undefined || third !== undefined ? null : { kind: 'event', site, agent, camera: first, type: second };
  }
  if (branch === 'cases') {
    return second === 'inspection' && third === undefined ? { kind: 'inspection', site, agent, event: first } : null;
  }
  if (branch !== 'evidence') return null;
  if (second === 'complete' && third === undefined) return { kind: 'completion', site, agent, event: first };
  if (second === undefined) return null;
  if ((third === 'manifest' || third === 'complete') && fourth === undefined) {
    return { kind: third, site, agent, event: first, evidence: second };
  }
  if (third !== 'chunk' || fourth === undefined || !/^\d{1,7}$/.test(fourth)) return null;
  return { kind: 'chunk', site, agent, event: first, evidence: second, index: Number(fourth) };
}

/**
 * Who has sent something, for limits: `<site>/<agent>`, whatever the rest is.
 *
 * @example senderOf('parapet', 'parapet/estate/box/events/gate/thrown_object') // 'estate/box'
 */
export function senderOf(prefix: string, topic: string): string {
  return topic
    .slice(prefix.length + 1)
    .split('/', 2)
    .join('/')
    .slice(0, MAX_SENDER_LENGTH);
}
