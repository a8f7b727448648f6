import { type Asker, createAsker } from '../../src/collect/ask.ts';
import type { InstallPart } from '../../src/model/bundle.ts';
import { type AnyEvidence, NO_PLACE } from '../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import { HOUR, type Instant, toInstant, toMillis } from '../../src/model/instant.ts';
import { type Policy, policySchema } from '../../src/model/policy.ts';
import type { Subject, SubjectKind, SubjectNode } from '../../src/model/subject.ts';
import { DEFAULT_FACTS } from '../evaluate/default-facts.ts';

/** End of the generated collection, by which a generated bundle is judged. */
export const FINISHED_AT: Instant = '2026-11-22T18:00:00.000Z';
export const STARTED_AT: Instant = '2026-11-22T17:00:00.000Z';
export const POLICY: Policy = policySchema.parse({ loss: { level: 'host', name: 'install-1' } });

export const CLUSTER = '7300000000000000001';
export const PROVIDER = 'vault-1';
export const NEAR = 'dumps-nearby';
export const FAR = 'dumps-elsewhere';
export const SNAPSHOTS = 'vault-snapshots';
export const BACKUP_SETS = 'backup-sets';

/** The instant that lies so many hours before the end of the collection. */
export function hoursAgo(hours: number): Instant {
  return toInstant(toMillis(FINISHED_AT) - Math.round(hours * HOUR));
}

export function subject(kind: SubjectKind, key: string, organizationId: string | null = null, name = key): Subject {
  return { kind, key, organizationId, name };
}

/** Records answers as the collectors do, received at the instant given. */
export function askerAt(instant: Instant): Asker {
  return createAsker(() => instant, [], new AbortController().signal);
}

/** The id of an organization. */
export function organizationId(index: number): string {
  return `org_${index.toString(36).padStart(26, '0')}`;
}

/** One organization of so many had a restore test; the install part lists the tests of all. */
export const TESTED_EVERY = 20;

export function restoreTest(index: number): Facts['restore-test'] {
  return {
    ...DEFAULT_FACTS['restore-test'],
    validationId: `validation-${index}`,
    organizationId: organizationId(index),
    performedAt: restoreTestedAt(index),
  };
}

function restoreTestedAt(index: number): Instant {
  return hoursAgo(24 * (10 + (index % 60)));
}

/** Snapshots of the key provider, newest first, as paths with the hours since they were taken. */
export const SNAPSHOT_AGES: readonly { readonly path: string; readonly hours: number }[] = [
  { path: 'vault-2026-11-22.snap', hours: 12 },
  { path: 'vault-2026-11-21.snap', hours: 36 },
  { path: 'vault-2026-11-20.snap', hours: 60 },
];

