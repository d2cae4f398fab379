import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { zoneOf } from '../common/matching.js';
import { boxAround, createZonePixels } from '../common/zone-pixels.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { LightOutageConfig } from './config.js';
import { type Light, lightOf } from './light.js';

/** Median luma of a picture by night, grey; street light on asphalt stays below it, an overcast dawn does not. */
const DARK_GREY = 85;
/**
 * A camera that lifts its exposure by night has a median up to this, grey; then no more than this share of the picture may shine: by day walls and sky do, on a
 * grey one 4 % and more.
 */
const LIFTED_GREY = 112;
const LIFTED_SHINES = 0.03;
/** How much brighter than the picture a lit lamp is at least, grey. A camera by night lets lamps clip. */
const LIT_OVER_GREY = 60;
/** Share of its usual glow over the picture below which the lamp is out, by sensitivity: rain and fog take a third of it, a bus before it all. */
const OUT_SHARE = { low: 0.3, normal: 0.5, high: 0.65 } as const;
/** Share of the looks of a span of `after` that must have found it out; a lamp that flickers is lit half of the time. */
const OUT_LOOKS = 0.35;
/** Share of what shone elsewhere that must still shine: where all lamps went off, somebody switched them off. */
const ELSEWHERE_KEPT = 0.4;
/** … unless so much of the picture does: a lamp's head and its halo. Much of what shone may have been the road below the lamp that is out. */
const ELSEWHERE_LEAST = 0.001;
/** Time in which the usual glow follows, seconds: lamps age over months, cameras change their exposure within minutes. */
const USUAL_S = 120;
/** How long a lamp must have been seen lit before it can be found out, milliseconds. */
const KNOWN_MS = 5_000;
/** How often the lamp is looked at, milliseconds. */
const LOOK_EVERY_MS = 400;
/** How long the lamp must have been lit again, milliseconds. */
const LIT_AGAIN_MS = 10_000;
/** A pause of the stream longer than this says nothing of the lamp, milliseconds. */
const LONGEST_GAP_MS = 10_000;

interface Observation {
  readonly ptsMs: number;
  readonly out: boolean;
}

/** Tells when a lamp that shone by night shines no more, once, until it does again. */
export function createLightOutageRule(config: LightOutageConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const pixels = createZonePixels(zone);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const book = createIncidentBook<'lamp'>({ severity: config.severity, coolDownMs: config.cool_down });
  const limit = OUT_SHARE[config.sensitivity];
  /** Of the span of `after`, oldest first. */
  let looks: Observation[] = [];
  /** How much brighter than the picture the lamp is when it is lit, grey; and what shines elsewhere then. */
  let usual = { over: 0, elsewhere: 0, litMs: 0 };
  let lookedPtsMs = Number.NEGATIVE_INFINITY;
  let outSincePtsMs: number | null = null;
  let litSincePtsMs: number | null = null;
  let lastPtsMs = 0;

  function learn({ glow, dark, elsewhere }: Light, gapMs: number): void {
    const rate = usual.litMs === 0 ? 1 : 1 - Math.exp(-gapMs / 1000 / USUAL_S);
    usual = {
      over: usual.over + rate * (glow - dark - usual.over),
      elsewhere: usual.elsewhere + rate * (elsewhere - usual.elsewhere),
      litMs: usual.litMs + Math.min(gapMs, LOOK_EVERY_MS * 2),
    };
  }

  const stateOf = (light: Light, sincePtsMs: number, ptsMs: number): IncidentState => {
    const share = (light.glow - light.dark) / Math.max(1, usual.over);
    const outShare = looks.filter(({ out }) => out).length / Math.max(1, looks.length);
    return {
      verdict: 'confirmed',
      confidence: Math.max(0, Math.min(1, 0.6 + 0.4 * outShare)),
      reasons: [
        { criterion: 'seconds_out', value: (ptsMs - sincePtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
        { criterion: 'glow', value: Math.max(0, share), threshold: limit, unit: 'of usual' },
        { criterion: 'out_of_looks', value: outShare, threshold: OUT_LOOKS, unit: 'share' },
        { criterion: 'median_grey', value: light.dark, threshold: darkest(light), unit: 'grey' },
      ],
      startPtsMs: sincePtsMs,
      endPtsMs: ptsMs,
      box: boxAround(zone),
      zone: config.zone,
      labels: [],
    };
  };

  /** It is not dark, or nobody can tell: what was known of the span is worth nothing. */
  function rest(ptsMs: number): readonly RuleFinding[] {
    looks = [];
    outSincePtsMs = null;
    litSincePtsMs = null;
    return book.isOpen('lamp') ? [book.end('lamp', ptsMs)] : [];
  }

  return {
    step({ picture, ptsMs, capturedAtMs }) {
      lastPtsMs = ptsMs;
      const gapMs = ptsMs - lookedPtsMs;
      if (gapMs < LOOK_EVERY_MS) return [];
      lookedPtsMs = ptsMs;
      const light = lightOf(picture, pixels(picture));
      if (light.dark > darkest(light) || !isOn(capturedAtMs)) return rest(ptsMs);
      if (gapMs > LONGEST_GAP_MS) looks = [];
      const over = light.glow - light.dark;
      const out = usual.litMs >= KNOWN_MS && over < limit * usual.over;
      if (!out && over >= LIT_OVER_GREY) learn(light, Number.isFinite(gapMs) ? gapMs : 0);
      if (out && light.elsewhere < Math.min(ELSEWHERE_LEAST, ELSEWHERE_KEPT * usual.elsewhere))
        return book.isOpen('lamp') ? [] : rest(ptsMs);
      looks.push({ ptsMs, out });
      while ((looks[0]?.ptsMs ?? ptsMs) < ptsMs - config.after) looks.shift();
      if (out) outSincePtsMs ??= ptsMs;
      litSincePtsMs = out ? null : (litSincePtsMs ?? ptsMs);
      if (litSincePtsMs !== null && ptsMs - litSincePtsMs >= LIT_AGAIN_MS) {
        outSincePtsMs = null;
        return book.isOpen('lamp') ? [book.end('lamp', ptsMs)] : [];
      }
      if (outSincePtsMs === null) return [];
      const state = stateOf(light, outSincePtsMs, out ? ptsMs : (litSincePtsMs ?? ptsMs));
      if (book.isOpen('lamp')) {
        if (out) book.note('lamp', state);
        return [];
      }
      const enough = looks.filter((look) => look.out).length >= OUT_LOOKS * looks.length;
      if (!out || !enough || ptsMs - outSincePtsMs < config.after) return [];
      const begun = book.begin('lamp', state, ptsMs);
      return begun === null ? [] : [begun];
    },
    finish: () => book.finish(lastPtsMs),
  };
}

/** Median luma up to which it is night, grey. */
const darkest = ({ elsewhere }: Light): number => (elsewhere <= LIFTED_SHINES ? LIFTED_GREY : DARK_GREY);
