import type { Asker } from '../../src/collect/ask.ts';
import type { OrganizationPart } from '../../src/model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import type { Subject } from '../../src/model/subject.ts';
import { DEFAULT_FACTS } from '../evaluate/default-facts.ts';
import {
  askerAt,
  BACKUP_SETS,
  CLUSTER,
  FAR,
  hoursAgo,
  NEAR,
  organizationId,
  PROVIDER,
  restoreTest,
  SNAPSHOT_AGES,
  SNAPSHOTS,
  subject,
  TESTED_EVERY,
} from './generated-estate.ts';
import { type Random, seededRandom } from './random.ts';

/** What is wrong with a generated organization. */
type Trouble =
  | 'none'
  | 'stale copies'
  | 'damaged copies'
  | 'missing key'
  | 'unreachable database'
  | 'no copies'
  | 'one table left out';

/** Shares in a hundred of the organizations; the rest is well. */
const TROUBLES: readonly (readonly [Exclude<Trouble, 'none'>, number])[] = [
  ['stale copies', 6],
  ['damaged copies', 4],
  ['missing key', 2],
  ['unreachable database', 4],
  ['no copies', 2],
  ['one table left out', 2],
];
const TABLES = 40;
const COPIES_PER_LOCATION = 4;
const RUNS = 14;
const FILE_COPIES = 10;
const UNREACHABLE: BlindSpot = {
  reason: 'unreachable',
  detail: 'db1:5432: the server did not accept the connection',
  remedy: 'Start the server, or correct host and port.',
};

interface Maker {
  readonly index: number;
  readonly organization: Subject;
  readonly database: Subject;
  readonly keyring: Subject;
  readonly store: Subject;
  readonly trouble: Trouble;
  readonly random: Random;
  readonly asker: Asker;
}

/** The part of one organization as a collection writes it: some 25 kB, the same for the same index and seed. */
export function generatedOrganization(index: number, seed: number): OrganizationPart {
  const random = seededRandom(seed * 1_000_003 + index);
  const id = organizationId(index);
  const slug = `tenant-${index}`;
  const organization = subject('organization', id, id, `Tenant ${index} of Examples, Ltd.`);
  const made: Maker = {
    index,
    organization,
    database: subject('database', `${id}/tenant_${index}`, id, `tenant_${index}`),
    keyring: subject('keyring', `keyring-${index}`, id),
    store: subject('store', `binding-${index}`, id),
    trouble: troubleOf(random),
    random,
    asker: askerAt(hoursAgo(random.whole(50) / 60)),
  };
  return {
    type: 'organization',
    organizationId: id,
    subjects: [
      { subject: organization },
      { subject: made.database, cluster: CLUSTER },
      { subject: made.store },
      { subject: made.keyring, provider: PROVIDER },
    ],
    evidence: [...rowEvidence(made, slug), ...storeEvidence(made), ...keyEvidence(made), ...databaseEvidence(made)],
  };
}

function troubleOf(random: Random): Trouble {
  let rest = random.whole(100);
  for (const [trouble, share] of TROUBLES) {
    if (rest < share) return trouble;
    rest -= share;
  }
  return 'none';
}

function told<K extends FactKind>(
  { asker }: Maker,
  kind: K,
  about: Subject,
  where: readonly [source: string, operation: string, locator: string],
  items: readonly Facts[K][],
  blindSpot: BlindSpot | null = null,
): AnyEvidence {
  const [source, operation, locator] = where;
  const question = { kind, subject: about, source, operation, locator };
  return asker.record(kind === 'failure-domain' ? { ...question, grade: 'declared' } : question, {
    items,
    blindSpot,
  }) as unknown as AnyEvidence;
}

function dataset(name: string): readonly [string, string, string] {
  return ['install database', `dataset ${name}`, 'install database'];
}

function rowEvidence(made: Maker, slug: string): readonly AnyEvidence[] {
  const { organization, index } = made;
  const createdAt = hoursAgo(24 * (100 + (index % 300)));
  return [
    told(made, 'organization', organization, dataset('organizations'), [
      {
        ...DEFAULT_FACTS.organization,
        organizationId: organization.key,
        slug,
        name: organization.name,
        createdAt,
      },
    ]),
    told(made, 'tenant-database', organization, dataset('tenant_databases'), [
      { host: 'db1', port: 5432, databaseName: made.database.name, schemaName: 'novantra', createdAt },
    ]),
    told(made, 'backup-plan', organization, dataset('backup_plans'), []),
    told(
      made,
      'restore-test',
      organization,
      dataset('restore_validations'),
      index % TESTED_EVERY === 0 ? [restoreTest(index)] : [],
    ),
  ];
}

