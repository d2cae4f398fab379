import { expect, it } from 'vitest';
import { agentClientId, topicBase, wholeTopic } from './topics.js';

it('gives two agents two client ids, wherever their names have a hyphen', () => {
  const idOf = (site: string, agent: string): string => agentClientId({ site, agent });
  expect(idOf('estate-a', 'box')).not.toBe(idOf('estate', 'a-box'));
});

it('puts topics below the base, save those with a leading slash', () => {
  const base = topicBase({ prefix: 'city/parapet', site: 'estate', agent: 'box' });
  expect(wholeTopic(base, 'status')).toBe('city/parapet/estate/box/status');
  expect(wholeTopic(base, '/homeassistant/switch/x/config')).toBe('homeassistant/switch/x/config');
});
