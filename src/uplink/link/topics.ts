/** Who speaks. None holds `/`, `+` or `#`, except that `prefix` may have several levels. */
export interface UplinkIdentity {
  readonly site: string;
  readonly agent: string;
  /** Of the program, as told in `status`. */
  readonly version: string;
  /** First part of every topic, `parapet` by default. */
  readonly prefix: string;
}

/** @example topicBase({ prefix: 'parapet', site: 'estate', agent: 'box-01', version: '1' }) // 'parapet/estate/box-01' */
export function topicBase({ prefix, site, agent }: Omit<UplinkIdentity, 'version'>): string {
  return `${prefix}/${site}/${agent}`;
}

/**
 * The whole topic of a message: below the agent's base, save when it begins with `/`.
 *
 * @example wholeTopic('parapet/estate/box-01', 'status') // 'parapet/estate/box-01/status'
 * @example wholeTopic('parapet/estate/box-01', '/homeassistant/sensor/fps/config') // 'homeassistant/sensor/fps/config'
 */
export function wholeTopic(base: string, topic: string): string {
  return isForeign(topic) ? topic.slice(1) : `${base}/${topic}`;
}

/** Whether a topic lies outside the agent's own. */
export const isForeign = (topic: string): boolean => topic.startsWith('/');

/** Client id of an agent at its broker: the same after a restart, so that the session is found again. */
export function agentClientId({ site, agent }: Pick<UplinkIdentity, 'site' | 'agent'>): string {
  // Neither name can hold a colon, so that no two agents share an id.
  return `parapet:${site}:${agent}`;
}