function storeEvidence(made: Maker): readonly AnyEvidence[] {
  const { organization, store, index } = made;
  const path = `/srv/files/${organization.key}`;
  const binding: Facts['storage-binding'] = {
    ...DEFAULT_FACTS['storage-binding'],
    bindingId: store.key,
    kind: 'local_filesystem_dedicated',
    bucket: null,
    region: null,
    path,
  };
  return [
    told(made, 'storage-binding', organization, dataset('storage_bindings'), [binding]),
    told(made, 'storage-binding', store, dataset('storage_bindings'), [binding]),
    told(made, 'failure-domain', store, ['configuration', 'failureDomain', 'configuration file'], []),
    told(
      made,
      'failure-domain',
      store,
      ['file system', 'device of the path', path],
      [{ host: 'install-1', site: null, account: null, region: null, origin: 'observed' }],
    ),
    told(
      made,
      'store-state',
      store,
      ['install host', 'stat', path],
      [{ kind: binding.kind, exists: true, detail: 'a directory with files' }],
    ),
    told(
      made,
      'file-copy',
      store,
      [`location ${BACKUP_SETS}`, `list copies of ${path}`, '/backup/sets'],
      Array.from({ length: FILE_COPIES }, (_, day) => ({
        location: BACKUP_SETS,
        copy: hoursAgo(15 + 24 * day).slice(0, 10),
        moment: hoursAgo(15 + 24 * day),
        complete: true,
        because: 'its completion marker is there',
        sourcePath: path,
        present: index % 200 !== 7 || day > 2,
        digest: null,
      })),
    ),
  ];
}

function keyEvidence(made: Maker): readonly AnyEvidence[] {
  const { organization, keyring, trouble, random } = made;
  const keyRef = `tenant-${made.index}`;
  const versions = 1 + random.whole(5);
  const row: Facts['keyring'] = {
    ...DEFAULT_FACTS.keyring,
    keyringId: keyring.key,
    keyRef,
    currentVersion: versions,
    rotatedAt: versionCreatedAt(versions, versions),
  };
  const missing = trouble === 'missing key';
  return [
    told(made, 'keyring', organization, dataset('keyrings'), [row]),
    told(made, 'keyring', keyring, dataset('keyrings'), [row]),
    told(
      made,
      'key-state',
      keyring,
      [`provider ${PROVIDER}`, 'read key', 'https://vault-1:8200/v1/transit'],
      [
        missing
          ? {
              ...DEFAULT_FACTS['key-state'],
              state: 'missing',
              latestVersion: null,
              minDecryptionVersion: null,
              versions: null,
            }
          : {
              ...DEFAULT_FACTS['key-state'],
              latestVersion: versions,
              versions: Array.from({ length: versions }, (_, at) => ({
                version: at + 1,
                createdAt: versionCreatedAt(at + 1, versions),
              })),
            },
      ],
    ),
    told(
      made,
      'snapshot-key',
      keyring,
      [`location ${SNAPSHOTS}`, 'storage paths of every snapshot', '/backup/vault'],
      SNAPSHOT_AGES.map(({ path, hours }) => ({
        location: SNAPSHOTS,
        path,
        takenAt: hoursAgo(hours),
        present: !missing,
      })),
    ),
    told(
      made,
      'key-version',
      organization,
      ['server db1:5432', 'dataset key_versions', `db1:5432/${made.database.name}`],
      trouble === 'unreachable database'
        ? []
        : Array.from({ length: versions }, (_, at) => ({
            keyRef,
            version: at + 1,
            state: at + 1 === versions ? ('active' as const) : ('retired' as const),
            createdAt: versionCreatedAt(at + 1, versions),
            retiredAt: at + 1 === versions ? null : versionCreatedAt(at + 2, versions),
          })),
      trouble === 'unreachable database' ? UNREACHABLE : null,
    ),
  ];
}

function versionCreatedAt(version: number, newest: number): string {
  return hoursAgo(24 * (20 + 60 * (newest - version)));
}