/** The install part of a well-run install with so many organizations. */
export function generatedInstall(organizations: number): InstallPart {
  const install = subject('install', 'install-0001');
  const database = subject('database', 'install/novantra', null, 'novantra');
  const cluster = subject('cluster', CLUSTER, null, 'db1:5432');
  const provider = subject('provider', PROVIDER);
  const keyring = subject('keyring', 'keyring-install');
  const host = subject('host', 'install-1');
  const places = [NEAR, FAR, SNAPSHOTS, BACKUP_SETS].map((name) => subject('location', name));
  const evidence: AnyEvidence[] = [];
  const asker = askerAt(hoursAgo(0.9));
  const tell = <K extends FactKind>(kind: K, about: Subject, source: string, items: readonly Facts[K][]): void => {
    const declared = kind === 'location' || kind === 'failure-domain' || kind === 'declaration';
    const question = { kind, subject: about, source, operation: `read ${kind}`, locator: about.name };
    evidence.push(
      asker.record({ ...question, grade: declared ? 'declared' : 'observed' }, { items }) as unknown as AnyEvidence,
    );
  };
  const like = <K extends FactKind>(kind: K, changes: Partial<Facts[K]> = {}): Facts[K] => ({
    ...DEFAULT_FACTS[kind],
    ...changes,
  });
  const stands = (about: Subject, host: string): void =>
    tell('failure-domain', about, 'configuration', [
      { host, site: null, account: null, region: 'eu-central-1', origin: 'stated' },
    ]);

  tell('declaration', install, 'attestations.yaml', []);
  tell('install', install, 'install database', [like('install')]);
  tell('organization-list', install, 'install database', [
    { counted: organizations, streamed: organizations, idsDifferingInCase: [] },
  ]);
  // As long as the dumps of an organization reach back: older runs need not have theirs any more.
  tell('backup-plan', install, 'install database', [like('backup-plan', { retentionDays: 4 })]);
  const tested = Math.ceil(organizations / TESTED_EVERY);
  tell('restore-test', install, 'install database', [
    like('restore-test', { performedAt: restoreTestedAt(0) }),
    ...Array.from({ length: tested }, (_, at) => restoreTest(at * TESTED_EVERY)),
  ]);
  tell('license', install, 'install database', [
    like('license', {
      maxOrganizations: organizations,
      organizationsNamed: organizations,
      organizationsInstalled: organizations,
    }),
  ]);
  const there = organizations + 2;
  tell('database-list', install, 'server db1:5432', [like('database-list', { databases: there, recorded: there - 1 })]);
  tell('backup-run', database, 'install database', [
    like('backup-run', { artifactUri: `file:///${FAR}/novantra.dump` }),
  ]);
  tell('database-state', database, 'server db1:5432', [like('database-state')]);
  tell('catalogue', database, 'install database', [like('catalogue')]);
  for (const place of [NEAR, FAR]) {
    tell('copy', database, `location ${place}`, [
      like('copy', { location: place, path: 'novantra.dump', foundName: 'novantra', claimedName: 'novantra' }),
    ]);
  }
  tell('cluster', cluster, 'server db1:5432', [like('cluster')]);
  const nowhere = { subject: cluster, source: 'configuration', operation: NO_PLACE, locator: 'configuration file' };
  evidence.push(asker.record({ kind: 'copy', ...nowhere }, { items: [] }));
  tell('globals-copy', cluster, `location ${FAR}`, [like('globals-copy', { location: FAR })]);
  tell('archiver', cluster, 'server db1:5432', [like('archiver', { mode: 'off' })]);
  tell('wal-archive', cluster, 'locations of copies', []);
  tell('clock', cluster, 'server db1:5432', [like('clock')]);
  tell('access-rights', cluster, 'server db1:5432', [like('access-rights')]);
  stands(cluster, 'install-1');
  for (const place of places) {
    const dumps = place.key === NEAR || place.key === FAR;
    const purposes = dumps ? ['dumps'] : place.key === SNAPSHOTS ? ['vault-snapshots'] : ['files'];
    tell('location', place, 'configuration', [{ kind: 'directory', purposes, timezone: 'UTC' }]);
    if (dumps) tell('store-object-lock', place, `location ${place.key}`, []);
    tell('store-encryption', place, `location ${place.key}`, [{ byDefault: 'not-told', algorithm: null }]);
    tell('custody', place, `location ${place.key}`, [{ needs: [] }]);
    if (dumps) {
      const statement = { id: `attestation-${place.key}`, statement: 'encryption-at-rest' };
      tell('declaration', place, 'attestations.yaml', [like('declaration', statement)]);
    }
    tell('orphan-copy', place, `location ${place.key}`, []);
    tell('unmatched-artifact', place, `location ${place.key}`, []);
    stands(place, place.key === NEAR ? 'backup-2' : 'backup-1');
  }
  const row = like('keyring', { keyringId: keyring.key, keyRef: 'install', rotatedAt: '2025-02-01T09:05:00.000Z' });
  tell('keyring', install, 'install database', [row]);
  tell('keyring', keyring, 'install database', [row]);
  tell('key-state', keyring, `provider ${PROVIDER}`, [like('key-state')]);
  tell(
    'snapshot-key',
    keyring,
    `location ${SNAPSHOTS}`,
    SNAPSHOT_AGES.map(({ path, hours }) => ({ location: SNAPSHOTS, path, takenAt: hoursAgo(hours), present: true })),
  );
  for (const [about, statement] of [
    [provider, 'unseal-shares-held'],
    [install, 'infrastructure-credentials-outside-host'],
  ] as const) {
    const id = `attestation-${statement}`;
    tell('declaration', about, 'attestations.yaml', [like('declaration', { id, statement })]);
  }
  tell('provider-state', provider, `provider ${PROVIDER}`, [like('provider-state')]);
  tell('custody', provider, `provider ${PROVIDER}`, [{ needs: [] }]);
  tell('access-rights', provider, `provider ${PROVIDER}`, [like('access-rights')]);
  stands(provider, 'vault-host');
  tell(
    'provider-snapshot',
    provider,
    `location ${SNAPSHOTS}`,
    SNAPSHOT_AGES.map(({ path, hours }) =>
      like('provider-snapshot', { location: SNAPSHOTS, path, takenAt: hoursAgo(hours) }),
    ),
  );
  stands(host, 'install-1');
  for (const role of ['bootstrap', 'state-directory'] as const) {
    const bootstrap = role === 'bootstrap';
    const path = bootstrap ? '/etc/novantra/bootstrap.env' : '/var/lib/novantra/onprem';
    const digest = bootstrap ? 'digest-1' : null;
    tell('host-file', host, 'install host', [like('host-file', { role, path, digest })]);
    tell('file-copy', host, `location ${BACKUP_SETS}`, [
      like('file-copy', { location: BACKUP_SETS, sourcePath: path, digest }),
    ]);
  }
  const nodes: SubjectNode[] = [
    { subject: install },
    { subject: database, cluster: CLUSTER },
    ...places.map((place) => ({ subject: place })),
    { subject: cluster },
    { subject: keyring, provider: PROVIDER },
    { subject: provider },
    { subject: host },
  ];
  return { type: 'install', subjects: nodes, evidence: merged(evidence) };
}

/** Two answers to one question, as of the two host files, get ids of their own. */
function merged(evidence: readonly AnyEvidence[]): AnyEvidence[] {
  return evidence.map((record, index) => ({
    ...record,
    id: `${record.id.slice(0, 12)}${String(index).padStart(4, '0')}`,
  }));
}
