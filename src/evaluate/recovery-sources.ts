import type { JudgeContext, Observed, Truth } from '../model/control.ts';
import { allOf } from './conclude.ts';
import { type DatabaseSource, installDatabases, ownDatabases, type RecoverableDatabase } from './recovery-databases.ts';
import { installKeyFacts, ownKeyFacts, type Reasoned } from './recovery-key-facts.ts';
import { type KeyOpener, keyOpener } from './recovery-keys.ts';
import {
  INSTALL_DATABASE,
  INSTALL_KEYS,
  INSTALL_PROOFS,
  INSTALLED,
  ORGANIZATION,
  OWN_DATABASE,
  OWN_KEYS,
  OWN_PROOFS,
} from './recovery-needs.ts';
import { remembered } from './remembered.ts';

/**
 * Needs of the question which copies can be opened after the loss. Another copy needs keys of its own, so it can
 * change the answer both ways, unless one copy is shown to open already.
 */
export const KEYED_NEEDS = {
  ...OWN_DATABASE,
  ...OWN_KEYS,
  ...OWN_PROOFS,
  ...INSTALL_DATABASE,
  ...INSTALL_KEYS,
  ...INSTALL_PROOFS,
  copies: { ...OWN_DATABASE.copies, polarity: 'either' },
  installCopies: { ...INSTALL_DATABASE.installCopies, polarity: 'either' },
  // One without a key that the provider does not have leaves open which key a later one holds under its name.
  snapshots: { ...OWN_KEYS.snapshots, polarity: 'either' },
  snapshotKeys: { ...OWN_KEYS.snapshotKeys, polarity: 'either' },
  installSnapshots: { ...INSTALL_KEYS.installSnapshots, polarity: 'either' },
  installSnapshotKeys: { ...INSTALL_KEYS.installSnapshotKeys, polarity: 'either' },
  organizations: ORGANIZATION,
  ...INSTALLED,
} as const;
const OWN_FACTS = Object.keys({ ...OWN_DATABASE, ...OWN_KEYS, ...OWN_PROOFS });
/** The copies' names among these needs: where some way certainly holds, more copies change nothing. */
export const COPY_NEED_NAMES = ['copies', 'installCopies'] as const;
export type KeyedFacts = Observed<typeof KEYED_NEEDS>;

/** A source of a database together with whether its keys could be used. */
export interface OpenableSource {
  readonly source: DatabaseSource;
  readonly keys: Reasoned;
  readonly truth: Truth;
}

/** For each of the organization's databases, the ways to have it back and read it. */
export const openableOwn: (facts: KeyedFacts, context: JudgeContext) => readonly (readonly OpenableSource[])[] =
  remembered(
    (facts, { subject, policy, asOf, limit }) => [
      facts.copies,
      facts.organizations,
      facts.installs,
      ...OWN_FACTS.map((name) => facts[name as keyof KeyedFacts]),
      subject.organizationId,
      policy,
      asOf,
      limit('clockToleranceMinutes').value,
    ],
    waysOfOwn,
  );

function waysOfOwn(facts: KeyedFacts, context: JudgeContext): readonly (readonly OpenableSource[])[] {
  return opened(ownDatabases(facts, context), keyOpener(ownKeyFacts(facts, context), context));
}

/** The ways to have the install database back so that it knows the organization, and to read it. */
export function openableInstall(facts: KeyedFacts, context: JudgeContext): readonly (readonly OpenableSource[])[] {
  const databases = installDatabases(facts, facts.organizations[0]?.value, context);
  return openedInstall(databases, keyOpener(installKeyFacts(facts), context));
}

/** Nearly all organizations are older than every copy of the install database, which is the same to all of them. */
const openedInstall: typeof opened = remembered((databases, opens) => [opens, databases], opened);

function opened(databases: readonly RecoverableDatabase[], opens: KeyOpener): readonly (readonly OpenableSource[])[] {
  return databases.map(({ sources }) =>
    sources.map((source) => {
      const keys = opens(source.moment, source.copy);
      return { source, keys, truth: allOf([source.truth, keys.truth]) };
    }),
  );
}

/** The way chosen for each database: the newest that certainly holds; null where there is none. */
export function chosenSources(databases: readonly (readonly OpenableSource[])[]): readonly (OpenableSource | null)[] {
  return databases.map((sources) => {
    const holding = sources.filter((one) => one.truth === 'holds');
    return holding.reduce<OpenableSource | null>(
      (best, one) =>
        best === null || (one.source.moment?.notBefore ?? '') > (best.source.moment?.notBefore ?? '') ? one : best,
      null,
    );
  });
}
