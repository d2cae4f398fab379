import { expect, it } from 'vitest';
import { agentClientId } from './topics.js';

it('gives two agents two client ids, wherever their names have a hyphen', () => {
  const idOf = (site: string, agent: string): string => agentClientId({ site, agent, version: '1', prefix: 'parapet' });
  expect(idOf('estate-a', 'box')).not.toBe(idOf('estate', 'a-box'));
});
