import type { JudgeContext, Observation, Observed, Truth } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import { allOf } from './conclude.ts';
import { type JudgedSnapshot, judgeSnapshots } from './key-snapshots.ts';
import type { INSTALL_KEYS, INSTALL_PROOFS, INSTALLED, ORGANIZATION, OWN_KEYS, OWN_PROOFS } from './recovery-needs.ts';
import { aboutSubject } from './remembered.ts';

/** Everything about the keys of one owner: an organization, or the install itself. */
export interface KeyFacts {
  readonly keyrings: readonly Observation<'keyring'>[];
  /** Null for the install, whose keyring row alone tells its version. */
  readonly records: readonly Observation<'key-version'>[] | null;
  /** Since when the organization, or the install, is there; null where that is not known. */
  readonly createdAt: Instant | null;
  readonly keyStates: readonly Observation<'key-state'>[];
  readonly snapshotKeys: readonly Observation<'snapshot-key'>[];
  readonly providers: readonly Observation<'provider-state'>[];
  readonly providerDomains: readonly Observation<'failure-domain'>[];
  readonly snapshots: readonly Observation<'provider-snapshot'>[];
  readonly keyPeers: readonly Observation<'key-peer'>[];
  readonly peers: readonly Observation<'provider-peer'>[];
  /** Statements that what providers are made anew from is kept. */
  readonly backups: readonly Observation<'declaration'>[];
  /** Statements that imported key material is kept. */
  readonly material: readonly Observation<'declaration'>[];
  /** Statements that single keys of an HSM were exported. */
  readonly exports: readonly Observation<'declaration'>[];
  readonly locationDomains: readonly Observation<'failure-domain'>[];
  /** What came of unwrapping samples; none where nobody asked for it, or it does not matter. */
  readonly proofs: readonly Observation<'unwrap-proof'>[];
}

const NO_PROOFS: KeyFacts['proofs'] = [];

export function ownKeyFacts(
  observed: Observed<typeof OWN_KEYS> &
    Partial<Observed<typeof OWN_PROOFS & typeof INSTALLED & { organizations: typeof ORGANIZATION }>>,
  context: JudgeContext,
): KeyFacts {
  const { proofs = NO_PROOFS } = observed;
  const isOfInstall = context.subject.organizationId === null;
  const createdAt = isOfInstall ? installedAt(observed) : (observed.organizations?.[0]?.value.createdAt ?? null);
  return { ...observed, proofs, createdAt, records: isOfInstall ? null : observed.records };
}

export function installKeyFacts(
  observed: Observed<typeof INSTALL_KEYS> & Partial<Observed<typeof INSTALL_PROOFS & typeof INSTALLED>>,
): KeyFacts {
  return {
    keyrings: observed.installKeyrings,
    records: null,
    createdAt: installedAt(observed),
    keyStates: observed.installKeyStates,
    snapshotKeys: observed.installSnapshotKeys,
    providers: observed.installProviders,
    providerDomains: observed.installProviderDomains,
    snapshots: observed.installSnapshots,
    keyPeers: observed.installKeyPeers,
    peers: observed.installPeers,
    backups: observed.installBackups,
    material: observed.installMaterial,
    exports: observed.installExports,
    locationDomains: observed.locationDomains,
    proofs: observed.installProofs ?? NO_PROOFS,
  };
}

function installedAt({ installs }: Partial<Observed<typeof INSTALLED>>): Instant | null {
  return installs?.[0]?.value.installedAt ?? null;
}

/** A truth with the sentence behind it. */
export interface Reasoned {
  readonly truth: Truth;
  readonly because: string;
  readonly cites: readonly Observation[];
}

/** All of them: it fails where one does, and names what decides. */
export function joined(parts: readonly Reasoned[]): Reasoned {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const truth = allOf(parts.map((part) => part.truth));
  const deciding = parts.filter((part) => part.truth === truth);
  return {
    truth,
    because: [...new Set(deciding.map((part) => part.because))].slice(0, 3).join('; '),
    cites: deciding.flatMap((part) => part.cites),
  };
}

/** Snapshots of a provider, each with what speaks for it. */
export function snapshotsOf(
  facts: KeyFacts,
  providerId: string,
  { policy, asOf }: JudgeContext,
): readonly JudgedSnapshot[] {
  return judgeSnapshots(
    {
      snapshots: aboutSubject(facts.snapshots, providerId),
      providers: aboutSubject(facts.providers, providerId),
      providerDomains: aboutSubject(facts.providerDomains, providerId),
      locationDomains: facts.locationDomains,
    },
    policy.loss,
    asOf,
  );
}
