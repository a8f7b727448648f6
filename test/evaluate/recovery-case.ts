import { rec1 } from '../../src/evaluate/controls/rec-1.ts';
import { rec2 } from '../../src/evaluate/controls/rec-2.ts';
import { rec3 } from '../../src/evaluate/controls/rec-3.ts';
import { recoveryPoint } from '../../src/evaluate/recovery-point.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Subject } from '../../src/model/subject.ts';
import {
  CLUSTER,
  contextOf,
  evidence,
  HOST,
  INSTALL,
  INSTALL_DATABASE,
  INSTALL_KEYRING,
  INSTALL_NODES,
  type JudgeOptions,
  judgeFully,
  LOCATION,
  node,
  ORGANIZATION,
  PROVIDER,
  scopeOf,
  subject,
  TENANT_DATABASE,
  TENANT_KEYRING,
  TENANT_STORE,
} from './fixture.ts';

type Items<K extends FactKind> = readonly Partial<Facts[K]>[] | 'blind';

/** Where backup sets of files lie. */
const SETS = subject('location', 'sets');

/**
 * What was seen of an organization and its install. Whatever is not given is as on a well-run install: servers, Vault
 * and files stand on the lost host; dumps, snapshots and backup sets on another.
 */
export interface RecoveryCase extends JudgeOptions {
  readonly organizations?: Items<'organization'>;
  readonly rows?: Items<'tenant-database'>;
  readonly runs?: Items<'backup-run'>;
  readonly restoreTests?: Items<'restore-test'>;
  readonly copies?: Items<'copy'>;
  readonly states?: Items<'database-state'>;
  readonly catalogues?: Items<'catalogue'>;
  readonly counts?: Items<'artifact-count'>;
  readonly installCopies?: Items<'copy'>;
  readonly installStates?: Items<'database-state'>;
  readonly install?: Items<'install'>;
  readonly installKeyring?: Partial<Facts['keyring']>;
  readonly installKey?: Items<'key-state'>;
  readonly clusterDomain?: Items<'failure-domain'>;
  readonly locationDomain?: Items<'failure-domain'>;
  readonly setsDomain?: Items<'failure-domain'>;
  readonly keyrings?: Items<'keyring'>;
  readonly records?: Items<'key-version'>;
  readonly key?: Items<'key-state'>;
  readonly provider?: Items<'provider-state'>;
  readonly providerDomain?: Items<'failure-domain'>;
  readonly snapshots?: Items<'provider-snapshot'>;
  /** Nothing is needed to open providers and locations, unless somebody else says what is. */
  readonly custody?: 'given elsewhere';
  readonly snapshotKeys?: Items<'snapshot-key'>;
  /** Records of unwrapped samples; none where nobody asked for it. */
  readonly proofs?: readonly AnyEvidence[];
  readonly installProofs?: readonly AnyEvidence[];
  readonly bindings?: Items<'storage-binding'>;
  readonly store?: Items<'store-state'>;
  readonly storeDomain?: Items<'failure-domain'>;
  readonly keysOfStore?: Items<'custody'>;
  readonly statesOfStoreKeys?: Items<'key-state'>;
  readonly fileCopies?: Items<'file-copy'>;
}

export interface JudgedRecovery {
  readonly rec1: Finding;
  readonly rec2: Finding;
  readonly rec3: Finding;
  /** Names of the parts of REC-1 that do not hold, each with its truth. */
  readonly broken: Readonly<Record<string, string>>;
  readonly point: string | null;
}

const LOST = [{ host: 'install-1' }];
const ELSEWHERE = [{ host: 'backup-1' }];

