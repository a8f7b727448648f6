import type { JudgeContext, Observation } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import { type CopyFacts, type JudgedCopy, judgeCopies } from './copies.ts';
import { RECREATED } from './database-needs.ts';
import { need } from './define-control.ts';
import { aboutSubject, remembered } from './remembered.ts';

/** Provider kinds of the key_providers dataset. */
export { AZURE, VAULT } from './keys.ts';
export const AWS_KMS = 'aws-kms';
export const PKCS11 = 'pkcs11';

/** The seal of a Vault that people open with their shares. */
export const SHAMIR = 'shamir';

/** The keyring rows among which the judged keyring's own is. */
export const KEYRINGS = need('keyring', 'owner', 'either');

/** What was unwrapped with the judged keyring's key: it shows that an imported one can be used, and nothing is judged by its absence. */
export const OWN_UNWRAPPED = {
  proofs: need('unwrap-proof', 'self', 'more-helps', { absentIsNone: true, untriedIsNone: true }),
} as const;

/** The copies of every database whose secrets the judged keyring protects: each is one more that must be opened. */
export const PROTECTED_COPIES = {
  copies: need('copy', 'organization-databases', 'more-hurts'),
  states: need('database-state', 'organization-databases', 'either'),
  catalogues: need('catalogue', 'organization-databases', 'either'),
  recreations: need('declaration', 'organization-databases', 'more-hurts', {
    leastGrade: 'declared',
    statements: [RECREATED],
  }),
  /** Where the databases themselves are not known, neither are their copies. */
  databases: need('tenant-database', 'organization', 'more-hurts'),
} as const;

/** The same, where a copy is what makes a question apply. */
export const ANY_PROTECTED_COPY = {
  ...PROTECTED_COPIES,
  copies: need('copy', 'organization-databases', 'more-helps'),
  recreations: need('declaration', 'organization-databases', 'more-helps', {
    leastGrade: 'declared',
    statements: [RECREATED],
  }),
  databases: need('tenant-database', 'organization', 'more-helps'),
} as const;

/** What tells which snapshots of the judged provider count. */
export const OWN_SNAPSHOTS = {
  providers: need('provider-state', 'self', 'either'),
  snapshots: need('provider-snapshot', 'self', 'either'),
  providerDomains: need('failure-domain', 'self', 'either', { context: true }),
  locationDomains: need('failure-domain', 'all-locations', 'either', { context: true }),
} as const;

/** The judged keyring's own row; undefined where no row is about it. */
export function ownKeyring(
  keyrings: readonly Observation<'keyring'>[],
  context: Pick<JudgeContext, 'subject'>,
): Observation<'keyring'> | undefined {
  return keyrings.find(({ value }) => value.keyringId === context.subject.key);
}

/** The key-version records that tell the uses of the judged keyring's key; null for the install's, which has none. */
export function recordsFor(
  records: readonly Observation<'key-version'>[],
  context: Pick<JudgeContext, 'subject'>,
): readonly Observation<'key-version'>[] | null {
  return context.subject.organizationId === null ? null : records;
}

/** Judges the copies of several databases, each database by its own live state. */
export function judgeCopiesOfAll(facts: CopyFacts, { asOf }: Pick<JudgeContext, 'asOf'>): readonly JudgedCopy[] {
  return judgeEachOfAll(facts, asOf);
}

const judgeEachOfAll: typeof judgeEachOfAllNow = remembered(
  ({ copies, states, catalogues, recreations }, asOf) => [copies, states, catalogues, recreations, asOf],
  judgeEachOfAllNow,
);

function judgeEachOfAllNow(facts: CopyFacts, asOf: Instant): readonly JudgedCopy[] {
  const keys = new Set(facts.copies.map(({ subject }) => subject.key));
  return [...keys].flatMap((key) => {
    const ofOne = <O extends Observation>(list: readonly O[]) => aboutSubject(list, key);
    const one = {
      copies: ofOne(facts.copies),
      states: ofOne(facts.states),
      catalogues: ofOne(facts.catalogues),
      recreations: ofOne(facts.recreations),
    };
    return judgeCopies(one, asOf);
  });
}
