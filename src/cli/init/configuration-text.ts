import { oneLine } from '../terminal-text.ts';
import { domainLines, FILL_IN } from './domain-lines.ts';
import { type Draft, locationDrafts, variableFor } from './draft.ts';
import { providerLines, providerTemplate } from './provider-lines.ts';
import { scalar } from './yaml-scalar.ts';

/**
 * The text of a configuration file, annotated.
 *
 * @param schema address of the JSON Schema, for editors
 */
export function configurationText(draft: Draft, schema: string): string {
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    '#',
    '# Configuration of Recoverage, written by recoverage init. Every setting: docs/configuration.md.',
    `# Lines with "${FILL_IN.slice(2)}" hold what no tool can see. Relative paths are seen from this file.`,
    '# Secrets never stand here, only where they are: env:NAME or file:PATH.',
    '# Check it with: recoverage doctor',
    'version: 1',
    '',
    ...installLines(draft),
    '',
    ...section('servers', serverLines(draft), [
      '# Servers of tenant databases that the install database names, other than its own.',
      ...noneSaid(draft, draft.servers),
    ]),
    '',
    ...section(
      'locations',
      locationLines(draft),
      [
        '# Where copies lie: dumps, snapshots of Vault, dated copies of files. A copy counts for the loss of the install host',
        '# only where its location states another host.',
        ...plansSaid(draft),
      ],
      draft.locations.length > 0 ? [] : LOCATION_TEMPLATE,
    ),
    '',
    ...section(
      'providers',
      providerLines(draft),
      ['# Key providers, by the ids that the install database gives them.', ...noneSaid(draft, draft.providers)],
      providerTemplate(draft),
    ),
    '',
    ...storeLines(draft),
    ...moreLines(draft),
  ];
  return `${lines.join('\n')}\n`;
}

function installLines({ installHost, collectorRunsHere, database, mapping }: Draft): readonly string[] {
  const { host, port, name, user, password, tls, caFile } = database;
  return [
    'install:',
    `  ${FILL_IN} is this the name of the install host? The loss that is judged is everything on it, and others below refer`,
    '  # to it by this name.',
    `  host: ${scalar(installHost)}`,
    `  ${FILL_IN} does the collector run on that host, so that its files can be looked at?`,
    `  collectorRunsHere: ${collectorRunsHere}`,
    '  database:',
    `    host: ${scalar(host)}`,
    `    port: ${port}`,
    `    name: ${scalar(name)}`,
    `    user: ${scalar(user)}`,
    password === null ? '    # password: env:RECOVERAGE_DB_PASSWORD' : `    password: ${scalar(password)}`,
    '    # verify-full checks certificate and host name; disable sends everything in clear.',
    `    tls: ${tls}`,
    caFile === null ? '    # caFile: /etc/ssl/certs/our-authority.pem' : `    caFile: ${scalar(caFile)}`,
    '  # How the databases are read: SQL for each dataset. Default: the shipped mapping, which assumes table names.',
    mapping === null ? '  # mapping: mapping.yaml' : `  mapping: ${scalar(mapping)}`,
    '  # bootstrapFile: /etc/novantra/bootstrap.env',
    '  # stateDirectory: /var/lib/novantra/onprem',
  ];
}

function serverLines({ servers, database, hosts }: Draft): readonly string[] {
  return servers.flatMap(({ name, host, port }) => [
    `  - name: ${scalar(name)}`,
    `    host: ${scalar(host)}`,
    `    port: ${port}`,
    `    user: ${scalar(database.user)}`,
    database.password === null
      ? '    # password: env:RECOVERAGE_DB_PASSWORD'
      : `    password: ${scalar(database.password)}`,
    `    tls: ${database.tls}`,
    ...(database.caFile === null ? [] : [`    caFile: ${scalar(database.caFile)}`]),
    ...domainLines(hosts, `server ${name}`),
  ]);
}

function locationLines({ locations, hosts }: Draft): readonly string[] {
  return locations.flatMap(({ name, place }) => [
    `  - name: ${scalar(name)}`,
    `    kind: ${place.kind}`,
    ...(place.kind === 'directory'
      ? [`    path: ${scalar(place.path)}`]
      : [
          `    bucket: ${scalar(place.bucket)}`,
          `    prefix: ${scalar(place.prefix)}`,
          `    accessKeyId: env:${variableFor(name, 'ACCESS_KEY_ID')}`,
          `    secretAccessKey: env:${variableFor(name, 'SECRET_ACCESS_KEY')}`,
          '    # region: eu-central-1',
          '    # endpoint: https://s3.example.com',
        ]),
    '    purposes: [dumps]',
    '    # Time zone of the host that made the dumps: their headers hold local time without an offset.',
    '    # timeZone: Europe/Berlin',
    ...domainLines(hosts, `location ${name}`),
  ]);
}

