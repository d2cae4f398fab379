import { stringify } from 'yaml';

/**
 * The config for `parapet analyze` of a street scene.
 *
 * @param {object} truth `parapet/street-truth/v1`
 * @param {string} video path of the clip
 */
export function configOf(truth, video) {
  const named = (entries) => (Object.keys(entries).length === 0 ? null : entries);
  const camera = {
    id: truth.scene,
    source: { url: video, detect: { fps: truth.video.fps } },
    ...(named(truth.zones) && { zones: truth.zones }),
    ...(named(truth.lines) && { lines: truth.lines }),
    ...(named(truth.watched) && { watched: truth.watched }),
    ...(truth.rules.some((rule) => rule.type === 'speeding' || rule.type === 'congestion') && { ground: truth.ground }),
    rules: truth.rules,
  };
  return `# Written by scripts/street/render.mjs.\n${stringify({ site: 'street-scenes', cameras: [camera] })}`;
}
