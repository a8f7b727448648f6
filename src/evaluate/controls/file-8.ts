import type { Judgement, Observation, Observed } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { counted } from '../../model/text.ts';
import { SAMPLES } from '../bucket-store.ts';
import { judgeCopySamples } from '../copy-samples.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { judgeObjectKeys } from '../object-keys.ts';
import { archivedText, boundText, lossText, rowsText, summedText, unaskedText } from '../sample-text.ts';

/** Not asked in most runs, and nothing rests on it: it is told beside the rest. */
const NEEDS = { samples: SAMPLES, inventories: need('file-inventory', 'self', 'either') } as const;

const COPY_NEEDS = { copySamples: need('file-copy-sample', 'self', 'more-hurts') } as const;

type Sample = Facts['file-sample'];

/**
 * FILE-8: files that the database lists, drawn by a seed, are in the store with the size that it lists, and so in each
 * second copy of it those that were there when the copy was made. How many must be drawn for what confidence: 59 of which
 * none is missing leave, with 95 % confidence, fewer than 5 % missing in all.
 */
export const file8 = defineControl({
  id: 'FILE-8',
  title: 'The files that the database lists are in the store, and in each copy that was looked into',
  failureTitle: 'Files that the database lists are missing in the store or in a copy of it',
  severity: 'high',
  bears: 'recovery',
  subject: 'store',
  rationale:
    'A backup of a store that has lost files is a faithful backup of the loss, and a copy that leaves out a directory looks like any other. Nobody notices a file that is gone until somebody opens it.',
  remediation:
    'Files that the store lacks: look for them in old versions of the bucket and in backup sets, bring them back, and find out what deleted them: lifecycle rules (FILE-6), a move that was not finished (FILE-9), somebody with the credentials. Files that only a copy lacks: find out what leaves them out (an exclusion, a rule for new objects alone, a job that ended early), and copy anew. The report names keyed digests; collect.fileSample.names: true has it name the files.',
  remediationUnknown:
    'Let the audit read the list of artifacts in the tenant database, and ask the store and each copy of it for single files: recoverage permissions. Keys of AWS KMS that files are encrypted with: add a provider of kind aws-kms for their account and region (providers), which may ask about them (kms:DescribeKey).',
  limits: ['fileSkewMinutes'],
  combine: 'all',
  parts: [
    part({
      name: 'files drawn are there',
      needs: NEEDS,
      judge({ samples, inventories }: Observed<typeof NEEDS>, context) {
        const judgement = withKeys(judgeSamples(samples), judgeObjectKeys(samples, context.asOf));
        const [inventory] = inventories;
        const because =
          inventory === undefined ? judgement.because : `${judgement.because}; ${heldText(inventory.value)}`;
        const limit = context.limit('fileSkewMinutes', 'files');
        return regardless({ ...judgement, because, limit }, 'inventories');
      },
    }),
    part({
      name: 'files drawn are in the copies',
      needs: COPY_NEEDS,
      judge: ({ copySamples }: Observed<typeof COPY_NEEDS>) => judgeCopySamples(copySamples),
    }),
  ],
});

function judgeSamples(samples: readonly Observation<'file-sample'>[]): Judgement {
  const bad = samples.find(({ value }) => value.missing + value.sizeDiffers + value.checksumDiffers > 0);
  // Whatever else was drawn, these are not there.
  if (bad !== undefined) return regardless(judged('fails', failureText(bad.value), [bad]), 'samples');
  const open = samples.find(({ value }) => value.unchecked + value.refused > 0);
  if (open !== undefined) return judged('unknown', openText(open.value), [open]);
  // Of an organization with several databases each list is drawn from for itself: all of them have to be there.
  const whole = samples.map(allThere);
  const undrawn = whole.find(({ truth }) => truth !== 'holds');
  if (undrawn !== undefined) return undrawn;
  const [first] = whole;
  const future = samples.reduce((sum, { value }) => sum + (value.future ?? 0), 0);
  if (future > 0) {
    const dated = `${counted(future, 'row')} ${future === 1 ? 'is' : 'are'} dated in the future, by more than clocks may differ, so that nobody looked for ${future === 1 ? 'its file' : 'their files'}`;
    return judged('unknown', [...whole.map(({ because }) => because), dated].join('; '), samples);
  }
  if (first === undefined) return judged('unknown', 'no file was looked for in the store');
  return judged('holds', whole.map(({ because }) => because).join('; '), samples);
}

