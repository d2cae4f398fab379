/** Where cameras stand, most often from a survey of the city's own. */
export interface Place {
  /** `site/agent/camera`, or `site/agent`, or `site`: the longest that fits a camera counts. */
  readonly of: string;
  /** WGS 84, degrees. */
  readonly longitudeDeg: number;
  readonly latitudeDeg: number;
  readonly address: string | null;
}

/** Finds the place of a camera; `null` where nobody has said. */
export type FindPlace = (camera: { readonly site: string; readonly agent: string; readonly camera: string }) => Place | null;

/** @example createPlaceFinder([{ of: 'estate', … }])({ site: 'estate', agent: 'box', camera: 'gate' })?.of // 'estate' */
export function createPlaceFinder(places: readonly Place[]): FindPlace {
  const byName = new Map(places.map((place) => [place.of, place]));
  return ({ site, agent, camera }) =>
    byName.get(`${site}/${agent}/${camera}`) ?? byName.get(`${site}/${agent}`) ?? byName.get(site) ?? null;
}
