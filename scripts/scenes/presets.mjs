/** Scenes with a name. Everything that is not said here is as in `defaultSpec`. */

const heavy = ['brick', 'full_bottle', 'flower_pot', 'phone', 'box', 'full_bag', 'apple'];

export const presets = {
  /** A tower by day with throws of every weight and a few birds. */
  'tower-day': {
    tags: ['day', '1080p'],
    camera: { distanceM: 40 },
    building: { widthM: 34 },
    throws: { count: 6, objects: ['full_bottle', 'flower_pot', 'box', 'full_bag', 'brick', 't_shirt'] },
    nuisances: [{ kind: 'birds', strength: 0.3 }],
  },

  /** A camera that watches twelve floors: things are larger, and land out of sight. */
  'tower-close': {
    tags: ['day', '1080p', 'close'],
    camera: { distanceM: 44, cover: [10, 21], exposureS: 0.006 },
    building: { style: 'white-render' },
    throws: { count: 6, objects: [...heavy, 'can', 'paper_ball', 't_shirt'] },
    nuisances: [
      { kind: 'birds', strength: 0.4 },
      { kind: 'laundry', strength: 0.4 },
      { kind: 'shadows', strength: 0.3 },
    ],
  },

  /** The same kind of tower by night: lit windows, few photons, insects. */
  'tower-night': {
    tags: ['night', '1080p'],
    light: 'night',
    camera: { distanceM: 44, cover: [3, 17], exposureS: 0.02 },
    // Pale things: dark ones cannot be seen before a dark facade, by nobody.
    throws: { count: 6, objects: ['full_bottle', 'full_bag', 'box', 'shoe', 'brick'], albedo: [0.5, 0.85] },
    nuisances: [
      { kind: 'lamps', strength: 0.4 },
      { kind: 'insects', strength: 0.3 },
      { kind: 'headlights', strength: 0.3 },
      { kind: 'cars', strength: 0.3 },
    ],
  },

  /** Rain under an overcast sky, trees that sway, a pole that shakes a little. */
  'tower-rain': {
    tags: ['rain', 'overcast', '1080p'],
    light: 'overcast',
    camera: { exposureS: 0.004 },
    wind: { meanMps: 2.2, gustMps: 0.8 },
    building: { style: 'brick-punched' },
    throws: { count: 6, objects: heavy },
    nuisances: [
      { kind: 'rain', strength: 0.7 },
      { kind: 'shake', strength: 0.3 },
      { kind: 'leaves', strength: 0.3 },
      { kind: 'drips', strength: 0.5 },
      { kind: 'people', strength: 0.3 },
    ],
  },

  /** Everything that must not raise an alarm, and not one throw. */
  'tower-nuisance': {
    tags: ['day', 'nuisance', '1080p'],
    wind: { meanMps: 1.6, gustMps: 0.7 },
    building: { style: 'glass-loggias' },
    nuisances: [
      { kind: 'birds', strength: 0.8 },
      { kind: 'insects', strength: 0.3 },
      { kind: 'leaves', strength: 0.6 },
      { kind: 'laundry', strength: 0.6 },
      { kind: 'curtains', strength: 0.6 },
      { kind: 'lamps', strength: 0.3 },
      { kind: 'shadows', strength: 0.5 },
      { kind: 'headlights', strength: 0.4 },
      { kind: 'reflections', strength: 0.6 },
      { kind: 'gondola' },
      { kind: 'lift' },
      { kind: 'drone' },
      { kind: 'aircraft' },
      { kind: 'balls', strength: 0.6 },
      { kind: 'drips', strength: 0.6 },
      { kind: 'cars', strength: 0.5 },
      { kind: 'people', strength: 0.5 },
      { kind: 'shake', strength: 0.3 },
      { kind: 'exposure', strength: 0.3 },
      { kind: 'repeats', strength: 0.2 },
      { kind: 'drops', strength: 0.2 },
    ],
  },

  /** Half a minute that loops: one bottle from floor 13, a few birds. */
  demo: {
    tags: ['day', '720p', 'demo'],
    size: [1280, 720],
    durationS: 30,
    loop: true,
    noise: 0.6,
    camera: { distanceM: 34, lateralM: 4, cover: [0, 14], marginBottom: 0.05, exposureS: 0.005 },
    building: { floors: 18, widthM: 26, style: 'brick-punched' },
    surroundings: { neighbours: 3 },
    // A pale bottle before brick: clear to a person, so that the demo shows the rule and not the exception.
    throws: [
      {
        atS: 8,
        object: 'large_bottle',
        floor: 12,
        unit: 1,
        across: 0.35,
        riseM: 1.3,
        velocity: [1.2, 1.2, 2.5],
        reflects: false,
        albedo: 0.85,
      },
    ],
    nuisances: [{ kind: 'birds', count: 3, fromS: 15, paths: ['across'] }],
    encode: { bitrate: '700k' },
  },
};
