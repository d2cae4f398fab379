import { ruleTypes } from '../rules/registry.js';

/** The words of the generated files that do not come from the schema. */

/** What the complete example shows where a default would show nothing. */
export const exampleValues = {
  site: 'yuelai-jialinglu',
  agent: 'box-01',
  mqtt: {
    url: 'mqtts://broker.example:8883',
    username: 'box-01',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder belongs into the YAML
    password: '${MQTT_PASSWORD}',
    tls: { ca: '/etc/parapet/ca.pem' },
  },
  receiver: {
    share_group: 'centre',
    connections: 8,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder belongs into the YAML
    store: { url: 'postgres://parapet@db.example/parapet', password: '${DB_PASSWORD}' },
    http: {
      listen: '127.0.0.1:8788',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder belongs into the YAML
      token: '${CENTRE_TOKEN}',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder belongs into the YAML
      tokens: [{ name: 'dispatch', token: '${DISPATCH_TOKEN}', sites: ['yuelai-jialinglu'], write: true }],
      public_url: 'https://centre.example/parapet',
    },
    categories: 'categories.yaml',
    places: [{ of: 'yuelai-jialinglu', longitude: 106.55, latitude: 29.56, address: 'Jialing Road 1' }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder belongs into the YAML
    webhooks: [{ url: 'https://city.example/cases', secret: '${WEBHOOK_SECRET}' }],
  },
  cameras: [
    {
      id: 'tower-3-north',
      source: { url: 'rtsp://10.0.0.8/main', username: 'viewer', password: 'file:/run/secrets/tower-3-north' },
      facade: {
        corners: [
          [0.31, 0.02],
          [0.69, 0.02],
          [0.8, 0.97],
          [0.2, 0.97],
        ],
        floors: { first: 1, last: 33, height: '2.9 m' },
        units: ['01', '02', '03', '04'],
        width: '24 m',
      },
      masks: {
        motion: [
          [
            [0, 0.6],
            [0.15, 0.6],
            [0.15, 1],
            [0, 1],
          ],
        ],
        privacy: [
          [
            [0.85, 0.5],
            [1, 0.5],
            [1, 0.7],
            [0.85, 0.7],
          ],
        ],
      },
      zones: {
        gate: {
          polygon: [
            [0.2, 0.9],
            [0.5, 0.9],
            [0.5, 1],
            [0.2, 1],
          ],
        },
      },
      lines: { kerb: { from: [0.1, 0.8], to: [0.9, 0.8] } },
      ground: {
        picture: [
          [0.35, 0.6],
          [0.65, 0.6],
          [0.9, 0.95],
          [0.1, 0.95],
        ],
        metres: [
          [0, 30],
          [7, 30],
          [7, 0],
          [0, 0],
        ],
      },
      rules: Object.entries(ruleTypes).map(([type, { example }]) => ({ type, ...example })),
    },
  ],
} as const;

export const exampleHead = `# yaml-language-server: $schema=./parapet.schema.json
#
# Every key of Parapet's config, with its purpose, bounds and default. Generated from src/config/schema.ts by
# \`node scripts/generate.mjs\`: do not edit. Start from tower.yaml or street.yaml instead; all that a config needs is
#
#   cameras: [{ id: gate, source: { url: rtsp://10.0.0.8/main } }]
#
# Durations: "500 ms", "60 s", "2 min", "12 h", "3 d"; a bare number means seconds. Lengths: "2.9 m"; a bare number means
# metres. Sizes: "10 GB", "512 MiB"; a bare number means bytes. Rates: "2 Mbit/s", "500 kB/s"; a bare number means
# bytes a second. Points are [x, y], 0..1 of the full picture from its top left corner. \${NAME} takes the value of an
# environment variable ($\${ stands for a plain \${); user names and passwords may be given as file:/path.
`;

/** The configuration page of the documentation around its tables. */
export function configurationPage(tables: string): string {
  return `<!-- Generated from src/config by \`node scripts/generate.mjs\`: do not edit. -->

# Configuration

A config is a YAML file. All that it needs is a camera:

\`\`\`yaml
cameras: [{ id: gate, source: { url: rtsp://10.0.0.8/main } }]
\`\`\`

[config/tower.yaml](../config/tower.yaml) and [config/street.yaml](../config/street.yaml) are short ones to start from,
[config/parapet.example.yaml](../config/parapet.example.yaml) shows every key, and editors that speak the YAML language server
check a file while it is written when its first line is \`# yaml-language-server: $schema=…/parapet.schema.json\`.

\`parapet validate -c FILE\` checks a config and prints what it resolves to, each value with where it came from. An error names
file, line, column and key, says what was expected, and suggests the nearest valid key; all errors are listed at once.

## Where values come from

Later ones win:

1. the defaults in the tables below;
2. the YAML file;
3. the environment: \`PARAPET_\`, then the path in upper case with its levels parted by **two** underscores:
   \`PARAPET_MQTT__URL\`, \`PARAPET_CAMERAS__0__SOURCE__URL\`. An entry of a list is named by its index, from 0, or by its id:
   \`PARAPET_CAMERAS__TOWER_3__SOURCE__URL\` reaches the camera \`tower-3\` (case does not count, and anything but letters and
   digits is written \`_\`). Empty variables are passed over. A variable whose name begins with no key earns a warning, an
   unknown key below a known one is an error;
4. flags: \`--camera URL\` adds a camera, \`--mqtt URL\` sets \`mqtt.url\`, \`--log-level\` sets \`log.level\`, and \`--set
   path.to.key=value\` reaches every key: \`--set cameras.tower-3.facade.floors.last=34\`. Entries of lists are named as in the
   environment, but exactly; the index after the last adds an entry.

In the environment and in \`--set\` a text is taken as it is; numbers, switches, lists and maps are read as YAML:
\`--set 'cameras.0.facade.units=["01", "02"]'\`, \`--set mqtt.url=null\`.

## Units

Durations are written as \`500 ms\`, \`60 s\`, \`2 min\`, \`12 h\`, \`3 d\` (a bare number means seconds), lengths as \`2.9 m\`, \`290 cm\`
(a bare number means metres), sizes as \`10 GB\`, \`512 MiB\` (a bare number means bytes), rates as \`2 Mbit/s\`, \`500 kB/s\` (a bare number means bytes a second). Points are \`[x, y]\`, from 0 to 1 of the full
picture, from its top left corner. Relative paths start from the working directory.

## Secrets

\`\${NAME}\` anywhere in a text of the file takes the value of an environment variable; \`$\${\` stands for a plain \`\${\`. User names and
passwords may also be given as \`file:/run/secrets/name\`, in the file, the environment or a flag. A missing variable or file is an
error that names file, line and key. A password that stands literally in a file that others on the machine can read earns a
warning. Secrets are hidden in everything that Parapet prints, inside URLs too. A password with characters such as \`@\` or \`#\`
must be percent-encoded in a URL; as \`source.password\` it stands as it is.

## Every key

${tables}
`;
}
