/**
 * Limits that hold with and without a facade. A path must pass them all: higher ones turn throws away, lower ones let clutter, rain and birds
 * through; docs/ablation.md and the golden table show how much.
 */

/** Points a path needs to be judged: fewer cannot tell a fall from chance. */
export const MIN_POINTS = 6;
/**
 * Time unseen after which a path counts as lost, seconds: the linker gives it up in the next pictures. For as long, what left the picture is known to fall on.
 * Less, and balconies end falls, and throws near the picture's edges are lost; more, and what was seen to fall less than a floor is a throw.
 */
export const LOST_S = 0.34;
/** Share of steps that must go down. */
export const MIN_DOWN_SHARE = 0.85;
/** Share of the pictures in which it must be seen: balconies, trees or rain hide the rest. */
const MIN_SEEN_SHARE = 0.6;
/**
 * The same for what falls beyond every other doubt to be suspected at once, in dry weather: noise, insects and balconies may hide more than half of its
 * first second. Lower, and chance paths are told; higher, and what is faint is told late.
 */
export const MIN_SEEN_SUSPECTED_SHARE = 0.4;
/** The same where the path stands far out of the clutter: by how much, natural units. */
const MIN_SEEN_CLEAR_SHARE = 0.5;
const CLEAR_SCORE = 60;
/** BIC by which a fall must beat steady motion; 10 is "very strong" (Kass and Raftery 1995), 15 leaves room for unmodelled noise. */
export const MIN_BIC_GAIN = 15;
/** Log-likelihood ratio against clutter that a path needs, and in precipitation. */
export const MIN_SCORE = 12;
export const MIN_SCORE_WEATHER = 30;
/**
 * Largest thing taken for thrown, metres. Without a facade the scale follows from gravity: what accelerates slowly is far away, and what
 * is far away and still looks large is a bird, a hand or a car.
 */
export const MAX_SIZE_M = 1;
/**
 * Largest that a drop or flake, which the lens sees nearer than the facade, looks there while it falls for two floors, metres: of 55 that rules without
 * limits for precipitation took for throws the largest had 0.26. What is larger is judged as in dry weather. Lower, and snow raises alarms; higher, and shirts
 * are lost in it.
 */
export const LARGEST_FLAKE_M = 0.35;

/** Least share of its pictures in which a path of some log-likelihood ratio must be seen. */
export const leastSeen = (score: number): number => (score >= CLEAR_SCORE ? MIN_SEEN_CLEAR_SHARE : MIN_SEEN_SHARE);