/** The subjects of the install, and what was seen of them. */
export const RECOVERY_NODES = [...INSTALL_NODES, node(SETS)];
export function installEvidence(seen: RecoveryCase = {}): readonly AnyEvidence[] {
  const installKeyring = { keyringId: INSTALL_KEYRING.key, keyRef: 'install', rotatedAt: '2025-02-01T09:30:00.000Z' };
  return [
    items('declaration', INSTALL, []),
    items('backup-plan', INSTALL, [{}]),
    ...(seen.install === undefined ? [] : [items('install', INSTALL, seen.install)]),
    items('keyring', INSTALL, [{ ...installKeyring, ...seen.installKeyring }]),
    items('copy', INSTALL_DATABASE, seen.installCopies ?? [{ path: 'novantra.dump' }]),
    items('database-state', INSTALL_DATABASE, seen.installStates ?? [{}]),
    items('catalogue', INSTALL_DATABASE, [{}]),
    items('key-state', INSTALL_KEYRING, seen.installKey ?? [{}]),
    items('snapshot-key', INSTALL_KEYRING, [{}]),
    ...(seen.installProofs ?? []),
    items('failure-domain', CLUSTER, seen.clusterDomain ?? LOST),
    items('provider-state', PROVIDER, seen.provider ?? [{}]),
    items('provider-snapshot', PROVIDER, seen.snapshots ?? [{}]),
    items('failure-domain', PROVIDER, seen.providerDomain ?? LOST),
    ...(seen.custody === 'given elsewhere'
      ? []
      : [
          items('failure-domain', HOST, LOST),
          items('file-copy', HOST, []),
          ...[PROVIDER, LOCATION, SETS].map((one) => items('custody', one, [{}])),
        ]),
    items('failure-domain', LOCATION, seen.locationDomain ?? ELSEWHERE),
    items('failure-domain', SETS, seen.setsDomain ?? ELSEWHERE),
  ];
}

export function judgeRecovery(seen: RecoveryCase = {}): JudgedRecovery {
  const scope = scopeOf({
    install: { nodes: RECOVERY_NODES, evidence: installEvidence(seen) },
    organization: {
      evidence: [
        items('organization', ORGANIZATION, seen.organizations ?? [{}]),
        items('backup-plan', ORGANIZATION, []),
        items('tenant-database', ORGANIZATION, seen.rows ?? [{ createdAt: null }]),
        items('copy', TENANT_DATABASE, seen.copies ?? [{}]),
        items('backup-run', TENANT_DATABASE, seen.runs ?? []),
        items('restore-test', ORGANIZATION, seen.restoreTests ?? []),
        items('database-state', TENANT_DATABASE, seen.states ?? [{}]),
        items('catalogue', TENANT_DATABASE, seen.catalogues ?? [{}]),
        items('artifact-count', TENANT_DATABASE, seen.counts ?? []),
        items('keyring', ORGANIZATION, seen.keyrings ?? [{}]),
        items('key-version', ORGANIZATION, seen.records ?? [{}]),
        items('key-state', TENANT_KEYRING, seen.key ?? [{}]),
        items('snapshot-key', TENANT_KEYRING, seen.snapshotKeys ?? [{}]),
        ...(seen.proofs ?? []),
        items('storage-binding', ORGANIZATION, seen.bindings ?? [{}]),
        items('store-state', TENANT_STORE, seen.store ?? [{}]),
        items('failure-domain', TENANT_STORE, seen.storeDomain ?? LOST),
        ...(seen.keysOfStore === undefined ? [] : [items('custody', TENANT_STORE, seen.keysOfStore)]),
        ...(seen.statesOfStoreKeys === undefined ? [] : [items('key-state', TENANT_STORE, seen.statesOfStoreKeys)]),
        items('file-copy', TENANT_STORE, seen.fileCopies ?? [{}]),
      ],
    },
  });
  const of = node(ORGANIZATION);
  const { finding, parts } = judgeFully(rec1, of, scope, seen);
  return {
    rec1: finding,
    rec2: judgeFully(rec2, of, scope, seen).finding,
    rec3: judgeFully(rec3, of, scope, seen).finding,
    broken: Object.fromEntries(parts.filter(({ truth }) => truth !== 'holds').map(({ name, truth }) => [name, truth])),
    point: recoveryPoint(of, scope, contextOf(ORGANIZATION, seen)),
  };
}

function items<K extends FactKind>(kind: K, about: Subject, seen: Items<K>): AnyEvidence {
  return seen === 'blind' ? evidence(kind, about, [], { blind: true }) : evidence(kind, about, seen);
}
