import { buildEvent } from '../../domain/event.js';
import type { Facade } from '../../domain/facade.js';
import { type Incident, wallClockMs } from '../../domain/incident.js';
import { TRACK_SCHEMA, type TrackFile } from '../../domain/wire/track.js';

/**
 * The track of a throw as JSON text, keys always in the same order.
 *
 * @param facade what floors and metres were measured with.
 * @param picture size of the camera's pictures, pixels.
 * @throws {RangeError} when the incident is no throw.
 */
export function buildTrack(incident: Incident, facade: Facade | null, picture: { width: number; height: number }): string {
  // The event already rounds and names everything as the outside knows it; the file must not say it another way.
  const event = buildEvent(incident, { site: '', agent: '' }, 1, []);
  if (event.throw === null) throw new RangeError(`incident ${incident.id} is no throw: it has no track`);
  const { trajectory, ...conclusions } = event.throw;
  const track: TrackFile = {
    schema: TRACK_SCHEMA,
    event: event.id,
    camera: event.camera,
    type: event.type,
    rule: event.rule,
    verdict: event.verdict,
    confidence: event.confidence,
    started_at: event.started_at,
    ended_at: event.ended_at,
    stream_time: event.stream_time,
    picture: { width: picture.width, height: picture.height },
    positions: trajectory.map(([t, x, y, w, h]) => ({
      t,
      at: new Date(wallClockMs(incident, t)).toISOString(),
      px: [tenth(x * picture.width), tenth(y * picture.height), tenth(w * picture.width), tenth(h * picture.height)],
      normalised: [x, y, w, h],
    })),
    facade:
      facade === null
        ? null
        : {
            corners: facade.corners.map((corner) => [corner.x, corner.y]),
            floors: { first: facade.floors.first, last: facade.floors.last, height_m: facade.floors.heightM },
            units: [...facade.units],
            width_m: facade.widthM,
          },
    conclusions,
    reasons: event.reasons,
  };
  return `${JSON.stringify(track, null, 2)}\n`;
}

const tenth = (value: number): number => Math.round(10 * value) / 10;
