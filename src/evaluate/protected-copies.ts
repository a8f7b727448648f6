import type { JudgeContext, Judgement, Observation } from '../model/control.ts';
import type { Moment } from '../model/facts.ts';
import type { Policy } from '../model/policy.ts';
import { MAY_NEED_ANOTHER, MAY_PRECEDE_RECORDS, mayNeedAnotherKey, mayPrecedeRecords } from './before-records.ts';
import { type CopyFacts, copyText, type JudgedCopy } from './copies.ts';
import { judged, regardless } from './define-control.ts';
import { neededInside, rowsInside } from './inside-versions.ts';
import { judgeCopiesOfAll, ownKeyring, recordsFor } from './key-needs.ts';
import { type KeyUse, keyUses, type NeededVersion, neededVersions, strongest, whatIsMeant } from './keys.ts';
import { reachFirstVersion } from './named-versions.ts';
import { remembered } from './remembered.ts';
import { nothingInUse } from './stated-version.ts';
import { unrecordedVersions } from './unrecorded-versions.ts';

export interface ProtectionFacts extends CopyFacts {
  readonly keyrings: readonly Observation<'keyring'>[];
  readonly records: readonly Observation<'key-version'>[];
}
/** The same with the key as its provider shows it. */
export interface ProtectionOfKey extends ProtectionFacts {
  readonly keyStates: readonly Observation<'key-state'>[];
  /** The organization's own row; none of the install. */
  readonly organizations: readonly Observation<'organization'>[];
  readonly installs: readonly Observation<'install'>[];
}

/**
 * The versions that opening the copies takes, each copy that could count included; of one that may not count, or
 * whose moment leaves it open, the certainty is unknown.
 */
export const versionsNeededByCopies: typeof versionsNeededNow = remembered(
  (facts, { subject, policy, asOf }) => [
    facts.copies,
    facts.states,
    facts.catalogues,
    facts.recreations,
    facts.keyrings,
    facts.records,
    subject,
    policy,
    asOf,
  ],
  versionsNeededNow,
);

function versionsNeededNow(facts: ProtectionFacts, context: JudgeContext): readonly NeededVersion[] {
  const keyring = ownKeyring(facts.keyrings, context);
  if (keyring === undefined) return [];
  const uses = keyUses(keyring, recordsFor(facts.records, context));
  const copies = copiesThatCouldCount(facts, context);
  return strongest(copies.flatMap((copy) => neededByCopy(copy, keyring, uses, context.policy)));
}

/** The copies that need a version, each with how certainly. */
export function copiesNeeding(
  version: NeededVersion,
  facts: ProtectionFacts,
  context: JudgeContext,
): readonly { readonly copy: Observation<'copy'>; readonly certainty: NeededVersion['certainty'] }[] {
  const keyring = ownKeyring(facts.keyrings, context);
  if (keyring === undefined) return [];
  const uses = keyUses(keyring, recordsFor(facts.records, context));
  const meant = whatIsMeant(version);
  return copiesThatCouldCount(facts, context).flatMap((copy) => {
    const needed = strongest(neededByCopy(copy, keyring, uses, context.policy));
    const found = needed.find((one) => whatIsMeant(one) === meant);
    return found === undefined ? [] : [{ copy: copy.observation, certainty: found.certainty }];
  });
}

/** By the key-version rows inside it where those were read, else by what was in use at its moment. */
function neededByCopy(
  copy: JudgedCopy,
  keyring: Observation<'keyring'>,
  uses: readonly KeyUse[],
  policy: Policy,
): readonly NeededVersion[] {
  const rows = rowsInside(copy.observation);
  const needed =
    rows === null ? neededByMoment(uses, copy.observation.value.moment, policy) : neededInside(keyring, rows, policy);
  return copy.counts === 'holds' ? needed : needed.map((one) => ({ ...one, certainty: 'unknown' as const }));
}

function neededByMoment(uses: readonly KeyUse[], moment: Moment | null, policy: Policy): readonly NeededVersion[] {
  return [...neededVersions(uses, moment, policy), ...unrecordedVersions(uses, moment, policy)];
}

function copiesThatCouldCount(facts: CopyFacts, context: JudgeContext): readonly JudgedCopy[] {
  return judgeCopiesOfAll(facts, context).filter((copy) => copy.counts !== 'fails');
}

/** The observed copies whose needs are asked for, for a sentence on what told these. */
export function copiesAskedFor(facts: CopyFacts, context: JudgeContext): readonly Observation<'copy'>[] {
  return copiesThatCouldCount(facts, context).map(({ observation }) => observation);
}

