/**
 * What the families draw from. A condition has a light, a range of exposures, pools of nuisances and some that are always
 * there, and may have a range of their strength and of the wind; a format has a size, how many storeys such a camera watches, and bitrates that leave little to spare.
 */

/** Exposures by light, seconds: a camera's automatic exposure at f/1.6. */
const EXPOSURE_S = { day: [0.002, 0.008], overcast: [0.004, 0.012], dusk: [0.01, 0.025], night: [0.02, 0.033] };

const condition = (name, light, pools, over = {}) => ({ name, light, pools, exposureS: EXPOSURE_S[light], ...over });

const format = (label, width, height, storeys, whole, bitrates, over = {}) => ({
  label,
  size: [width, height],
  storeys,
  whole,
  bitrates,
  ...over,
});

const hd = format('720p', 1280, 720, [5, 9], false, ['1500k', '2M']);
const fullHd = format('1080p', 1920, 1080, [7, 13], true, ['3M', '4M', '6M']);
/** H.265 is slow to make at this size, and H.264 is what such cameras are set to when a recorder is old. */
const ultraHd = format('4K', 3840, 2160, [12, 22], true, ['10M', '14M'], { codecs: ['h264'] });

const DAY_TUNING = [
  'birds',
  'shadows',
  'leaves',
  'laundry',
  'curtains',
  'reflections',
  'gondola',
  'cars',
  'people',
  'drips',
  'balls',
  'shake',
  'exposure',
  'drone',
  'repeats',
  'drops',
];
const NIGHT_TUNING = ['lamps', 'insects', 'headlights', 'cars', 'shake', 'lift', 'aircraft', 'drips', 'infrared'];
const WET_TUNING = ['drips', 'leaves', 'shake', 'people', 'birds', 'lamps', 'balls'];

const DAY_REPORTING = [
  'birds',
  'drone',
  'shadows',
  'reflections',
  'headlights',
  'lift',
  'gondola',
  'insects',
  'leaves',
  'laundry',
  'balls',
  'shake',
  'repeats',
  'drops',
  'exposure',
  'aircraft',
  'curtains',
  'people',
];
const NIGHT_REPORTING = ['lamps', 'insects', 'headlights', 'drips', 'drone', 'shake', 'aircraft', 'cars', 'repeats'];
const WET_REPORTING = ['birds', 'shake', 'drips', 'curtains', 'leaves', 'drops', 'cars'];

const tuning = {
  styles: ['concrete-bands', 'white-render', 'brick-punched', 'glass-loggias'],
  floors: [16, 28],
  floorHeightM: [2.8, 3],
  unitNames: [
    ['01', '02', '03', '04'],
    ['A', 'B', 'C'],
  ],
  distance: [0.45, 0.85],
  heightM: [2.5, 5],
  lateral: 0.3,
  k1: [-0.1, 0],
  readoutS: [0, 0.01, 0.02],
  codecs: ['h264', 'h264', 'h264', 'h265'],
  preset: { h264: 'superfast', h265: 'ultrafast' },
  gopS: [2, 2, 4],
  fps: [25, 25, 15, 25, 12.5, 20],
  formats: [fullHd, hd, fullHd, hd, hd],
  conditions: [
    condition('day', 'day', ['day']),
    condition('night', 'night', ['night'], { always: ['insects'] }),
    condition('rain', 'overcast', ['wet'], { always: ['rain'] }),
    condition('overcast', 'overcast', ['day']),
    condition('dusk', 'dusk', ['day']),
    condition('day', 'day', ['day']),
    condition('snow', 'overcast', ['wet'], { always: ['snow'] }),
  ],
  nuisances: { day: DAY_TUNING, night: NIGHT_TUNING, wet: WET_TUNING },
};

const reporting = {
  styles: ['prefab-panels', 'curtain-wall', 'dark-galleries', 'tiled-court'],
  floors: [18, 33],
  floorHeightM: [2.7, 3.3],
  unitNames: [
    ['1', '2', '3', '4', '5', '6'],
    ['W', 'E'],
  ],
  distance: [0.4, 1],
  heightM: [3.5, 9],
  lateral: 0.5,
  k1: [-0.16, 0.02],
  readoutS: [0, 0.008, 0.016, 0.024],
  codecs: ['h264', 'h265', 'h264'],
  preset: { h264: 'superfast', h265: 'ultrafast' },
  gopS: [1, 2, 5],
  fps: [25, 30, 15, 20, 25, 12.5],
  formats: [fullHd, hd, fullHd, hd, ultraHd],
  conditions: [
    condition('day', 'day', ['day']),
    condition('night', 'night', ['night']),
    condition('snow', 'overcast', ['wet'], { always: ['snow'] }),
    condition('overcast', 'overcast', ['day']),
    condition('rain', 'overcast', ['wet'], { always: ['rain'] }),
    condition('dusk', 'dusk', ['day', 'night']),
    condition('infrared', 'dusk', ['night'], { always: ['infrared'] }),
  ],
  nuisances: { day: DAY_REPORTING, night: NIGHT_REPORTING, wet: WET_REPORTING },
};

