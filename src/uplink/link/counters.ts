/** What the uplink has counted since it began; for the metrics. */
export interface UplinkCounters {
  /** Messages that left the outbox. */
  messagesDelivered: number;
  /** Sent once more: the link was lost or the centre did not answer in time. */
  messagesResent: number;
  /** Publishes that the broker refused. */
  refusals: number;
  /** Messages that the broker took although nobody has subscribed to them: with `delivery: broker` nobody will ever see them. */
  unheard: number;
  evidenceDelivered: number;
  /** Files that could not be sent: gone or altered on disk. */
  evidenceFailed: number;
  /** Payload of all evidence chunks that the broker acknowledged, repeats included. */
  evidenceBytes: number;
  /** Files put to a URL of the centre's, orders given up, and bytes sent that way, repeats included. */
  uploadsDone: number;
  uploadsFailed: number;
  uploadedBytes: number;
  /** States of cases that the centre has sent, repeats included. */
  cases: number;
  /** Commands that came, and those of them that were refused or failed. */
  commands: number;
  commandsRefused: number;
  /** Messages and files that the centre has refused: their signature, hash or place in the chain is wrong to it. */
  refusedByCentre: number;
  /** Events that the centre lacked although they had counted as delivered: sent again, or gone. */
  eventsAskedFor: number;
  /** Messages from the centre that were not understood. */
  badInbound: number;
  /** Messages that came faster than they may and were not looked into. */
  inboundDropped: number;
}

export function createUplinkCounters(): UplinkCounters {
  return {
    messagesDelivered: 0,
    messagesResent: 0,
    refusals: 0,
    unheard: 0,
    evidenceDelivered: 0,
    evidenceFailed: 0,
    evidenceBytes: 0,
    uploadsDone: 0,
    uploadsFailed: 0,
    uploadedBytes: 0,
    cases: 0,
    commands: 0,
    commandsRefused: 0,
    refusedByCentre: 0,
    eventsAskedFor: 0,
    badInbound: 0,
    inboundDropped: 0,
  };
}