/** A copy of which nothing tells what it needs, and why, as a sentence. */
export interface UntoldCopy {
  readonly copy: Observation<'copy'>;
  readonly because: string;
}

/**
 * The first copy of which nothing tells what it needs: it is older than every record of the key while these do not reach back
 * to its first version, or while its organization must have had another key by then, or it is from between two records. Null
 * where there is none.
 */
export function copyBeforeRecords(facts: ProtectionOfKey, context: JudgeContext): UntoldCopy | null {
  const keyring = ownKeyring(facts.keyrings, context);
  if (keyring === undefined) return null;
  const uses = keyUses(keyring, recordsFor(facts.records, context));
  const reachesBack = reachFirstVersion(facts.keyStates[0]?.value, uses, context.asOf);
  const isOfInstall = context.subject.organizationId === null;
  const createdAt =
    (isOfInstall ? facts.installs[0]?.value.installedAt : facts.organizations[0]?.value.createdAt) ?? null;
  for (const copy of copiesThatCouldCount(facts, context)) {
    const { observation } = copy;
    if (rowsInside(observation) !== null) continue;
    const named = copyText(observation);
    if (neededByCopy(copy, keyring, uses, context.policy).length > 0) {
      if (reachesBack || !mayPrecedeRecords(uses, observation.value.moment)) continue;
      return { copy: observation, because: `${named} ${MAY_PRECEDE_RECORDS}` };
    }
    if (nothingInUse(uses, observation.value.moment))
      return { copy: observation, because: `${named} ${NOTHING_IN_USE}` };
    if (!reachesBack) return { copy: observation, because: `${named} ${NOT_REACHING_BACK}` };
    if (uses.length > 0 && mayNeedAnotherKey(createdAt, uses, observation.value.moment)) {
      return { copy: observation, because: `${named} ${MAY_NEED_ANOTHER}` };
    }
  }
  return null;
}

const NOTHING_IN_USE =
  'is from when no version on record was in use any more, or yet, so nothing tells which version it needs';
const NOT_REACHING_BACK =
  'is older than every record of the key, and these do not reach back to its first version, so nothing tells which version it needs';

/** The same judgement; where every copy told its needs itself, the records of the live database could not change it. */
export function regardlessOfRecords(judgement: Judgement, facts: CopyFacts, context: JudgeContext): Judgement {
  const isTold = copiesAskedFor(facts, context).every((copy) => rowsInside(copy) !== null);
  return isTold ? regardless(judgement, 'records') : judgement;
}

/** Applicability: some copy that could count needs a version of the judged keyring's key. */
export function judgeCopyNeedsKey(facts: ProtectionOfKey, context: JudgeContext): Judgement {
  const judgement = judgeByNeeds(facts, context);
  if (judgement !== null) return regardless(judgement, 'keyStates', 'organizations', 'installs');
  const old = copyBeforeRecords(facts, context);
  if (old !== null) return judged('unknown', old.because, [old.copy]);
  const text = 'every copy is older than the first record that uses the key, which is of its first version';
  return judged('fails', text, copiesAskedFor(facts, context).slice(0, 1));
}

/** Null where no copy needs a version that is recorded. */
function judgeByNeeds(facts: ProtectionFacts, context: JudgeContext): Judgement | null {
  const copies = copiesThatCouldCount(facts, context);
  const first = copies[0];
  if (first === undefined) {
    return regardless(judged('fails', 'no copy that could count needs the key'), 'keyrings', 'records');
  }
  if (ownKeyring(facts.keyrings, context) === undefined) {
    return judged('unknown', 'no keyring record names its key');
  }
  const needed = versionsNeededByCopies(facts, context);
  if (needed.length > 0) {
    const text = `${copyText(first.observation)} needs the key`;
    return regardlessOfRecords(judged('holds', text, [first.observation]), facts, context);
  }
  if (copies.every(({ observation }) => rowsInside(observation) !== null)) {
    const text = 'no key-version row inside a copy has it need the key';
    return regardless(judged('fails', text, [first.observation]), 'records');
  }
  const keyring = ownKeyring(facts.keyrings, context);
  const uses = keyring === undefined ? [] : keyUses(keyring, recordsFor(facts.records, context));
  if (uses.length === 0) {
    return judged('unknown', 'no key-version record names the key, so nothing tells which versions copies need');
  }
  return null;
}
