import { commandNames } from '../wire/command.js';
import type { Examples } from './asyncapi.js';
import { type MessageEntry, type MessageName, messages } from './messages.js';

const jsonBlocks = (page: string): readonly unknown[] =>
  [...page.matchAll(/```json\n(.*?)\n```/gs)].map(([, text]) => JSON.parse(text ?? ''));

/**
 * The payloads that the documentation shows, by the name of their message. Tests hold the pages to the code, so the contract's examples
 * need no second set.
 *
 * @param mqtt text of docs/mqtt.md: every payload names its schema.
 * @param commands text of docs/commands.md: payloads stand behind `-m`.
 * @param integrations text of docs/integrations.md: its one payload is an ONVIF event; what a sensor says stands behind `-d`.
 */
export function documentedExamples(mqtt: string, commands: string, integrations: string): Examples {
  const found = new Map<MessageName, unknown[]>();
  const add = (name: MessageName, payload: unknown): void => void found.set(name, [...(found.get(name) ?? []), payload]);
  const named = Object.entries<MessageEntry>(messages) as [MessageName, MessageEntry][];
  for (const payload of jsonBlocks(mqtt)) {
    const schema = (payload as { readonly schema?: unknown }).schema;
    const name = named.find(([, entry]) => entry.schema !== null && entry.schema === schema)?.[0];
    if (name !== undefined) add(name, payload);
  }
  for (const [, name, payload] of commands.matchAll(/cmd\/(\w+) (?:\\\n\s*)?-m '(.*?)'/gs)) {
    const known = commandNames.find((one) => one === name);
    if (known !== undefined) add(`command-${known}`, JSON.parse(payload ?? ''));
  }
  for (const payload of jsonBlocks(integrations)) add('onvif-event', payload);
  for (const [, payload] of integrations.matchAll(/-d '(.*?)' \S+\/sensors\//g)) add('sensor-reading', JSON.parse(payload ?? ''));
  return Object.fromEntries(found);
}
