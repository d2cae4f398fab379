import { stringify } from 'yaml';

/**
 * The config for `parapet analyze` of a street scene.
 *
 * @param {object} truth `parapet/street-truth/v1`
 * @param {string} video path of the clip
 */
export function configOf(truth, video) {
  const zones = {
    ...truth.zones,
    ...Object.fromEntries(Object.entries(truth.watched).map(([name, { box }]) => [name, { polygon: cornersOf(box) }])),
  };
  const camera = {
    id: truth.scene,
    source: { url: video },
    ...(Object.keys(zones).length > 0 && { zones }),
    ...(Object.keys(truth.lines).length > 0 && { lines: truth.lines }),
    ground: truth.ground,
    rules: truth.rules,
  };
  return `# Written by scripts/street/render.mjs.\n${stringify({ site: 'street-scenes', cameras: [camera] }, { flowCollectionPadding: false })}`;
}

const cornersOf = ([x1, y1, x2, y2]) => [
  [x1, y1],
  [x2, y1],
  [x2, y2],
  [x1, y2],
];
