import type { AnyEvidence, Evidence } from '../../model/evidence.ts';
import type { FactKind, Facts } from '../../model/facts.ts';
import { DAY, HOUR, type Instant, MINUTE, toInstant, toMillis } from '../../model/instant.ts';
import type { Subject, SubjectNode } from '../../model/subject.ts';

/*
 * A small install that is run well, made up as of an instant, into which gaps are planted to see whether they are still
 * found. It knows facts and no control.
 */

const ID = 'org_00planted';
const about = (kind: Subject['kind'], key: string, organizationId: string | null = null): Subject => ({
  kind,
  key,
  organizationId,
  name: `${key} (made up)`,
});

export const SUBJECTS = {
  install: about('install', 'inst_00planted'),
  host: about('host', 'planted-host'),
  cluster: about('cluster', '7000000000000000001'),
  provider: about('provider', 'planted-provider'),
  location: about('location', 'planted-location'),
  organization: about('organization', ID, ID),
  database: about('database', `${ID}/planted`, ID),
} as const;

/** A record of the made-up install, with whose part it is in. */
export interface MadeUpRecord {
  readonly part: 'install' | 'organization';
  readonly record: AnyEvidence;
}

export const INSTALL_NODES: readonly SubjectNode[] = [
  SUBJECTS.install,
  SUBJECTS.host,
  SUBJECTS.cluster,
  SUBJECTS.provider,
  SUBJECTS.location,
].map((subject) => ({ subject }));

export const ORGANIZATION_NODES: readonly SubjectNode[] = [
  { subject: SUBJECTS.organization },
  { subject: SUBJECTS.database, cluster: SUBJECTS.cluster.key },
];

/** Facts of the sound install, by their kind; a plant changes one of them. */
export interface SoundFacts {
  readonly 'organization-list': Facts['organization-list'];
  readonly 'provider-state': Facts['provider-state'];
  readonly 'host-file': Facts['host-file'];
  readonly 'file-copy': Facts['file-copy'];
  readonly 'restore-test': Facts['restore-test'];
  readonly copy: Facts['copy'];
}

const BOOTSTRAP = '/etc/novantra/bootstrap.env';

export function soundFacts(asOf: Instant): SoundFacts {
  const ago = (millis: number) => toInstant(toMillis(asOf) - millis);
  const night = ago(9 * HOUR);
  return {
    'organization-list': { counted: 1, streamed: 1, idsDifferingInCase: [] },
    'provider-state': {
      kind: 'vault-transit',
      initialized: true,
      sealed: false,
      version: null,
      clusterId: null,
      sealType: 'shamir',
      sealThreshold: 3,
      sealShares: 5,
      account: null,
      region: null,
      mounts: null,
      raftServers: null,
      raftAppliedIndex: null,
    },
    'host-file': { role: 'bootstrap', path: BOOTSTRAP, exists: true, mode: '0640', digest: 'as-it-is' },
    'file-copy': {
      location: SUBJECTS.location.key,
      copy: 'planted-set',
      moment: night,
      complete: true,
      because: 'its completion marker is there',
      sourcePath: BOOTSTRAP,
      present: true,
      digest: 'as-it-is',
    },
    'restore-test': {
      validationId: 'planted-test',
      organizationId: null,
      performedAt: ago(20 * DAY),
      outcome: 'succeeded',
      productVersion: '1.0.0',
      keyProviderUsed: true,
      chainVerified: true,
      signInConfirmed: true,
      durationSeconds: 600,
      cleanedUp: true,
    },
    copy: {
      location: SUBJECTS.location.key,
      path: 'planted.dump',
      method: 'pg_dump',
      format: 'custom',
      bytes: 1_000_000,
      modifiedAt: night,
      foundName: 'planted',
      claimedName: 'planted',
      nameAgrees: true,
      sameNameDatabases: 1,
      databaseOid: 16_400,
      tableOids: [16_401],
      tableNames: ['public.items'],
      tablesComplete: true,
      tablesWithoutRows: [],
      scope: 'full',
      moment: { notBefore: night, notAfter: toInstant(toMillis(night) + MINUTE), origin: 'made up' },
      serverVersion: '18.1',
      toolVersion: '18.1',
      integrity: 'complete',
      integrityBecause: 'it ends where its format says',
      readToEnd: true,
      sha256: null,
      encrypted: true,
    },
  };
}

/** Every record of an install with these facts, all questions answered completely. */
export function madeUpRecords(asOf: Instant, facts: SoundFacts): readonly MadeUpRecord[] {
  const ago = (millis: number) => toInstant(toMillis(asOf) - millis);
  const { install, host, cluster, provider, location, organization, database } = SUBJECTS;
  const made: MadeUpRecord[] = [];
  const answered = <K extends FactKind>(subject: Subject, kind: K, ...items: readonly Facts[K][]): void => {
    const record: Evidence<K> = {
      id: `planted-${kind}-${subject.kind}`,
      kind,
      subject,
      source: 'made up',
      operation: 'made up',
      locator: 'made up',
      grade: 'observed',
      collectedAt: asOf,
      items,
      blindSpot: null,
    };
    const part = subject.organizationId === null ? 'install' : 'organization';
    made.push({ part, record: record as unknown as AnyEvidence });
  };
  answered(install, 'install', {
    installId: install.key,
    productVersion: '1.0.0',
    channel: null,
    profile: 'default',
    mode: 'sovereign',
    installedAt: ago(400 * DAY),
    lastUpgradedAt: ago(100 * DAY),
    previousVersion: '0.9.0',
  });
  answered(install, 'organization-list', facts['organization-list']);
  answered(install, 'restore-test', facts['restore-test']);
  answered(install, 'declaration');
  answered(install, 'backup-plan', {
    planId: 'planted-plan',
    covers: 'all',
    method: 'pg_dump',
    enabled: true,
    schedule: null,
    timezone: 'UTC',
    retentionDays: 30,
    targetUri: null,
    createdAt: ago(300 * DAY),
  });
  answered(provider, 'provider-state', facts['provider-state']);
  answered(host, 'host-file', facts['host-file']);
  answered(host, 'file-copy', facts['file-copy']);
  const elsewhere = { host: 'another-host', site: null, account: null, region: null, origin: 'stated' } as const;
  answered(location, 'failure-domain', elsewhere);
  answered(cluster, 'cluster', {
    systemIdentifier: cluster.key,
    serverVersion: '18.1',
    majorVersion: 18,
    host: null,
    port: null,
  });
  answered(organization, 'organization', {
    organizationId: ID,
    slug: 'planted',
    name: 'made up',
    state: 'active',
    createdAt: ago(200 * DAY),
    locale: null,
    timezone: null,
    allowedRegions: null,
  });
  answered(organization, 'tenant-database', {
    host: null,
    port: null,
    databaseName: 'planted',
    schemaName: null,
    createdAt: ago(200 * DAY),
  });
  for (const kind of ['backup-plan', 'restore-test', 'key-version'] as const) answered(organization, kind);
  answered(database, 'copy', facts.copy);
  answered(database, 'backup-run');
  answered(database, 'artifact-count');
  answered(database, 'declaration');
  answered(database, 'database-state', { exists: true, databaseOid: 16_400, sizeBytes: 10_000_000 });
  answered(database, 'catalogue', { databaseOid: 16_400, tables: [{ oid: 16_401, name: 'public.items' }] });
  return made;
}
