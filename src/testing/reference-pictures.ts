import type { ReferencePictures } from '../evidence/index.js';

/** Nothing is kept by which incidents could be looked at again. */
export const noReferences: ReferencePictures = {
  paths: (incidentId) => {
    const of = (name: string): string => `/nowhere/${incidentId}/${name}.jpg`;
    return { scene: of('scene'), incident: of('incident'), steady: of('steady'), present: of('present') };
  },
  read: async () => ({ scene: null, incident: null, steady: null, present: null }),
  sweep: async () => 0,
};