/** That there is none is said only where somebody looked. */
function noneSaid({ discovery }: Draft, found: readonly unknown[]): readonly string[] {
  if (!discovery.asked) return [`${FILL_IN} the install database was not asked.`];
  if (found.length > 0) return [];
  return [discovery.unread.length > 0 ? `${FILL_IN} not all of it could be read, see the end.` : '# It names none.'];
}

function plansSaid({ discovery, locations }: Draft): readonly string[] {
  const others = discovery.targets.filter((target) => locationDrafts([target]).length === 0);
  return [
    discovery.asked
      ? `# From the targets of ${discovery.plans} backup plans of the install database.`
      : `${FILL_IN} the install database was not asked.`,
    ...(others.length > 0
      ? [
          `${FILL_IN} these targets of plans are neither a directory on this host nor a bucket; name where they are mounted:`,
        ]
      : []),
    ...others.map((target) => `#   ${JSON.stringify(target)}`),
    ...(locations.length > 0 ? [] : [`${FILL_IN} where do the dumps lie?`]),
  ];
}

const LOCATION_TEMPLATE: readonly string[] = [
  '#   - name: dumps',
  '#     kind: directory',
  '#     path: /mnt/backups/dumps',
  '#     purposes: [dumps]',
  '#     failureDomain: { host: backup-host }',
];

function storeLines({ buckets, discovery, hosts }: Draft): readonly string[] {
  const { storagePaths } = discovery;
  return [
    '# Live files of the organizations.',
    ...(storagePaths.length === 0
      ? []
      : [
          `# Storage bindings name ${storagePaths.length} directories, such as ${oneLine(storagePaths[0] ?? '').slice(0, 200)}.`,
        ]),
    'stores:',
    `  ${FILL_IN} where are the files of an organization without a storage binding? none makes a missing binding a gap.`,
    '  # default: { kind: bundled, path: "/var/lib/novantra/storage/{organizationId}" }',
    '  default: none',
    buckets.length === 0 ? '  s3: []' : '  s3:',
    ...buckets.flatMap(({ bucket, region, endpoint }) => [
      `    - bucket: ${scalar(bucket)}`,
      ...(region === null ? [] : [`      region: ${scalar(region)}`]),
      ...(endpoint === null || !URL.canParse(endpoint) ? [] : [`      endpoint: ${scalar(endpoint)}`]),
      `      accessKeyId: env:${variableFor(bucket, 'ACCESS_KEY_ID')}`,
      `      secretAccessKey: env:${variableFor(bucket, 'SECRET_ACCESS_KEY')}`,
      ...domainLines(hosts, `bucket ${bucket}`).map((line) => `  ${line}`),
    ]),
    '',
  ];
}

function moreLines({ discovery }: Draft): readonly string[] {
  return [
    '# Plans kept outside the product, such as a cron job of another tool.',
    '# plans:',
    '#   - { id: nightly, covers: all, method: pg_dump, schedule: "0 2 * * *", timeZone: Europe/Berlin, retentionDays: 30 }',
    '',
    '# Thresholds; these are the defaults.',
    '# policy:',
    '#   failOn: high',
    '#   limits: { databaseRpoHours: 26, filesRpoHours: 26, restoreTestDays: 92 }',
    '',
    '# report:',
    '#   directory: reports',
    '#   formats: [json, html, pdf, csv]',
    ...(discovery.unread.length === 0 ? [] : ['', '# Not read while this file was written:']),
    ...discovery.unread.map((sentence) => `# - ${oneLine(sentence)}`),
  ];
}

/**
 * One list of the configuration. Where it has no entry yet and `template` has one, the key is part of that comment: it
 * would stand there twice once the comment is made part of the file.
 *
 * @param template entries as comments, `# ` before what they would be
 */
function section(
  key: string,
  items: readonly string[],
  comments: readonly string[],
  template: readonly string[] = [],
): readonly string[] {
  const hasItems = items.some((line) => line.startsWith('  - '));
  if (hasItems) return [...comments, `${key}:`, ...items, ...template];
  return [...comments, template.length === 0 ? `${key}: []` : `# ${key}:`, ...items, ...template];
}
