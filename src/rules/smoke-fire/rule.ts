import type { Box } from '../../domain/geometry.js';
import type { Reason } from '../../domain/incident.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { around } from '../common/boxes.js';
import { Cells, connectedGroups } from '../common/cells.js';
import { createDwellTracker } from '../common/dwell.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { SmokeFireConfig } from './config.js';
import { Flames } from './flames.js';
import { VEIL_DELAY_MS, Veil } from './veil.js';

/** Cells that a fire takes up at least; an orange lamp that blinks takes one or two. */
const LEAST_CELLS = { low: 6, normal: 4, high: 3 } as const;
/** From here on a fire is large, cells: nothing else that warm and restless is; it need not be watched for as long. */
const LARGE_CELLS = 30;
/** Cells that smoke veils at least, as a share of the picture's: a puddle's mirror and swaying leaves come to 0.025 now and then. */
const LEAST_VEIL = { low: 0.05, normal: 0.034, high: 0.025 } as const;
/** A fire that is hidden for a moment goes on, milliseconds. */
const INERTIA_MS = 10_000;
const LONGEST_GAP_MS = 4_000;

type Sign = 'named' | 'fire' | 'smoke';

/** What looks for signs in pictures of one size. */
interface Eyes {
  readonly cells: Cells;
  readonly flames: Flames;
  readonly veil: Veil;
  /** Cells that burn, and cells that smoke veils: each its own, since blocks of the veil may not reach the last row and column. */
  readonly burning: Uint8Array;
  readonly veiled: Uint8Array;
}

/** What one picture shows of one sign. */
interface Seen {
  readonly box: Box;
  readonly labels: readonly string[];
  readonly reasons: readonly Reason[];
  readonly confidence: number;
  readonly sincePtsMs: number;
}

