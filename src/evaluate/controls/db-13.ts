import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import type { Statement } from '../../model/statements.ts';
import { counted } from '../../model/text.ts';
import { allOf } from '../conclude.ts';
import { copyText } from '../copies.ts';
import { type AtRest, encryptionAtRest } from '../copy-encryption.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { canCount, countsByItself } from '../possible-copies.ts';

const STATEMENT: Statement = 'encryption-at-rest';
const EXISTS_NEEDS = { copies: need('copy', 'self', 'more-helps') } as const;
const NEEDS = {
  copies: need('copy', 'self', 'more-hurts', { readableOnly: true }),
  places: need('store-encryption', 'all-locations', 'either'),
  attested: need('declaration', 'all-locations', 'more-helps', { leastGrade: 'declared', statements: [STATEMENT] }),
} as const;

interface Found {
  readonly copy: Observation<'copy'>;
  readonly atRest: AtRest;
}

/**
 * DB-13: every copy that counts is encrypted itself, or lies in a place that is observed or attested to be encrypted. A
 * directory tells nothing of its disks, so that without an attestation it is not known.
 */
export const db13 = defineControl({
  id: 'DB-13',
  title: 'The copies of the database are encrypted at rest',
  failureTitle: 'A copy of the database is not encrypted at rest',
  severity: 'high',
  bears: 'audit',
  subject: 'database',
  rationale:
    'A copy holds all that the database holds, and lies where fewer people watch. Whoever takes the disk, the tape or the bucket has the data of every organization in it.',
  remediation:
    'Encrypt the copy itself (age --recipients-file KEYS --output NAME.dump.age NAME.dump), or the place: aws s3api put-bucket-encryption --bucket BUCKET --server-side-encryption-configuration \'{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"}}]}\', and copy anew what lay there before. Where the disks of a location are encrypted, let their owner attest it in attestations.yaml: statement encryption-at-rest, subject location:NAME.',
  limits: [],
  applies: [
    part({
      name: 'a copy lies there',
      needs: EXISTS_NEEDS,
      judge(observed: Observed<typeof EXISTS_NEEDS>, context) {
        const copy = observed.copies.find((one) => canCount(one, context.asOf));
        if (copy !== undefined) return judged('holds', 'a copy lies there', [copy]);
        return judged('fails', 'there is no copy that could count');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'every copy is encrypted',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const found = observed.copies
          .filter((copy) => canCount(copy, context.asOf))
          .map((copy) => ({ copy, atRest: encryptionAtRest(copy, observed) }));
        const judgement = judgeFound(found, context);
        return found.every(({ atRest }) => atRest.regardlessOfPlace) ? regardless(judgement, 'places') : judgement;
      },
    }),
  ],
});

function judgeFound(found: readonly Found[], context: JudgeContext): Judgement {
  // Whether one that may not count is encrypted decides nothing for certain.
  const isGap = ({ copy, atRest }: Found) => atRest.truth === 'fails' && countsByItself(copy, context.asOf) === 'holds';
  const gaps = found.filter(isGap);
  const open = found.filter(({ atRest }) => atRest.truth !== 'holds');
  const truth = allOf([...gaps.map(() => 'fails' as const), ...open.map(() => 'unknown' as const)]);
  if (truth === 'holds') {
    const cites = found.flatMap(({ copy, atRest }) => [copy, ...atRest.cites]);
    return judged('holds', groupsOf(found), cites);
  }
  const shown = truth === 'fails' ? gaps : open;
  const [first] = shown;
  if (first === undefined) throw new Error('what is open was found');
  const { copy, atRest } = first;
  const more = shown.length > 1 ? ` (${counted(shown.length, 'such copy', 'such copies')} in all)` : '';
  return judged(truth, `${copyText(copy)}: ${atRest.because}${more}`, [copy, ...atRest.cites]);
}

/** `2 copies encrypted by their own format; 3 copies in dumps, attested to be encrypted (…)`. */
function groupsOf(found: readonly Found[]): string {
  const groups = new Map<string, number>();
  for (const { atRest } of found) groups.set(atRest.because, (groups.get(atRest.because) ?? 0) + 1);
  return [...groups].map(([because, count]) => `${counted(count, 'copy', 'copies')} ${because}`).join('; ');
}
