import { REPLY_SCHEMA, type ReplyMessage } from '../domain/wire/command.js';

/** What a command may ask of the agent. */
export interface CommandContext {
  readonly version: string;
  /** Seconds since the uplink began. */
  readonly uptimeS: number;
}

/** Name in `cmd/<name>` → what it answers. A further command is one line here. */
const commands: Readonly<Record<string, (context: CommandContext) => Record<string, unknown>>> = {
  ping: ({ version, uptimeS }) => ({ version, uptime_s: Math.round(uptimeS) }),
};

/** Carries out a command and makes its reply; an unknown one is answered too. */
export function answerCommand(name: string, context: CommandContext, nowMs: number): ReplyMessage {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return {
    schema: REPLY_SCHEMA,
    command: name,
    ok: command !== undefined,
    at: new Date(nowMs).toISOString(),
    error: command === undefined ? `unknown command; known: ${Object.keys(commands).join(', ')}` : null,
    result: command === undefined ? null : command(context),
  };
}

/** Topics where an answer may go: a plain name, not a filter, nothing of the broker's own. MQTT's own limit is 65,535 bytes. */
export function isReplyTopic(topic: string): boolean {
  return topic.length > 0 && topic.length <= 512 && !topic.startsWith('$') && !/[+#\0]/.test(topic);
}
