import type { Incident } from './incident.js';

/** A message for others than the Parapet centre, as it waits in the outbox. */
export interface FormattedMessage {
  /** As `OutboxMessage.topic`. */
  readonly topic: string;
  /** Empty: what the broker has retained of the topic is forgotten. */
  readonly payload: string;
  readonly retain: boolean;
}

/** What has become of an incident: one event's worth. */
export interface ToldIncident {
  readonly incident: Incident;
  /** As it was told before; `null` when it is new. */
  readonly before: Incident | null;
  /** Other incidents of the same camera and rule that are open, oldest first. */
  readonly others: readonly Incident[];
}

/** Another form that events go out in, beside Parapet's own. Pure: its messages are queued in the event's own transaction. */
export interface EventFormat {
  readonly name: string;
  messages(told: ToldIncident): readonly FormattedMessage[];
}
