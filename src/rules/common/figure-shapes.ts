import type { FigureShape } from '../../domain/figure.js';

/** Gauges and counters of one place. @example figureShapes({ gauges: ['people'], of: { zone: 'gate' } })[0].kind // 'gauge' */
export const figureShapes = ({
  gauges = [],
  counters = [],
  of,
}: {
  readonly gauges?: readonly string[];
  readonly counters?: readonly string[];
  readonly of: FigureShape['of'];
}): readonly FigureShape[] => [
  ...gauges.map((name): FigureShape => ({ name, kind: 'gauge', of })),
  ...counters.map((name): FigureShape => ({ name, kind: 'counter', of })),
];
