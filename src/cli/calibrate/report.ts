import type { FacadeProposal } from '../../core/calibration/proposal.js';
import { redactUrls } from '../../platform/redact.js';

export interface ProposalContext {
  readonly camera: string;
  /** As it was asked for; credentials go no further. */
  readonly source: string;
  readonly proposal: FacadeProposal;
  /** So unsure that it is only to begin drawing from. */
  readonly sketch: boolean;
}

/** A config with the proposed facade, ready to be used and to be corrected. */
export function configOf({ camera, source, proposal, sketch }: ProposalContext): string {
  const { facade, confidence, checks } = proposal;
  const { first, last, heightM } = facade.floors;
  const corners = facade.corners.map(({ x, y }) => `[${x.toFixed(4)}, ${y.toFixed(4)}]`).join(', ');
  const hidden = redactUrls(source) !== source;
  return [
    `# ${sketch ? 'A sketch' : 'Proposed'} by parapet calibrate, confidence ${confidence.toFixed(2)} (0 to 1). Look at calibration.jpg, then correct what is wrong.`,
    ...checks.map((check) => `# Check: ${check}`),
    'cameras:',
    `  - id: ${JSON.stringify(camera)}`,
    ...(hidden
      ? ['    # User name and password are left out: give them as source.username and source.password, from the environment or a file.']
      : []),
    `    source: { url: ${JSON.stringify(withoutCredentials(source))} }`,
    '    facade:',
    '      # top-left, top-right, bottom-right, bottom-left; 0 to 1 of the picture, they may lie outside',
    `      corners: [${corners}]`,
    `      floors: { first: ${first}, last: ${last}, height: ${heightM} m }`,
    ...(facade.units.length === 0 ? [] : [`      units: [${facade.units.map((unit) => JSON.stringify(unit)).join(', ')}]`]),
    '',
  ].join('\n');
}

/** What a person reads after the work. */
export function describeProposal(
  { proposal, sketch }: ProposalContext,
  files: { readonly yaml: string; readonly picture: string },
): string {
  const { facade, confidence, reasons, checks } = proposal;
  const { first, last, heightM } = facade.floors;
  return [
    `${sketch ? 'a sketch of a facade' : 'facade'}: floors ${first} to ${last}, ${heightM} m each (assumed); confidence ${confidence.toFixed(2)} (0 to 1)`,
    ...reasons.map((reason) => `  ${reason}`),
    ...(sketch
      ? ['  too unsure to be used as it is: with a wrong facade falls are missed that are found without any; correct it by hand first']
      : []),
    ...checks.map((check) => `  check: ${check}`),
    `config: ${files.yaml}`,
    `picture: ${files.picture}`,
    '',
  ].join('\n');
}

function withoutCredentials(source: string): string {
  return redactUrls(source).replace('://***@', '://');
}
