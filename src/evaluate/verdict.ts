import type { Finding } from '../model/finding.ts';
import type { AT_RISK_REASONS, ChainLink, Plane, PlaneState, Verdict } from '../model/report.ts';
import type { PartConclusion } from './judge-subject.ts';
import { isSeriousBlindness, isSeriousGap, planeOf, unwaived } from './planes.ts';

/** The joined verdict of an organization or of the install, with what puts it at risk. */
export interface JoinedVerdict {
  readonly verdict: Verdict | null;
  readonly atRiskBy: readonly (typeof AT_RISK_REASONS)[number][];
}

/**
 * Joins the recovery finding (REC-1) with every other finding the recovery chain rests on.
 *
 * @param recovery the subject's REC-1 finding
 * @param chain all findings that count for this verdict
 * @param firstCopyAwaited true where REC-1 does not apply because the first copy is not due yet
 */
export function joinVerdict(recovery: Finding, chain: readonly Finding[], firstCopyAwaited: boolean): JoinedVerdict {
  if (recovery.status === 'fail' || recovery.status === 'waived') return { verdict: 'not-recoverable', atRiskBy: [] };
  if (recovery.status === 'unknown') return { verdict: 'unknown', atRiskBy: [] };
  if (recovery.status === 'not-applicable' && !firstCopyAwaited) return { verdict: null, atRiskBy: [] };
  const atRiskBy = [
    ...(chain.some((finding) => isSeriousGap(unwaived(finding))) ? (['gap'] as const) : []),
    ...(chain.some(isSeriousBlindness) ? (['blind-spot'] as const) : []),
    ...(firstCopyAwaited ? (['first-copy-due'] as const) : []),
  ];
  return { verdict: atRiskBy.length > 0 ? 'at-risk' : 'recoverable', atRiskBy };
}

/** Names of the parts of REC-1, and the step of the recovery chain each of them is. */
export const RECOVERY_PARTS = {
  'key provider': 'key provider',
  'what opens the key provider': 'key provider',
  'key versions': 'key provider',
  'install database': 'install database',
  'what opens the copies of the install database': 'install database',
  'tenant database': 'tenant database',
  'what opens the copies of the tenant database': 'tenant database',
  files: 'files',
  'what opens the copies of the files': 'files',
} as const satisfies Readonly<Record<string, ChainLink['step']>>;

/** The recovery chain in recovery order: what must come back first stands first. */
export function recoveryChain(
  parts: readonly PartConclusion[],
  host: { readonly state: PlaneState; readonly sentence: string },
  inapplicable: string | null,
): readonly ChainLink[] {
  const steps: readonly ChainLink['step'][] = ['key provider', 'install database', 'tenant database', 'files'];
  // Whether copies could be opened is open wherever it is not known which there are and what keys they need.
  const isOfCopies = ({ name }: PartConclusion) => name.startsWith('what opens the copies');
  const isOpenElsewhere = parts.some((part) => part.truth !== 'holds' && !isOfCopies(part));
  const told = parts.filter((part) => !(isOpenElsewhere && part.truth === 'unknown' && isOfCopies(part)));
  return [
    { step: 'host', state: host.state, sentence: host.sentence },
    ...steps.map((step): ChainLink => {
      if (inapplicable !== null) return { step, state: 'not-applicable', sentence: inapplicable };
      const own = told.filter((part) => RECOVERY_PARTS[part.name as keyof typeof RECOVERY_PARTS] === step);
      const worst =
        own.find((part) => part.truth === 'fails') ?? own.find((part) => part.truth === 'unknown') ?? own[0];
      if (worst === undefined) return { step, state: 'not-applicable', sentence: 'not part of this recovery' };
      const state = worst.truth === 'fails' ? 'gap' : worst.truth === 'unknown' ? 'unknown' : 'ok';
      return {
        step,
        state,
        sentence:
          worst.truth === 'holds'
            ? own
                .map((part) => part.because)
                .filter((because) => because !== '')
                .join('; ')
            : worst.because,
      };
    }),
  ];
}

/** The first thing in the way of recovery, as a sentence for a reader without technical background. */
export interface WeakestLink {
  readonly plane: Plane;
  readonly findingId: string;
  readonly sentence: string;
}

const STEP_PLANE: Readonly<Record<ChainLink['step'], Plane>> = {
  host: 'host',
  'key provider': 'keys',
  'install database': 'database',
  'tenant database': 'database',
  files: 'files',
};

