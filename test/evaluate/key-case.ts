import type { Control } from '../../src/model/control.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Subject } from '../../src/model/subject.ts';
import {
  evidence,
  INSTALL,
  INSTALL_DATABASE,
  INSTALL_KEYRING,
  type JudgeOptions,
  judge,
  LOCATION,
  node,
  ORGANIZATION,
  PROVIDER,
  scopeOf,
  TENANT_DATABASE,
  TENANT_KEYRING,
} from './fixture.ts';

type Items<K extends FactKind> = readonly Partial<Facts[K]>[] | 'blind';

/** What was seen of a keyring and its provider; whatever is not given is as on a well-run install. */
export interface KeyCase extends JudgeOptions {
  readonly organizations?: Items<'organization'>;
  readonly keyrings?: Items<'keyring'>;
  readonly records?: Items<'key-version'>;
  readonly key?: Items<'key-state'>;
  readonly settings?: Items<'key-settings'>;
  readonly rotation?: Items<'key-rotation'>;
  readonly provider?: Items<'provider-state'>;
  /** Where the install database records it to be; not given: where the configuration states. */
  readonly recordedProvider?: Items<'provider-record'>;
  readonly snapshots?: Items<'provider-snapshot'>;
  readonly snapshotKeys?: Items<'snapshot-key'>;
  readonly proofs?: Items<'unwrap-proof'>;
  readonly copies?: Items<'copy'>;
  readonly providerDomain?: Items<'failure-domain'>;
  readonly locationDomain?: Items<'failure-domain'>;
  readonly peers?: Items<'provider-peer'>;
  readonly resource?: Items<'vault-resource'>;
  readonly custody?: Items<'custody'>;
  readonly keyPeers?: Items<'key-peer'>;
  /** What is attested of the provider, beside `attested`. */
  readonly attestedOfProvider?: readonly Partial<Facts['declaration']>[];
  /** What is attested of the keyring, beside `attested`. */
  readonly attestedOfKey?: readonly Partial<Facts['declaration']>[];
  readonly attested?: readonly Facts['declaration']['statement'][];
}

/** Judges the keyring of the organization; Vault stands on the lost host, snapshots and dumps on another. */
export function judgeKeyring(control: Control, seen: KeyCase = {}): Finding {
  return judge(control, node(TENANT_KEYRING), scopeIn(seen), seen);
}

/** Judges the keyring of the install, which has no key-version records. */
export function judgeInstallKeyring(control: Control, seen: KeyCase = {}): Finding {
  const keyring = { keyringId: INSTALL_KEYRING.key, keyRef: 'install', currentVersion: 1 };
  const madeAt = '2025-01-10T09:00:00.000Z';
  const key = { createdAt: madeAt, versions: [{ version: 1, createdAt: madeAt }] };
  const install = {
    evidence: [
      ...shared(seen),
      items('keyring', INSTALL, seen.keyrings ?? [{ ...keyring, rotatedAt: '2025-01-10T09:30:00.000Z' }]),
      items('key-state', INSTALL_KEYRING, seen.key ?? [key]),
      items('snapshot-key', INSTALL_KEYRING, seen.snapshotKeys ?? [{}]),
      ...(seen.proofs === undefined ? [] : [items('unwrap-proof', INSTALL_KEYRING, seen.proofs)]),
      items('copy', INSTALL_DATABASE, seen.copies ?? [{}]),
      items('database-state', INSTALL_DATABASE, [{}]),
      items('catalogue', INSTALL_DATABASE, [{}]),
      ...(seen.keyPeers === undefined ? [] : [items('key-peer', INSTALL_KEYRING, seen.keyPeers)]),
      ...declarations(INSTALL_KEYRING, seen.attestedOfKey),
    ],
  };
  return judge(control, node(INSTALL_KEYRING), scopeOf({ install }), seen);
}

/** Judges the provider. */
export function judgeProvider(control: Control, seen: KeyCase = {}): Finding {
  return judge(control, node(PROVIDER), scopeOf({ install: { evidence: shared(seen) } }), seen);
}

function scopeIn(seen: KeyCase) {
  return scopeOf({
    install: { evidence: shared(seen) },
    organization: {
      evidence: [
        items('organization', ORGANIZATION, seen.organizations ?? [{}]),
        items('keyring', ORGANIZATION, seen.keyrings ?? [{}]),
        items('tenant-database', ORGANIZATION, [{}]),
        items('key-version', ORGANIZATION, seen.records ?? [{}]),
        items('key-state', TENANT_KEYRING, seen.key ?? [{}]),
        items('key-settings', TENANT_KEYRING, seen.settings ?? [{}]),
        items('key-rotation', TENANT_KEYRING, seen.rotation ?? [{}]),
        items('snapshot-key', TENANT_KEYRING, seen.snapshotKeys ?? [{}]),
        ...(seen.keyPeers === undefined ? [] : [items('key-peer', TENANT_KEYRING, seen.keyPeers)]),
        ...(seen.proofs === undefined ? [] : [items('unwrap-proof', TENANT_KEYRING, seen.proofs)]),
        items('copy', TENANT_DATABASE, seen.copies ?? [{}]),
        items('database-state', TENANT_DATABASE, [{}]),
        items('catalogue', TENANT_DATABASE, [{}]),
        ...attestations(TENANT_KEYRING, seen.attested ?? []),
        ...declarations(TENANT_KEYRING, seen.attestedOfKey),
      ],
    },
  });
}

function shared(seen: KeyCase): readonly AnyEvidence[] {
  return [
    items('declaration', INSTALL, []),
    items('provider-state', PROVIDER, seen.provider ?? [{}]),
    ...(seen.recordedProvider === undefined ? [] : [items('provider-record', PROVIDER, seen.recordedProvider)]),
    items('provider-snapshot', PROVIDER, seen.snapshots ?? [{}]),
    ...(seen.peers === undefined ? [] : [items('provider-peer', PROVIDER, seen.peers)]),
    ...(seen.custody === undefined ? [] : [items('custody', PROVIDER, seen.custody)]),
    ...(seen.resource === undefined ? [] : [items('vault-resource', PROVIDER, seen.resource)]),
    ...declarations(PROVIDER, seen.attestedOfProvider),
    items('failure-domain', PROVIDER, seen.providerDomain ?? [{ host: 'install-1' }]),
    items('failure-domain', LOCATION, seen.locationDomain ?? [{ host: 'backup-1' }]),
    ...attestations(PROVIDER, seen.attested ?? []),
  ];
}

function attestations(about: Subject, statements: readonly string[]): readonly AnyEvidence[] {
  return statements.map((statement) => evidence('declaration', about, [{ statement }], { grade: 'declared' }));
}

function declarations(about: Subject, list: readonly Partial<Facts['declaration']>[] = []): readonly AnyEvidence[] {
  return list.map((one) => evidence('declaration', about, [one], { grade: 'declared' }));
}

function items<K extends FactKind>(kind: K, about: Subject, seen: Items<K>): AnyEvidence {
  return seen === 'blind' ? evidence(kind, about, [], { blind: true }) : evidence(kind, about, seen);
}
