import { ruleTypes } from '../rules/registry.js';

/** The table of incident types of the documentation: a line for every line of the registry. */
export function rulesPage(): string {
  const rows = Object.entries(ruleTypes).map(([type, { title, schema, input }]) => {
    const about = schema.meta()?.description ?? '';
    const readme = `../src/rules/${type.replaceAll('_', '-')}/README.md`;
    return `| [\`${type}\`](${readme}) | ${title} | ${about} | ${shown[input]} | [options](configuration.md#${anchor(type, title)}) |`;
  });
  return `<!-- Generated from src/rules/registry.ts by \`node scripts/generate.mjs\`: do not edit. -->

# Incident types

Each is a rule of a camera's config, by its type; a camera may have several, also of one type, under names of their own. What a rule tells, by which criteria, and
where its limits lie, stands in its folder; what all criteria mean, in [reasons](reasons.md).

| type | | what it finds | looks at | |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

const shown = {
  motion: 'every picture, at full size',
  street: 'objects and still things, five pictures a second',
  outside: 'no picture: what a device says',
} as const;

/** As GitHub makes anchors of headings. */
const anchor = (type: string, title: string): string =>
  `rule-${type}-${title}`
    .toLowerCase()
    .replaceAll(' ', '-')
    .replace(/[^a-z0-9_-]/g, '');
