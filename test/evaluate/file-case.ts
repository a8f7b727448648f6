import type { Control } from '../../src/model/control.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Subject } from '../../src/model/subject.ts';
import {
  evidence,
  HOST,
  INSTALL,
  type JudgeOptions,
  judge,
  node,
  ORGANIZATION,
  scopeOf,
  subject,
  TENANT_DATABASE,
  TENANT_STORE,
} from './fixture.ts';

type Items<K extends FactKind> = readonly Partial<Facts[K]>[] | 'blind';

/** Where backup sets of files lie; in another failure domain unless a case says otherwise. */
export const SETS = subject('location', 'sets');

/** What was seen of files; whatever is not given is as on a well-run install. */
export interface FileCase extends JudgeOptions {
  readonly bindings?: Items<'storage-binding'>;
  readonly organizations?: Items<'organization'>;
  readonly rows?: Items<'tenant-database'>;
  readonly runs?: Items<'backup-run'>;
  readonly overlaps?: Items<'store-overlap'>;
  readonly store?: Items<'store-state'>;
  readonly versioning?: Items<'store-versioning'>;
  readonly locks?: Items<'store-object-lock'>;
  readonly rules?: Items<'store-replication'>;
  readonly replicas?: Items<'store-replica'>;
  readonly lifecycle?: Items<'store-lifecycle'>;
  readonly encryption?: Items<'store-encryption'>;
  /** The files need no key of a key service unless a case says otherwise. */
  readonly keysNeeded?: Items<'custody'>;
  readonly keyStates?: Items<'key-state'>;
  readonly block?: Items<'store-access-block'>;
  readonly policyOfBucket?: Items<'store-policy'>;
  readonly acl?: Items<'store-acl'>;
  readonly samples?: Items<'file-sample'>;
  /** No second copy is declared unless a case says otherwise. */
  readonly copySamples?: Items<'file-copy-sample'>;
  /** Nobody asks for it unless a case says otherwise. */
  readonly inventory?: Items<'file-inventory'>;
  readonly listed?: Items<'artifact-prefix'>;
  readonly former?: Items<'former-store'>;
  /** Attestations about the store, and about the install host. */
  readonly attested?: readonly Partial<Facts['declaration']>[];
  readonly hostAttested?: readonly Partial<Facts['declaration']>[];
  /** Of the place where backup sets lie. */
  readonly setsLock?: Items<'store-object-lock'>;
  readonly setsVersioning?: Items<'store-versioning'>;
  readonly setsAttested?: readonly Partial<Facts['declaration']>[];
  readonly storeDomain?: Items<'failure-domain'>;
  readonly counts?: Items<'artifact-count'>;
  readonly copies?: Items<'file-copy'>;
  readonly setsDomain?: Items<'failure-domain'>;
  readonly hostFiles?: Items<'host-file'>;
}

/** Judges the organization, whose store is a bucket. */
export function judgeOrganization(control: Control, seen: FileCase = {}): Finding {
  return judge(control, node(ORGANIZATION), scopeIn(seen), seen);
}

/** Judges the organization's store: a bucket in another account, with versions, a lock and no backup set. */
export function judgeStore(control: Control, seen: FileCase = {}): Finding {
  return judge(control, node(TENANT_STORE), scopeIn(seen), seen);
}

/** Judges the install host, whose bootstrap file is in a backup set. */
export function judgeHost(control: Control, seen: FileCase = {}): Finding {
  const copies = seen.copies ?? [{ sourcePath: '/etc/novantra/bootstrap.env', digest: 'digest-1' }];
  const own = [items('host-file', HOST, seen.hostFiles ?? [{}]), items('file-copy', HOST, copies)];
  return judge(control, node(HOST), scopeOf({ install: part(seen, own) }), seen);
}

function part(seen: FileCase, more: readonly AnyEvidence[]) {
  const domain = items('failure-domain', SETS, seen.setsDomain ?? [{ host: 'backup-1' }]);
  return {
    nodes: [INSTALL, SETS, HOST].map(node),
    evidence: [
      domain,
      items('store-object-lock', SETS, seen.setsLock ?? [{ enabled: false, mode: null, days: null }]),
      items('store-versioning', SETS, seen.setsVersioning ?? [{ state: 'off' }]),
      evidence('declaration', INSTALL, []),
      ...declarations(SETS, seen.setsAttested),
      ...declarations(HOST, seen.hostAttested),
      ...more,
    ],
  };
}

function scopeIn(seen: FileCase) {
  const bucket = { host: null, account: '111122223333', region: 'eu-central-1' };
  return scopeOf({
    install: part(seen, []),
    organization: {
      evidence: [
        items('organization', ORGANIZATION, seen.organizations ?? [{}]),
        items('tenant-database', ORGANIZATION, seen.rows ?? [{ createdAt: null }]),
        items('backup-run', TENANT_DATABASE, seen.runs ?? []),
        items('restore-test', ORGANIZATION, []),
        items('key-version', ORGANIZATION, []),
        items('database-state', TENANT_DATABASE, [{}]),
        items('artifact-count', TENANT_DATABASE, seen.counts ?? []),
        items('storage-binding', ORGANIZATION, seen.bindings ?? [{}]),
        items('store-overlap', ORGANIZATION, seen.overlaps ?? []),
        items('store-state', TENANT_STORE, seen.store ?? [{}]),
        items('store-versioning', TENANT_STORE, seen.versioning ?? [{}]),
        items('store-object-lock', TENANT_STORE, seen.locks ?? [{}]),
        items('store-replication', TENANT_STORE, seen.rules ?? []),
        items('store-replica', TENANT_STORE, seen.replicas ?? []),
        items('store-lifecycle', TENANT_STORE, seen.lifecycle ?? []),
        items('store-encryption', TENANT_STORE, seen.encryption ?? [{}]),
        items('custody', TENANT_STORE, seen.keysNeeded ?? [{ needs: [] }]),
        ...(seen.keyStates === undefined ? [] : [items('key-state', TENANT_STORE, seen.keyStates)]),
        items('store-access-block', TENANT_STORE, seen.block ?? [{}]),
        items('store-policy', TENANT_STORE, seen.policyOfBucket ?? [{}]),
        items('store-acl', TENANT_STORE, seen.acl ?? [{}]),
        items('file-sample', TENANT_STORE, seen.samples ?? [{}]),
        items('file-copy-sample', TENANT_STORE, seen.copySamples ?? []),
        ...(seen.inventory === undefined ? [] : [items('file-inventory', TENANT_STORE, seen.inventory)]),
        items('artifact-prefix', TENANT_DATABASE, seen.listed ?? []),
        items('former-store', ORGANIZATION, seen.former ?? []),
        ...declarations(TENANT_STORE, seen.attested),
        items('failure-domain', TENANT_STORE, seen.storeDomain ?? [bucket]),
        items('file-copy', TENANT_STORE, seen.copies ?? []),
      ],
    },
  });
}

function declarations(about: Subject, seen: readonly Partial<Facts['declaration']>[] = []): readonly AnyEvidence[] {
  return seen.map((one) => evidence('declaration', about, [one], { grade: 'declared' }));
}

function items<K extends FactKind>(kind: K, about: Subject, seen: Items<K>): AnyEvidence {
  return seen === 'blind' ? evidence(kind, about, [], { blind: true }) : evidence(kind, about, seen);
}
