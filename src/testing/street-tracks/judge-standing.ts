import { intersectionOverUnion } from '../../core/geometry/box.js';
import { createObjectTracker } from '../../core/objects/object-tracker.js';
import type { Box } from '../../domain/geometry.js';
import type { TrackedObject } from '../../domain/street.js';
import { sceneClip } from './judge-trackers.js';
import { renderTruth, type TrackScene } from './scenes.js';

/** How well it is told since when things stand. */
export interface StandingFigures {
  /** Times that something stood for eight seconds and more and could be seen half of the time; and those told of. */
  readonly spells: number;
  readonly found: number;
  /** How often what stood went on under another id. */
  readonly newIds: number;
  /** By how many seconds each start was told too late, in order; below 0: too early. */
  readonly lateS: readonly number[];
  /** Pictures of things that moved and were found; and those in which they were said to stand. */
  readonly moving: number;
  readonly movingToldStanding: number;
}

interface Seen {
  /** Place in the list of pictures. */
  readonly i: number;
  readonly ptsMs: number;
  readonly box: Box;
  readonly visible: number;
}

const LEAST_SPELL_MS = 8_000;
/** After so long it must be known that something stands. */
const KNOWN_AFTER_MS = 5_000;
/** Overlap from which a track is that of an object. */
const SAME = 0.5;
/** What moves by less than this share of its size in all has stood; by more than this a second it moves. */
const STOOD = 0.02;
const MOVES_PER_S = 0.3;
const VISIBLE = 0.6;

/** Judges one scene. */
export function judgeStanding(scene: TrackScene, seed: number, fps: number, seconds: number): StandingFigures {
  const clip = sceneClip(scene, seed, fps, seconds);
  const tracker = createObjectTracker({ named: clip.named });
  const told = clip.pictures.map(({ ptsMs, detections }) => tracker.step(ptsMs, detections));
  const objects = new Map<number, Seen[]>();
  renderTruth(scene, seed, fps, seconds).forEach(({ ptsMs, objects: there }, i) => {
    for (const { id, kind, box, visible } of there) {
      if (kind !== 'pillar') objects.set(id, [...(objects.get(id) ?? []), { i, ptsMs, box, visible }]);
    }
  });
  const all = [...objects.values()];
  const spells = all.flatMap(spellsOf).map((spell) => judgeSpell(spell, told));
  const moving = all.flatMap((seen) => seen.filter((one, k) => moves(seen[k - 1], one)).flatMap((one) => trackOf(one, told, (o) => o.box)));
  return {
    spells: spells.length,
    found: spells.filter((spell) => spell !== null).length,
    newIds: spells.reduce((sum, spell) => sum + (spell?.newIds ?? 0), 0),
    lateS: spells.flatMap((spell) => (spell === null ? [] : [spell.lateS])),
    moving: moving.length,
    movingToldStanding: moving.filter((object) => object.stillBox !== null).length,
  };
}

/** Adds up scenes. */
export function sumStanding(figures: readonly StandingFigures[]): StandingFigures {
  const sum = (of: (f: StandingFigures) => number): number => figures.reduce((total, f) => total + of(f), 0);
  return {
    ...{ spells: sum((f) => f.spells), found: sum((f) => f.found), newIds: sum((f) => f.newIds) },
    lateS: figures.flatMap((f) => f.lateS).sort((a, b) => a - b),
    ...{ moving: sum((f) => f.moving), movingToldStanding: sum((f) => f.movingToldStanding) },
  };
}

const sizeOf = ({ x1, y1, x2, y2 }: Box): number => Math.hypot(x2 - x1, y2 - y1);
const moved = (a: Box, b: Box): number => Math.hypot((b.x1 + b.x2 - a.x1 - a.x2) / 2, b.y2 - a.y2);

function spellsOf(seen: readonly Seen[]): Seen[][] {
  const spells: Seen[][] = [];
  for (const one of seen) {
    const spell = spells[spells.length - 1];
    const first = spell?.[0];
    if (first !== undefined && moved(first.box, one.box) < STOOD * sizeOf(first.box)) spell?.push(one);
    else spells.push([one]);
  }
  return spells.filter((spell) => {
    const lengthMs = (spell[spell.length - 1] as Seen).ptsMs - (spell[0] as Seen).ptsMs;
    return lengthMs >= LEAST_SPELL_MS && spell.filter(({ visible }) => visible > VISIBLE).length >= spell.length / 2;
  });
}

function judgeSpell(
  spell: readonly Seen[],
  told: readonly (readonly TrackedObject[])[],
): { readonly newIds: number; readonly lateS: number } | null {
  const fromMs = (spell[0] as Seen).ptsMs;
  const known = spell.filter(({ ptsMs }) => ptsMs >= fromMs + KNOWN_AFTER_MS).flatMap((one) => trackOf(one, told, (o) => o.stillBox));
  const last = known[known.length - 1];
  if (last === undefined) return null;
  return { newIds: new Set(known.map(({ id }) => id)).size - 1, lateS: ((last.stillSincePtsMs as number) - fromMs) / 1000 };
}

function moves(before: Seen | undefined, now: Seen): boolean {
  if (before === undefined || now.visible < VISIBLE) return false;
  return moved(before.box, now.box) / sizeOf(now.box) / ((now.ptsMs - before.ptsMs) / 1000) >= MOVES_PER_S;
}

/** What is told of an object in a picture: the track that lies on it best, if one does. */
function trackOf(
  { i, box }: Seen,
  told: readonly (readonly TrackedObject[])[],
  boxOf: (object: TrackedObject) => Box | null,
): TrackedObject[] {
  let best: TrackedObject | null = null;
  let most = SAME;
  for (const object of told[i] ?? []) {
    const at = object.state === 'tentative' ? null : boxOf(object);
    const overlap = at === null ? 0 : intersectionOverUnion(at, box);
    if (overlap > most) [best, most] = [object, overlap];
  }
  return best === null ? [] : [best];
}
