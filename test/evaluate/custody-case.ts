import { rec1 } from '../../src/evaluate/controls/rec-1.ts';
import { rec5 } from '../../src/evaluate/controls/rec-5.ts';
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
  PROVIDER,
  scopeOf,
  subject,
  TENANT_DATABASE,
  TENANT_KEYRING,
  TENANT_STORE,
} from './fixture.ts';
import { installEvidence, RECOVERY_NODES, type RecoveryCase } from './recovery-case.ts';

type Needs = Facts['custody']['needs'];
type Holder = Needs[number]['heldBy'][number];

/** Another Vault, which holds no key of the install itself. */
export const SECOND = subject('provider', 'vault-2');

/** A well-run install whose two Vaults are lost with the host, with what opens what. Whatever is not given needs nothing. */
export interface CustodyCase extends RecoveryCase, JudgeOptions {
  readonly first?: Partial<Facts['provider-state']> | 'blind';
  readonly second?: Partial<Facts['provider-state']> | 'blind';
  readonly secondSnapshots?: readonly Partial<Facts['provider-snapshot']>[] | 'blind';
  readonly secondDomain?: Partial<Facts['failure-domain']>;
  /** Of a second provider that is an HSM: its peer, and which keys that something leans on are there. */
  readonly secondPeers?: readonly Partial<Facts['provider-peer']>[] | 'blind';
  readonly secondKeysOnPeers?: readonly Partial<Facts['key-peer']>[] | 'blind';
  /** By provider: what it shows of keys that something leans on; those not given are there. */
  readonly keys?: Readonly<Record<string, readonly Partial<Facts['key-state']>[] | 'blind'>>;
  readonly opens?: Readonly<Record<string, Needs | 'blind'>>;
  readonly hostCopies?: readonly Partial<Facts['file-copy']>[];
  readonly attested?: boolean;
  /** Statements about the first Vault. */
  readonly attestedOfFirst?: readonly string[];
  readonly attestedOfSecond?: readonly string[];
}

export function held(
  what: Needs[number]['what'],
  heldBy: readonly (Pick<Holder, 'kind' | 'name'> & Partial<Holder>)[],
  origin: Needs[number]['origin'] = 'stated',
): Needs[number] {
  return {
    what,
    origin,
    heldBy: heldBy.map((one) => ({
      key: what !== 'passphrase' && one.kind === 'provider' ? 'kept' : null,
      account: null,
      region: null,
      ...one,
    })),
  };
}

const LOCATION_KEYS = ['dumps', 'sets'];