const BROKEN: Readonly<Record<ChainLink['step'], string>> = {
  host: 'What starts the install on a new machine is not kept',
  'key provider': 'The keys that decrypt the data could not be brought back, so a backup of it could not be read',
  'install database': 'The database that every organization is opened through could not be brought back',
  'tenant database': "The organization's own data could not be brought back",
  files: "The organization's files could not be brought back",
};

const DOUBTFUL: Readonly<Record<ChainLink['step'], string>> = {
  host: 'It is not known whether what starts the install on a new machine is kept',
  'key provider': 'It is not known whether the keys that decrypt the data could be brought back',
  'install database':
    'It is not known whether the database that every organization is opened through could be brought back',
  'tenant database': "It is not known whether the organization's own data could be brought back",
  files: "It is not known whether the organization's files could be brought back",
};

const AT_RISK: Readonly<Record<Plane, string>> = {
  host: 'It would come back, but what starts the install is not safely kept',
  keys: 'It would come back today, but the keys that decrypt the data are not safe from the next mistake',
  database: 'It would come back, but the copies of its database are not as they should be',
  files: 'It would come back, but its files are not safe from the next mistake',
  restore: 'It should come back, but that was not shown by a restore test as it should be',
};

/** The same where nobody could see whether it is so: the reason behind may be one of another plane. */
const NOT_SEEN: Readonly<Record<Plane, string>> = {
  host: 'It would come back, but it is not known whether what starts the install is safely kept',
  keys: 'It would come back today, but it is not known whether the keys that decrypt the data are safe from the next mistake',
  database: 'It would come back, but it is not known whether the copies of its database are as they should be',
  files: 'It would come back, but it is not known whether its files are safe from the next mistake',
  restore: 'It should come back, but it is not known whether a restore test showed it',
};

/** The same of an organization whose first copy is awaited: nothing of it would come back yet. */
const BESIDES = 'Its first copy is still to come; besides';

/** The same where nothing shows that it would come back. */
const NOT_KNOWN = 'It is not known whether it would come back';

/**
 * Chooses the weakest link: a broken step of the chain first, then a doubtful one, in recovery order; where no step was
 * judged, the recovery finding itself; where the chain holds, the worst serious finding.
 *
 * @param without why there is nothing that would come back for certain: the first copy is not due yet, or nothing of
 *   the organization could be judged; null where the recovery finding alone tells
 */
export function weakestLink(
  recovery: Finding,
  chain: readonly ChainLink[],
  findings: readonly Finding[],
  without: 'first-copy' | 'sight' | null,
): WeakestLink | null {
  const steps = chain.filter((link) => link.step !== 'host');
  const broken = steps.find((link) => link.state === 'gap');
  if (broken !== undefined) return stepLink(recovery, broken, BROKEN);
  const doubtful = steps.find((link) => link.state === 'unknown');
  if (doubtful !== undefined) return stepLink(recovery, doubtful, DOUBTFUL);
  if (recovery.status === 'unknown') {
    return { plane: 'database', findingId: recovery.id, sentence: `${NOT_KNOWN}: ${recovery.because}` };
  }
  const instead = without === 'first-copy' ? BESIDES : without === 'sight' ? NOT_KNOWN : null;
  const order: readonly Plane[] = ['host', 'keys', 'database', 'files', 'restore'];
  const gaps = findings.filter((finding) => isSeriousGap(unwaived(finding)));
  for (const [serious, words] of [
    [gaps, AT_RISK],
    [findings.filter(isSeriousBlindness), NOT_SEEN],
  ] as const) {
    for (const plane of order) {
      const finding = serious.find((one) => planeOf(one.controlId) === plane);
      if (finding !== undefined) {
        return {
          plane,
          findingId: finding.id,
          sentence: `${instead ?? words[plane]}: ${finding.because}`,
        };
      }
    }
    const joined = serious.find((one) => one.controlId.startsWith('REC-'));
    if (joined !== undefined) {
      return {
        plane: 'database',
        findingId: joined.id,
        sentence: `${instead ?? 'It would come back, but not as it should'}: ${joined.because}`,
      };
    }
  }
  return null;
}

function stepLink(recovery: Finding, link: ChainLink, words: Readonly<Record<ChainLink['step'], string>>): WeakestLink {
  return {
    plane: STEP_PLANE[link.step],
    findingId: recovery.id,
    sentence: `${words[link.step]}: ${link.sentence}`,
  };
}
