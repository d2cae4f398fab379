import { clipToPicture, insidePolygon, sideOf } from './plane.mjs';

/** Share of an object that must be in the picture, and in sight, before it counts as seen. */
const SEEN_SHARE = 0.35;
/** Tracks keep a box this often, seconds. */
const TRACK_STEP_S = 1;
/** Traffic in a zone is told this often, seconds. */
const TRAFFIC_STEP_S = 5;
const VEHICLES = new Set(['car', 'truck', 'bus', 'motorcycle']);
/** Boxes that an incident keeps, at most. */
const INCIDENT_BOXES = 8;

export const isSeen = (seen) => seen.visible * Math.min(1, seen.inside) >= SEEN_SHARE;

/**
 * Gathers the truth of a scene while it is drawn.
 *
 * @param {ReturnType<import('./stage.mjs').createStage>} stage
 */
export function createTruth(stage) {
  const tracks = new Map();
  const zones = new Map(
    [...stage.zones].map(([name, corners]) => [name, { ground: corners, polygon: clipToPicture(stage.camera, corners) }]),
  );
  const lines = new Map([...stage.lines].map(([name, line]) => [name, { ...line, counts: { left: {}, right: {} }, crossings: [] }]));
  const occupancy = new Map([...zones.keys()].map((name) => [name, []]));
  const before = new Map();
  const stays = new Map([...zones.keys()].map((name) => [name, new Map()]));
  const traffic = new Map([...zones.keys()].map((name) => [name, []]));
  const lastSeen = new Map();

  return {
    /** @param {number} t @param {readonly object[]} boxes what is in the picture */
    add(t, boxes) {
      for (const seen of boxes) {
        const track =
          tracks.get(seen.id) ?? tracks.set(seen.id, { id: seen.id, label: seen.label, thing: seen.thing, boxes: [] }).get(seen.id);
        track.boxes.push([t, ...seen.box, seen.visible, ...seen.ground]);
        count(t, seen);
      }
      for (const [name, zone] of zones) {
        const within = boxes.filter((seen) => insidePolygon(seen.ground, zone.ground));
        for (const seen of within) stay(stays.get(name), t, seen);
        drive(traffic.get(name), t, within);
        const inside = within.filter(isSeen);
        const labels = {};
        for (const { label } of inside) labels[label] = (labels[label] ?? 0) + 1;
        const list = occupancy.get(name);
        const text = JSON.stringify(labels);
        if (list.length === 0 || JSON.stringify(list[list.length - 1].labels) !== text) list.push({ t: round(t, 2), labels });
      }
      for (const { id, ground } of boxes) lastSeen.set(id, { t, ground });
    },
    /** The whole truth, as docs/street-scenes.md describes it. */
    finish() {
      return {
        schema: 'parapet/street-truth/v1',
        scene: stage.name,
        seed: stage.seed,
        type: stage.type,
        positive: stage.incidents.length > 0,
        tags: [stage.light, stage.cameraPlace, ...new Set(stage.effects.map(({ kind }) => kind))],
        video: {
          width: stage.width,
          height: stage.height,
          fps: stage.fps,
          frames: Math.round(stage.durationS * stage.fps),
          duration_s: stage.durationS,
          light: stage.light,
        },
        ground: groundMarks(stage.camera),
        zones: Object.fromEntries([...zones].map(([name, { polygon }]) => [name, { polygon }])),
        lines: Object.fromEntries(
          [...lines].map(([name, line]) => [
            name,
            { from: normalised(stage.camera, ...line.from), to: normalised(stage.camera, ...line.to) },
          ]),
        ),
        watched: Object.fromEntries([
          ...[...stage.watched].map(([name, actor]) => [name, { box: firstBox(tracks, actor.id) }]),
          ...[...stage.places].map(([name, box]) => [name, { box }]),
        ]),
        rules: stage.rules,
        incidents: stage.incidents.map((incident) => incidentOf(incident, tracks)),
        objects: [...tracks.values()].map(thinned),
        counts: Object.fromEntries([...lines].map(([name, { counts, crossings }]) => [name, { ...counts, crossings }])),
        occupancy: Object.fromEntries(occupancy),
        stays: Object.fromEntries(
          [...stays].map(([name, list]) => [
            name,
            [...list.values()].map(({ from, to, ...who }) => ({ ...who, from: round(from, 2), to: round(to, 2) })),
          ]),
        ),
        traffic: Object.fromEntries([...traffic].map(([name, list]) => [name, list.map(trafficRow)])),
        effects: stage.effects.map(({ camera: _camera, ...effect }) => effect),
      };
    },
  };

  /** Vehicles in a zone, and how fast they go over the ground. */
  function drive(list, t, within) {
    if (list.length === 0 || t >= list[list.length - 1].t + TRAFFIC_STEP_S - 1e-6)
      list.push({ t, looks: 0, vehicles: 0, speeds: 0, kmh: 0 });
    const row = list[list.length - 1];
    row.looks++;
    for (const { id, label, ground } of within) {
      if (!VEHICLES.has(label)) continue;
      row.vehicles++;
      const last = lastSeen.get(id);
      if (last === undefined || t - last.t > 0.5) continue;
      row.speeds++;
      row.kmh += (3.6 * Math.hypot(ground[0] - last.ground[0], ground[1] - last.ground[1])) / (t - last.t);
    }
  }

  function count(t, seen) {
    for (const [name, line] of lines) {
      const key = `${name}/${seen.id}`;
      const side = sideOf(seen.ground, line);
      const was = before.get(key);
      before.set(key, { side, ground: seen.ground });
      if (was === undefined || was.side === side || !crosses(was.ground, seen.ground, line)) continue;
      const direction = side > 0 ? 'right' : 'left';
      line.counts[direction][seen.label] = (line.counts[direction][seen.label] ?? 0) + 1;
      line.crossings.push({ t: round(t, 2), object: seen.id, label: seen.label, direction });
    }
  }
}

