/** Scenes with a name. Everything that is not said here is as in `defaultSpec`. */

const heavy = ['brick', 'full_bottle', 'flower_pot', 'phone', 'box', 'full_bag', 'apple'];

export const presets = {
  /** A tower by day with throws of every weight and a few birds. */
  'tower-day': {
    tags: ['day', '1080p'],
    throws: { count: 6, objects: [...heavy, 'can', 't_shirt'] },
    nuisances: [{ kind: 'birds', strength: 0.3 }],
  },

  /** Half a minute that loops: one bottle from floor 13, a few birds. */
  demo: {
    tags: ['day', '720p', 'demo'],
    size: [1280, 720],
    durationS: 30,
    loop: true,
    noise: 0.6,
    camera: { distanceM: 42, lateralM: 4, cover: [0, 17] },
    building: { floors: 18, widthM: 26, style: 'concrete-bands' },
    throws: [{ atS: 8, object: 'glass_bottle', floor: 12, unit: 1, across: 0.5, riseM: 1.3, velocity: [0.8, 1.2, 2.5], reflects: false }],
    nuisances: [{ kind: 'birds', count: 3, fromS: 15, paths: ['across'] }],
    encode: { bitrate: '700k' },
  },
};
