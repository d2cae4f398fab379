/**
 * Compares the events of a clip with its truth.
 *
 * An event tells an incident when it is of its type, was told between the incident's beginning (a little before it: what is about to happen may be seen)
 * and the last moment at which it is of use, and shows the same place: its box and the object's at that time overlap, or the middle of one lies in the
 * other. Incidents of a whole zone or picture have no place to compare. Of several events for one incident the first counts, and the rest are repeats.
 */

/** How long after it was due an event may still come, seconds; from docs/street-scenes.md. */
const LATEST_S = { camera_tamper: 10, smoke_fire: 30, line_crossing: 3, speeding: 5, wrong_way: 8, illegal_parking: 10 };
const LATEST_OTHERWISE_S = 15;
/** How much before its incident begins an event may come, seconds. */
const EARLY_S = 2.5;
/** What concerns a zone or a picture as a whole. */
const WITHOUT_PLACE = new Set(['camera_tamper', 'congestion', 'crowd', 'occupancy', 'queue', 'light_outage']);
const LEAST_OVERLAP = 0.15;

/**
 * @param {object} truth `parapet/street-truth/v1`
 * @param {readonly object[]} events every phase, in order
 * @param {(object: number, t: number) => readonly number[] | null} boxAt where an object is at some time
 * @returns {{incidents: readonly {type: string, verdict: string | null, delayS: number | null}[], falseConfirmed: readonly object[],
 *   falseSuspected: readonly object[], repeats: number}}
 */
export function matchEvents(truth, events, boxAt) {
  const told = whole(events);
  const incidents = truth.incidents.map((incident) => ({ incident, events: [] }));
  const strays = [];
  for (const event of told) {
    const fits = incidents.flatMap((one) => {
      const overlap = overlapOf(event, one.incident, boxAt);
      return overlap === null ? [] : [{ ...one, overlap, lateS: Math.abs(dueOf(one.incident) - event.toldS) }];
    });
    // Of incidents that look alike: one that nobody has told yet, then the one that lies best, then the nearest in time.
    fits.sort((a, b) => Number(a.events.length > 0) - Number(b.events.length > 0) || b.overlap - a.overlap || a.lateS - b.lateS);
    if (fits.length === 0) strays.push(event);
    else fits[0].events.push(event);
  }
  return {
    incidents: incidents.map(({ incident, events: list }) => {
      const inTime = list.filter((event) => event.toldS <= dueOf(incident) + latestS(incident.type));
      const confirmed = inTime.filter((event) => event.confirmedS !== null && event.confirmedS <= dueOf(incident) + latestS(incident.type));
      const first = confirmed[0] ?? inTime[0];
      return {
        type: incident.type,
        from: incident.from,
        verdict: confirmed.length > 0 ? 'confirmed' : inTime.length > 0 ? 'suspected' : null,
        delayS: first === undefined ? null : round((first.confirmedS ?? first.toldS) - dueOf(incident)),
      };
    }),
    falseConfirmed: strays.filter((event) => event.confirmedS !== null),
    falseSuspected: strays.filter((event) => event.confirmedS === null),
    repeats: incidents.reduce((sum, { events: list }) => sum + Math.max(0, list.length - 1), 0),
  };
}

const dueOf = (incident) => Math.max(incident.from, incident.due ?? incident.from);
const latestS = (type) => LATEST_S[type] ?? LATEST_OTHERWISE_S;
const round = (value) => Math.round(value * 100) / 100;

/** One entry an event, of all its phases. */
function whole(messages) {
  const byId = new Map();
  for (const message of messages) {
    const toldS = message.stream_time.told ?? message.stream_time.end;
    const event = byId.get(message.id) ?? {
      id: message.id,
      type: message.type,
      startS: message.stream_time.start,
      toldS,
      confirmedS: null,
      box: message.box,
      zone: message.zone,
    };
    event.confirmedS ??= message.verdict === 'confirmed' ? toldS : null;
    byId.set(message.id, event);
  }
  return [...byId.values()].sort((a, b) => a.toldS - b.toldS);
}

/** How well an event fits an incident, 0..1; null when it does not. */
function overlapOf(event, incident, boxAt) {
  if (event.type !== incident.type) return null;
  if (event.toldS < incident.from - EARLY_S) return null;
  const end = Math.max(incident.to ?? Infinity, dueOf(incident));
  if (event.toldS > end + latestS(incident.type)) return null;
  if (WITHOUT_PLACE.has(incident.type)) return 0;
  const objects = [incident.object, ...(incident.objects ?? [])];
  const places = [incident.box, ...objects.flatMap((id) => [boxAt(id, event.toldS), boxAt(id, event.startS)])];
  const overlaps = places.flatMap((box) => (box === null || box === undefined ? [] : [placeOverlap(box, event.box)]));
  const best = Math.max(-1, ...overlaps);
  return best < 0 ? null : best;
}

/** Intersection over union of two boxes that show the same place, or -1. */
function placeOverlap(a, b) {
  const w = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const h = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const overlap = (w * h) / (areaOf(a) + areaOf(b) - w * h);
  return overlap >= LEAST_OVERLAP || holds(a, b) || holds(b, a) ? overlap : -1;
}

const areaOf = ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1);
const holds = ([x1, y1, x2, y2], [a, b, c, d]) => (a + c) / 2 > x1 && (a + c) / 2 < x2 && (b + d) / 2 > y1 && (b + d) / 2 < y2;