/**
 * The cameras, lights and formats of `reporting` in all their breadth before the houses of `tuning`: what the engine is tuned on beside
 * `tuning` itself, which turned out too easy to show where recall is lost.
 */
const wide = {
  ...reporting,
  styles: tuning.styles,
  unitNames: tuning.unitNames,
  gopS: [1.5, 2.5, 4],
  nuisances: { day: [...new Set([...DAY_TUNING, ...DAY_REPORTING])], night: NIGHT_TUNING, wet: WET_TUNING },
};

/**
 * What must not raise an alarm, one or two kinds at full strength a clip: the houses of `reporting`, and every condition that
 * makes other systems cry. Rain, snow and insects first, since they are what a night watchman complains of.
 */
const nuisance = {
  ...reporting,
  formats: [fullHd, hd, hd, fullHd, hd],
  codecs: ['h264', 'h264', 'h264', 'h264', 'h265'],
  // Two hours are to be had in minutes.
  preset: { h264: 'ultrafast', h265: 'ultrafast' },
  fps: [25, 12.5, 20, 15, 12.5, 30, 15],
  conditions: [
    condition('rain', 'overcast', ['wet'], { always: ['rain', 'drips'], strength: [0.4, 1] }),
    condition('insect-night', 'night', ['night'], { always: ['insects'], strength: [0.5, 1] }),
    condition('snow', 'overcast', ['wet'], { always: ['snow'], strength: [0.4, 1] }),
    condition('birds', 'day', ['day'], { always: ['birds'], strength: [0.5, 1] }),
    condition('storm', 'overcast', ['wet'], { always: ['leaves', 'shake'], windMps: [3.5, 7] }),
    condition('machines', 'day', ['day'], { always: ['gondola', 'drone', 'lift'] }),
    condition('street', 'day', ['day'], { always: ['balls', 'people', 'cars'], strength: [0.5, 1] }),
    condition('lights', 'night', ['night'], { always: ['lamps', 'headlights'], strength: [0.4, 1] }),
    condition('exposure', 'day', ['day'], { always: ['exposure', 'shadows'], strength: [0.4, 1] }),
    condition('shake', 'dusk', ['day'], { always: ['shake', 'reflections'], strength: [0.4, 1] }),
    condition('drips', 'overcast', ['wet'], { always: ['drips', 'laundry', 'curtains'], strength: [0.5, 1] }),
    condition('rain-night', 'night', ['night'], { always: ['rain', 'headlights'], strength: [0.4, 1] }),
    condition('infrared', 'dusk', ['night'], { always: ['infrared', 'insects', 'snow'], strength: [0.3, 0.8] }),
  ],
};

/**
 * Small pictures of small towers, made and judged within every run of the tests: quick above all. The facades are those of
 * `tuning`, since a result of the tests may be looked at by whoever tunes.
 */
const small = {
  ...tuning,
  mix: { clear: 0.8, small: 0.2 },
  floors: [8, 14],
  codecs: ['h264'],
  fps: [25, 20, 15],
  formats: [
    format('360p', 640, 360, [3, 4], false, ['800k']),
    format('480p', 640, 480, [3, 5], false, ['1M']),
    format('540p', 960, 540, [4, 6], false, ['1500k']),
    format('480p', 640, 480, [4, 6], false, ['1M']),
  ],
  conditions: [
    condition('day', 'day', ['day']),
    condition('rain', 'overcast', ['wet'], { always: ['rain'] }),
    condition('night', 'night', ['night'], { always: ['insects'] }),
    condition('birds', 'day', ['day'], { always: ['birds', 'balls'] }),
    condition('overcast', 'overcast', ['day'], { always: ['shake', 'drips'] }),
  ],
};

/** Families by the name of the set. */
export const familyTables = { tuning, wide, reporting, nuisance, small };
