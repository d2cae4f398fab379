import { facadeCorners } from './scene.mjs';

/**
 * The config that an installer would write for the scene: the facade as seen, drawn with a steady but not perfect hand.
 *
 * @param {object} spec
 * @param {import('./camera.mjs').Camera} camera
 * @param {import('./random.mjs').Random} rng
 * @param {string} video the camera's URL or file
 */
export function installerConfig(spec, camera, rng, video) {
  const corners = facadeCorners(spec, camera).map((corner) =>
    corner.map((c) => c + Math.max(-2.5, Math.min(2.5, rng.gauss())) * spec.calibrationError),
  );
  const { firstFloor, floors, floorHeightM, units, widthM } = spec.building;
  return [
    '# Written by scripts/scenes/render.mjs: the facade as an installer would draw it.',
    `site: ${spec.name}`,
    'cameras:',
    `  - id: ${spec.name}`,
    `    source: { url: ${JSON.stringify(video)} }`,
    '    facade:',
    `      corners: [${corners.map((c) => `[${c.map((v) => v.toFixed(4)).join(', ')}]`).join(', ')}]`,
    `      floors: { first: ${firstFloor}, last: ${firstFloor + floors - 1}, height: ${floorHeightM} m }`,
    `      units: [${units.map((u) => JSON.stringify(u)).join(', ')}]`,
    `      width: ${widthM} m`,
    '',
  ].join('\n');
}
