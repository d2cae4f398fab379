/** Whole when the camera goes on for this long after the throw was last seen: the last pictures are still on their way, seconds. */
const SETTLE_S = 0.5;
/** How far an event's start may lie from the truth's, seconds: something rises before it falls. */
const START_TOLERANCE_S = 1.5;

/**
 * Every throw of a scene that was served again and again, by connection. A stream begins somewhere between the server's
 * start and the moment the camera was seen online; a throw that was shown for certain is `shown`, one that may have been cut is
 * `straddling`.
 *
 * @param {{video: {duration_s: number}, throws: readonly {visible_span: [number, number] | null}[]}} truth
 * @param {readonly {servedAtMs: number, onlineAtMs: number, brokenAtMs: number}[]} connections
 */
export function listThrows(truth, connections) {
  const turnS = truth.video.duration_s;
  const seen = truth.throws.filter(({ visible_span }) => visible_span !== null);
  return connections.flatMap((connection, c) => {
    const turns = Math.ceil((connection.brokenAtMs - connection.servedAtMs) / 1000 / turnS);
    return Array.from({ length: turns }, (_, turn) => turn).flatMap((turn) => {
      return seen.flatMap(({ visible_span: [from, to] }, i) => {
        const [fromS, toS] = [turn * turnS + from, turn * turnS + to];
        const name = `${c + 1}.${turn + 1}${seen.length > 1 ? `.${i + 1}` : ''}`;
        if (connection.servedAtMs + fromS * 1000 >= connection.brokenAtMs) return [];
        const whole = connection.onlineAtMs + (toS + SETTLE_S) * 1000 <= connection.brokenAtMs;
        return [{ name, connection, fromS, toS, kind: whole ? 'shown' : 'straddling' }];
      });
    });
  });
}

/**
 * Gives each event to the throw of its connection that its time on the stream's clock names.
 *
 * @param {ReturnType<typeof listThrows>} thrown
 * @param {readonly {started_at: string, stream_time: {start: number}}[]} events
 */
export function assignEvents(thrown, events) {
  const found = new Map();
  const strays = [];
  for (const event of events) {
    const atMs = Date.parse(event.started_at);
    const its = thrown.find(({ connection, fromS }) => {
      const during = atMs >= connection.servedAtMs && atMs <= connection.brokenAtMs;
      return during && Math.abs(event.stream_time.start - fromS) <= START_TOLERANCE_S;
    });
    if (its === undefined) strays.push(event);
    else found.set(its, [...(found.get(its) ?? []), event]);
  }
  const ofKind = (wanted) => thrown.filter(({ kind }) => kind === wanted);
  return { shown: ofKind('shown'), straddling: ofKind('straddling'), found, strays };
}