function scopeFor(seen: CustodyCase, isInstall: boolean) {
  const opens = (about: Subject): AnyEvidence => {
    const needs = seen.opens?.[about.key] ?? [];
    if (needs === 'blind') return items('custody', about, 'blind');
    const grade = needs.some(({ origin }) => origin === 'stated') ? 'declared' : 'observed';
    return evidence('custody', about, [{ needs }], { grade });
  };
  const first = seen.first === 'blind' ? 'blind' : [seen.first ?? {}];
  const second =
    seen.second === 'blind' ? 'blind' : [{ mounts: [{ path: 'transit', uuid: 'mount-2' }], ...seen.second }];
  const shared = [
    ...installEvidence({
      ...seen,
      custody: 'given elsewhere',
      provider: first,
      snapshots: sealedAs(seen.first, seen.snapshots ?? [{}]),
    }),
    ...(seen.attested === true
      ? [
          evidence('declaration', INSTALL, [{ statement: 'infrastructure-credentials-outside-host' }], {
            grade: 'declared',
          }),
        ]
      : []),
    ...(seen.attestedOfFirst ?? []).map((statement) =>
      evidence('declaration', PROVIDER, [{ statement }], { grade: 'declared' }),
    ),
    ...(seen.attestedOfSecond ?? []).map((statement) =>
      evidence('declaration', SECOND, [{ statement }], { grade: 'declared' }),
    ),
    ...(seen.secondPeers === undefined
      ? []
      : [
          items('provider-peer', PROVIDER, []),
          items('key-peer', PROVIDER, []),
          items('provider-peer', SECOND, seen.secondPeers),
          items('key-peer', SECOND, seen.secondKeysOnPeers ?? []),
        ]),
    items('provider-state', SECOND, second),
    items(
      'provider-snapshot',
      SECOND,
      sealedAs(seen.second, seen.secondSnapshots ?? [{ path: 'second.snap', mountUuids: ['mount-2'] }]),
    ),
    items('failure-domain', SECOND, [seen.secondDomain ?? { host: 'install-1' }]),
    items('failure-domain', HOST, [{ host: 'install-1' }]),
    items('file-copy', HOST, seen.hostCopies ?? []),
    opens(PROVIDER),
    opens(SECOND),
    items('key-state', PROVIDER, seen.keys?.[PROVIDER.key] ?? keysLeanedOn(seen, PROVIDER.key)),
    items('key-state', SECOND, seen.keys?.[SECOND.key] ?? keysLeanedOn(seen, SECOND.key)),
    ...LOCATION_KEYS.map((key) => opens(subject('location', key))),
  ];
  const organization = [
    items('organization', ORGANIZATION, [{}]),
    items('backup-plan', ORGANIZATION, []),
    items('tenant-database', ORGANIZATION, [{ createdAt: null }]),
    items('key-version', ORGANIZATION, [{}]),
    items('snapshot-key', TENANT_KEYRING, [{}]),
    items('backup-run', TENANT_DATABASE, []),
    items('restore-test', ORGANIZATION, []),
    items('copy', TENANT_DATABASE, seen.copies ?? [{}]),
    items('database-state', TENANT_DATABASE, [{}]),
    items('catalogue', TENANT_DATABASE, [{}]),
    items('keyring', ORGANIZATION, seen.keyrings ?? [{}]),
    items('key-state', TENANT_KEYRING, [{}]),
    items('storage-binding', ORGANIZATION, [{}]),
    items('store-state', TENANT_STORE, [{}]),
    items('failure-domain', TENANT_STORE, seen.storeDomain ?? [{ host: 'install-1' }]),
    ...(seen.keysOfStore === undefined ? [] : [items('custody', TENANT_STORE, seen.keysOfStore)]),
    ...(seen.statesOfStoreKeys === undefined ? [] : [items('key-state', TENANT_STORE, seen.statesOfStoreKeys)]),
    items('file-copy', TENANT_STORE, seen.fileCopies ?? [{}]),
  ];
  const install = { nodes: [...RECOVERY_NODES, node(SECOND)], evidence: shared };
  return isInstall ? scopeOf({ install }) : scopeOf({ install, organization: { evidence: organization } });
}

/** Every key of a provider that something leans on, as one that is there. */
function keysLeanedOn({ opens }: CustodyCase, provider: string): readonly Partial<Facts['key-state']>[] {
  const holders = Object.values(opens ?? {}).flatMap((needs) =>
    needs === 'blind' ? [] : needs.flatMap(({ heldBy }) => heldBy),
  );
  return holders.flatMap(({ name, key }) => (name === provider && key !== null ? [{ keyRef: key }] : []));
}

/** Snapshots that tell the seal of their Vault, where they are not given another. */
function sealedAs(
  provider: CustodyCase['first'],
  snapshots: readonly Partial<Facts['provider-snapshot']>[] | 'blind',
): readonly Partial<Facts['provider-snapshot']>[] | 'blind' {
  if (snapshots === 'blind' || provider === 'blind' || provider?.sealType === undefined) return snapshots;
  const { sealType } = provider;
  return snapshots.map((one) => ({ sealType, ...one }));
}

/** REC-5 of the organization. */
export function judgeDependence(seen: CustodyCase = {}): Finding {
  return judge(rec5, node(ORGANIZATION), scopeFor(seen, false), seen);
}

/** REC-5 of the install. */
export function judgeInstallDependence(seen: CustodyCase = {}): Finding {
  return judge(rec5, node(INSTALL), scopeFor(seen, true), seen);
}

/** REC-1 of the organization. */
export function judgeRecoverable(seen: CustodyCase = {}): Finding {
  return judge(rec1, node(ORGANIZATION), scopeFor(seen, false), seen);
}

/** REC-1 of the install. */
export function judgeInstallRecoverable(seen: CustodyCase = {}): Finding {
  return judge(rec1, node(INSTALL), scopeFor(seen, true), seen);
}

/** Everything of a world in which a control judges the first Vault. */
export function providerScope(seen: CustodyCase = {}) {
  return scopeFor(seen, true);
}

function items<K extends FactKind>(kind: K, about: Subject, seen: readonly Partial<Facts[K]>[] | 'blind'): AnyEvidence {
  return seen === 'blind' ? evidence(kind, about, [], { blind: true }) : evidence(kind, about, seen);
}