/** Notes who was in a zone from when until when; who leaves and comes back has two stays. */
function stay(list, t, { id, label }) {
  const open = [...list.values()].reverse().find((one) => one.object === id);
  if (open !== undefined && t - open.to < 1) open.to = t;
  else list.set(list.size, { object: id, label, from: t, to: t });
}

function trafficRow({ t, looks, vehicles, speeds, kmh }) {
  return { t: round(t, 2), vehicles: round(vehicles / looks, 2), mean_kmh: speeds === 0 ? null : round(kmh / speeds, 1) };
}

const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

/** Whether the way from a to b meets the line between its ends. */
function crosses(a, b, line) {
  const ends = sideOf(line.from, { from: a, to: b }) !== sideOf(line.to, { from: a, to: b });
  return ends && sideOf(a, line) !== sideOf(b, line);
}

function normalised(camera, s, d) {
  const [x, y] = camera.project(s, d, 0);
  return [round(x / camera.width, 4), round(y / camera.height, 4)];
}

/** Four points of the ground and where they are in metres, as an installer would measure them. */
function groundMarks(camera) {
  const { width, height } = camera;
  const picture = [
    [0.2, 0.95],
    [0.8, 0.95],
    [0.72, 0.55],
    [0.28, 0.55],
  ];
  const metres = picture.map(([x, y]) => {
    const at = camera.ground(x * width, y * height);
    if (at === null) throw new RangeError('the camera looks too high: the middle of the picture is not ground');
    return at.map((m) => round(m, 2));
  });
  return { picture, metres };
}

function firstBox(tracks, id) {
  const track = tracks.get(id);
  if (track === undefined) throw new RangeError(`object ${id} is watched and never in the picture`);
  return track.boxes[0].slice(1, 5);
}

function incidentOf({ object, objects, box, from, to = null, due, ...rest }, tracks) {
  const id = object?.id;
  const during = (tracks.get(id)?.boxes ?? []).filter(([t]) => t >= from - 0.01 && (to === null || t <= to));
  const step = Math.max(1, Math.ceil(during.length / INCIDENT_BOXES));
  const boxes = during.filter((_, i) => i % step === 0).map(([t, ...at]) => ({ t: round(t, 2), box: at.slice(0, 4) }));
  // Something that is gone has its box from when it was there.
  const last = tracks
    .get(id)
    ?.boxes.filter(([t]) => t < from)
    .pop();
  const place = box ?? boxes[0]?.box ?? last?.slice(1, 5) ?? null;
  return {
    ...rest,
    from: round(from, 2),
    to: to === null ? null : round(to, 2),
    ...(due === undefined ? {} : { due: round(inSight(due, tracks.get(id)?.boxes) ?? due, 2) }),
    ...(id === undefined ? {} : { object: id, label: object.label }),
    ...(objects === undefined ? {} : { objects: objects.map((one) => one.id) }),
    box: place,
    boxes,
  };
}

/** The first time from then on at which it is to be seen: nobody can tell what something else hides. */
function inSight(due, boxes = []) {
  const seen = boxes.find(([t, , , , , visible]) => t >= due && visible >= SEEN_SHARE);
  return seen === undefined || seen[0] - due < 1 ? null : seen[0];
}

function thinned({ boxes, ...object }) {
  const kept = [];
  let next = -Infinity;
  for (const row of boxes) {
    if (row[0] + 1e-6 < next && row !== boxes[boxes.length - 1]) continue;
    kept.push([round(row[0], 2), ...row.slice(1)]);
    next = row[0] + TRACK_STEP_S;
  }
  return { ...object, from: kept[0][0], to: kept[kept.length - 1][0], track: kept };
}