/** Tells of fire and smoke, one incident from the first sign to ten seconds after the last. */
export function createSmokeFireRule(config: SmokeFireConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const signs = createDwellTracker<Sign>({ inertiaMs: INERTIA_MS, longestGapMs: LONGEST_GAP_MS });
  const book = createIncidentBook<'fire'>({ severity: config.severity, coolDownMs: config.cool_down });
  let eyes: Eyes | null = null;
  let lastPtsMs = 0;
  /** The latest of each sign that was seen. */
  const latest = new Map<Sign, Seen>();

  function eyesFor({ width, height }: StreetFrame['picture']): Eyes {
    if (eyes !== null && eyes.cells.width === width && eyes.cells.height === height) return eyes;
    const cells = new Cells(width, height, zone);
    const marks = { burning: new Uint8Array(cells.count), veiled: new Uint8Array(cells.count) };
    eyes = { cells, flames: new Flames(cells, config.sensitivity), veil: new Veil(cells), ...marks };
    return eyes;
  }

  function seeNamed(frame: StreetFrame): Seen | null {
    if (!frame.named) return null;
    const least = LEAST_SCORE[config.sensitivity];
    const found = frame.objects.filter(
      ({ state, label, score, foot }) => state === 'confirmed' && config.labels.includes(label) && score >= least && inZone(zone, foot),
    );
    const best = found.reduce<(typeof found)[number] | null>((a, b) => (a === null || b.score > a.score ? b : a), null);
    if (best === null) return null;
    return {
      box: best.box,
      labels: [...new Set(found.map(({ label }) => label))],
      reasons: [{ criterion: 'score', value: best.score, threshold: least, unit: '' }],
      confidence: best.score,
      sincePtsMs: frame.ptsMs,
    };
  }

  function seeFire({ picture, ptsMs }: StreetFrame): Seen | null {
    const { cells, flames, burning } = eyesFor(picture);
    flames.step(picture, ptsMs, config.after / 2, burning);
    const large = connectedGroups(cells, burning)[0];
    let patch = large !== undefined && large.cells.length >= LARGE_CELLS ? large : undefined;
    const leastCells = patch === undefined ? LEAST_CELLS[config.sensitivity] : LARGE_CELLS;
    if (patch === undefined && large !== undefined) {
      flames.markAged(ptsMs, config.after, burning);
      patch = connectedGroups(cells, burning)[0];
    }
    if (patch === undefined || patch.cells.length < leastCells) return null;
    const { warm, flicker } = flames.of(patch.cells);
    return {
      box: patch.box,
      labels: ['fire'],
      reasons: [
        { criterion: 'burning_cells', value: patch.cells.length, threshold: leastCells, unit: 'cells' },
        { criterion: 'warm_share', value: warm, threshold: flames.leastWarm, unit: 'share' },
        { criterion: 'flicker', value: flicker, threshold: flames.leastFlicker, unit: 'grey' },
      ],
      confidence: Math.min(0.9, 0.5 + patch.cells.length / 200),
      sincePtsMs: flames.since(patch.cells),
    };
  }

  function seeSmoke({ picture, ptsMs, scene }: StreetFrame): Seen | null {
    const { cells, veil, veiled } = eyesFor(picture);
    veil.step(picture, ptsMs, veiled);
    // By infrared light the lens's own glow comes and goes over the scene.
    if (scene.unsettled || scene.night) return null;
    const patch = connectedGroups(cells, veiled)[0];
    const share = (patch?.cells.length ?? 0) / cells.count;
    if (patch === undefined || share < LEAST_VEIL[config.sensitivity]) return null;
    return {
      box: patch.box,
      labels: ['smoke'],
      reasons: [{ criterion: 'veiled_share', value: share, threshold: LEAST_VEIL[config.sensitivity], unit: 'of picture' }],
      confidence: Math.min(0.8, 0.4 + 2 * share),
      sincePtsMs: ptsMs - VEIL_DELAY_MS,
    };
  }

  function stateNow(): IncidentState {
    const dwells = (['named', 'fire', 'smoke'] as const).flatMap((sign) => {
      const dwell = signs.dwell(sign);
      const seen = latest.get(sign);
      return dwell === null || seen === undefined ? [] : [{ sign, dwell, seen }];
    });
    const startPtsMs = Math.min(...dwells.map(({ dwell, seen }) => Math.min(dwell.sincePtsMs, seen.sincePtsMs)));
    const endPtsMs = Math.max(...dwells.map(({ dwell }) => dwell.lastPtsMs));
    const confirmed = dwells.some(({ sign, dwell }) => sign === 'named' && dwell.observedMs >= config.after);
    return {
      verdict: confirmed ? 'confirmed' : 'suspected',
      confidence: Math.max(...dwells.map(({ seen }) => seen.confidence)),
      reasons: [
        { criterion: 'seconds_burning', value: (endPtsMs - startPtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
        ...dwells.flatMap(({ seen }) => seen.reasons),
      ],
      ...{ startPtsMs, endPtsMs, zone: config.zone },
      box: around(dwells.map(({ seen }) => seen.box)),
      labels: [...new Set(dwells.flatMap(({ seen }) => seen.labels))],
    };
  }

  /** Flames and veils are told only when they have lasted; a name must last here. */
  const isTold = (): boolean => {
    const named = signs.dwell('named');
    return (named !== null && named.observedMs >= config.after) || signs.dwell('fire') !== null || signs.dwell('smoke') !== null;
  };

  function tell(ptsMs: number): readonly RuleFinding[] {
    const now = stateNow();
    const known = book.state('fire');
    if (known === null) {
      const begun = book.begin('fire', now, ptsMs);
      return begun === null ? [] : [begun];
    }
    const kept: IncidentState = {
      ...now,
      startPtsMs: Math.min(known.startPtsMs, now.startPtsMs),
      labels: [...new Set([...known.labels, ...now.labels])],
    };
    const confirmed = book.follow('fire', kept);
    return confirmed === null ? [] : [confirmed];
  }

  return {
    step(frame) {
      const { ptsMs } = frame;
      lastPtsMs = ptsMs;
      const on = isOn(frame.capturedAtMs);
      const looks: readonly (readonly [Sign, Seen | null])[] = [
        ['named', seeNamed(frame)],
        ['fire', seeFire(frame)],
        ['smoke', seeSmoke(frame)],
      ];
      let any = false;
      for (const [sign, seen] of looks) {
        if (seen !== null) latest.set(sign, seen);
        any = signs.look(sign, ptsMs, on && seen !== null) !== null || any;
      }
      if (any && (isTold() || book.isOpen('fire'))) return tell(ptsMs);
      return !any && book.isOpen('fire') ? [book.end('fire', ptsMs)] : [];
    },
    finish: () => book.finish(lastPtsMs),
  };
}