function databaseEvidence(made: Maker): readonly AnyEvidence[] {
  const { database, trouble, random, index } = made;
  const server: readonly [string, string, string] = ['server db1:5432', 'pg_database', 'db1:5432'];
  const inside = (operation: string) => ['server db1:5432', operation, `db1:5432/${database.name}`] as const;
  const databaseOid = 20_000 + index;
  const blind = trouble === 'unreachable database' ? UNREACHABLE : null;
  const seen = <T>(items: readonly T[]): readonly T[] => (blind === null ? items : []);
  const runs = Array.from({ length: RUNS }, (_, day) => runOf(made, day));
  const copies = [NEAR, FAR].map((place) => ({
    place,
    items:
      trouble === 'no copies' ? [] : Array.from({ length: COPIES_PER_LOCATION }, (_, day) => copyOf(made, place, day)),
  }));
  return [
    told(made, 'backup-run', database, dataset('backup_runs'), runs),
    ...copies.map(({ place, items }) =>
      told(
        made,
        'copy',
        database,
        [`location ${place}`, 'list, and read the newest to its end', `/backup/${place}`],
        items,
      ),
    ),
    told(made, 'database-state', database, server, [
      { exists: true, databaseOid, sizeBytes: 8_000_000 + random.whole(1_000_000) },
    ]),
    told(
      made,
      'catalogue',
      database,
      inside('pg_class'),
      seen([
        {
          databaseOid,
          tables: Array.from({ length: TABLES }, (_, at) => ({
            oid: 30_000 + 3 * at,
            name: `novantra.table_of_the_product_${at}`,
          })),
        },
      ]),
      blind,
    ),
    told(
      made,
      'audit-head',
      database,
      inside('dataset audit_head'),
      seen([{ position: String(1000 + random.whole(100_000)), recordedAt: hoursAgo(1) }]),
      blind,
    ),
    told(
      made,
      'artifact-count',
      database,
      inside('dataset artifacts, counted'),
      seen(
        Array.from({ length: FILE_COPIES * 2 }, (_, at) => ({
          after: hoursAgo(15 + 24 * Math.floor(at / 2) - (at % 2) * 0.25),
          count: 3 * Math.floor(at / 2),
        })),
      ),
      blind,
    ),
    told(
      made,
      'access-rights',
      database,
      inside('grants in the database'),
      seen([{ canWrite: false, because: 'role recoverage_ro may write no table, sequence, schema or database here' }]),
      blind,
    ),
  ];
}

function copyAge(made: Maker, day: number): number {
  return 16 + 24 * day + (made.trouble === 'stale copies' ? 24 * 4 : 0);
}

function copyPath(made: Maker, day: number): string {
  return `${hoursAgo(copyAge(made, day)).slice(0, 10)}/${made.database.name}.dump`;
}

function runOf(made: Maker, day: number): Facts['backup-run'] {
  const hours = copyAge(made, day);
  return {
    runId: `run-${made.index}-${day}`,
    planId: 'plan-1',
    status: 'succeeded',
    startedAt: hoursAgo(hours),
    finishedAt: hoursAgo(hours - 0.1),
    artifactUri: `file:///backup/${FAR}/${copyPath(made, day)}`,
    artifactBytes: 1_000_000 + made.index,
    sha256: null,
    error: null,
  };
}

function copyOf(made: Maker, place: string, day: number): Facts['copy'] {
  const { database, trouble, index } = made;
  const moment = hoursAgo(copyAge(made, day));
  const newest = day === 0;
  const damaged = trouble === 'damaged copies' && day < 2;
  const leftOut = trouble === 'one table left out' ? 5 : -1;
  return {
    ...DEFAULT_FACTS.copy,
    location: place,
    path: copyPath(made, day),
    bytes: 1_000_000 + index,
    modifiedAt: hoursAgo(copyAge(made, day) - 0.1),
    foundName: database.name,
    claimedName: database.name,
    databaseOid: 20_000 + index,
    tableOids: Array.from({ length: TABLES }, (_, at) => 30_000 + 3 * at).filter((_, at) => at !== leftOut),
    tableNames: null,
    tablesComplete: newest,
    moment: { notBefore: moment, notAfter: moment, origin: 'start of the dump, zone of the location' },
    integrity: damaged ? 'incomplete' : 'complete',
    integrityBecause: damaged
      ? 'it ends inside a block'
      : newest
        ? 'read to its last byte, every block ends where its header says'
        : 'its table of contents is whole and every block it names lies inside the file',
    readToEnd: newest,
  };
}
