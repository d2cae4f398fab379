import type { Box } from '../../domain/geometry.js';
import type { Incident } from '../../domain/incident.js';
import type { Reinspection } from '../contract.js';

/**
 * Half the sides of what is looked at around a landing, as fractions of the picture's width and height: what falls from a tower comes to rest
 * within a few metres, and a storey of 3 m takes about 3 % of the height of a picture of a whole tower.
 */
const REACH_X = 0.03;
const REACH_Y = 0.05;

/**
 * A throw is over when it has landed, and what lies on the ground afterwards, one picture cannot tell: it may have rolled away, been
 * carried off, or lain there before. The landing is shown, and a person judges.
 */
export const reinspection: Reinspection = {
  place: (incident) => landingPlace(incident),
  judge: (incident) => ({
    presence: 'cannot_tell',
    reason:
      landingPlace(incident) === null
        ? 'the landing lies outside the picture: only what the camera sees now can be shown'
        : 'one picture does not tell whether what lies at the landing is what fell: a person must look',
  }),
};

/** The surroundings of the landing, as far as it lies in the picture. */
function landingPlace({ throw: details }: Incident): Box | null {
  if (details === null) return null;
  const { x, y } = details.landing.point;
  if (x < 0 || x > 1 || y < 0 || y > 1) return null;
  return { x1: Math.max(0, x - REACH_X), y1: Math.max(0, y - REACH_Y), x2: Math.min(1, x + REACH_X), y2: Math.min(1, y + REACH_Y) };
}