/** Together with whether what was found can be opened: what fails for certain first, and each text where both say the same. */
function withKeys(there: Judgement, keys: Judgement | null): Judgement {
  if (keys === null || there.truth === 'fails') return there;
  if (keys.truth === 'holds')
    return there.truth === 'holds' ? { ...there, because: `${there.because}; ${keys.because}` } : there;
  if (keys.truth === 'fails' || there.truth === 'holds') return keys;
  return { ...there, because: `${there.because}; ${keys.because}` };
}

/** What the store holds that no row names: leftovers of deletions, or what somebody else put there. */
function heldText({ files, rows, unnamed, missing }: Facts['file-inventory']): string {
  const lost =
    missing === 0 ? '' : `, and ${counted(missing, 'row')} named no file that was listed, or were added meanwhile`;
  return `of ${counted(files, 'file')} in the store, ${counted(unnamed, 'file')} ${unnamed === 1 ? 'is' : 'are'} named by none of ${counted(rows, 'row')}${lost}`;
}

function allThere(sample: Observation<'file-sample'>): Judgement {
  const { drawn, population, seed, method, gone = 0 } = sample.value;
  if (population === 0) return judged('holds', 'the database lists no file that would have to be there', [sample]);
  const left = goneText(gone);
  if (drawn === 0 && gone > 0) {
    return judged('unknown', `of ${counted(population, 'row')} none was looked for: ${left}`, [sample]);
  }
  if (drawn === 0) return judged('unknown', `none of ${counted(population, 'row')} was drawn (${method})`, [sample]);
  const { found } = sample.value;
  if (found < drawn) {
    const few = `of ${counted(drawn, 'file')} drawn only ${found} were found${archivedText(sample.value)}`;
    return judged('unknown', few, [sample]);
  }
  if (gone > drawn && drawn < population) {
    const few = `${drawn} of ${drawn} found, which is too few to tell of ${rowsText(sample.value)}: ${left}`;
    return judged('unknown', few, [sample]);
  }
  const bound = boundText(drawn, drawn >= population, sample.value);
  const text = `${drawn} of ${drawn} found${summedText(sample.value)}: ${bound} (${rowsText(sample.value)}, ${method}, seed ${seed})${archivedText(sample.value)}`;
  return judged('holds', gone === 0 ? text : `${text}; ${left}`, [sample]);
}

/** Rows that are gone since they were drawn tell nothing of what the database lists. */
function goneText(gone: number): string {
  return `${counted(gone, 'row')} more ${gone === 1 ? 'was' : 'were'} drawn and ${gone === 1 ? 'is' : 'are'} not listed any more as ${gone === 1 ? 'it was' : 'they were'} then`;
}

function failureText(sample: Sample): string {
  const { drawn, method, seed } = sample;
  return `of ${counted(drawn, 'file')} drawn: ${lossText(sample)} (${rowsText(sample)}, ${method}, seed ${seed})${ofFound(sample)}`;
}

function openText(sample: Sample): string {
  const { drawn, method, seed } = sample;
  return `of ${counted(drawn, 'file')} drawn: ${unaskedText(sample)} (${method}, seed ${seed})${ofFound(sample)}`;
}

/** After what is lost or was not asked for, which are none of those found. */
function ofFound(sample: Sample): string {
  const text = archivedText(sample);
  return text === '' ? '' : `; ${counted(sample.found, 'file')} found${text}`;
}
