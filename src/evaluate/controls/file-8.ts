import type { Judgement, Observation, Observed } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { counted } from '../../model/text.ts';
import { SAMPLES } from '../bucket-store.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';

/** Not asked in most runs, and nothing rests on it: it is told beside the rest. */
const NEEDS = { samples: SAMPLES, inventories: need('file-inventory', 'self', 'either') } as const;

type Sample = Facts['file-sample'];

/**
 * FILE-8: files that the database lists, drawn by a seed, are in the store with the size that it lists. How many must be
 * drawn for what confidence: 59 of which none is missing leave, with 95 % confidence, fewer than 5 % missing in all.
 */
export const file8 = defineControl({
  id: 'FILE-8',
  title: 'The files that the database lists are in the store',
  failureTitle: 'Files that the database lists are not in the store',
  severity: 'high',
  bears: 'recovery',
  subject: 'store',
  rationale:
    'A backup of a store that has lost files is a faithful backup of the loss. Nobody notices a file that is gone until somebody opens it.',
  remediation:
    'Look for the files in old versions of the bucket and in backup sets, bring them back, and find out what deleted them: lifecycle rules (FILE-6), a move that was not finished (FILE-9), somebody with the credentials. The report names keyed digests; collect.fileSample.names: true has it name the files.',
  remediationUnknown:
    'Let the audit read the list of artifacts in the tenant database and ask the store for single files: recoverage permissions.',
  limits: ['fileSkewMinutes'],
  combine: 'all',
  parts: [
    part({
      name: 'files drawn are there',
      needs: NEEDS,
      judge({ samples, inventories }: Observed<typeof NEEDS>) {
        const judgement = judgeSamples(samples);
        const [inventory] = inventories;
        const because =
          inventory === undefined ? judgement.because : `${judgement.because}; ${heldText(inventory.value)}`;
        return regardless({ ...judgement, because }, 'inventories');
      },
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
  if (first === undefined) return judged('unknown', 'no file was looked for in the store');
  return judged('holds', whole.map(({ because }) => because).join('; '), samples);
}

/** What the store holds that no row names: leftovers of deletions, or what somebody else put there. */
function heldText({ files, rows, unnamed, missing }: Facts['file-inventory']): string {
  const lost =
    missing === 0 ? '' : `, and ${counted(missing, 'row')} named no file that was listed, or were added meanwhile`;
  return `of ${counted(files, 'file')} in the store, ${counted(unnamed, 'file')} ${unnamed === 1 ? 'is' : 'are'} named by none of ${counted(rows, 'row')}${lost}`;
}

function allThere(sample: Observation<'file-sample'>): Judgement {
  const { drawn, population, seed, method } = sample.value;
  if (population === 0) return judged('holds', 'the database lists no file that would have to be there', [sample]);
  if (drawn === 0) return judged('unknown', `none of ${counted(population, 'row')} was drawn (${method})`, [sample]);
  const { found } = sample.value;
  if (found < drawn) return judged('unknown', `of ${counted(drawn, 'file')} drawn only ${found} were found`, [sample]);
  const checked =
    sample.value.checksumsCompared === 0 ? '' : `, ${sample.value.checksumsCompared} compared by checksum`;
  const text = `${drawn} of ${drawn} found${checked}: ${boundText(sample.value)} (${rowsText(sample.value)}, ${method}, seed ${seed})`;
  return judged('holds', text, [sample]);
}

/** What a sample without a loss says of all: exactly, where all were drawn, else by the binomial distribution. */
function boundText({ drawn, population, populationIsEstimate }: Sample): string {
  if (drawn >= population && populationIsEstimate !== true) return 'these are all';
  const least = Math.floor(100 * CONFIDENCE_LEFT ** (1 / drawn));
  return `with 95 % confidence at least ${least} % are there`;
}

const CONFIDENCE_LEFT = 0.05;

function rowsText({ population, populationIsEstimate }: Sample): string {
  return `${populationIsEstimate === true ? 'about ' : ''}${counted(population, 'row')}`;
}

function failureText(sample: Sample): string {
  const { drawn, missing, sizeDiffers, checksumDiffers, method, seed, examples } = sample;
  const kinds = [
    ...(missing > 0 ? [`${missing} not there`] : []),
    ...(sizeDiffers > 0 ? [`${sizeDiffers} of another size than listed`] : []),
    ...(checksumDiffers > 0 ? [`${checksumDiffers} with another checksum than listed`] : []),
  ];
  const named = examples.length === 0 ? '' : `, such as ${examples.slice(0, 3).join(', ')}`;
  return `of ${counted(drawn, 'file')} drawn: ${kinds.join(', ')}${named} (${rowsText(sample)}, ${method}, seed ${seed})`;
}

function openText({ drawn, refused, unchecked, method, seed }: Sample): string {
  const kinds = [
    ...(refused > 0
      ? [
          `${counted(refused, 'row')} ${refused === 1 ? 'names' : 'name'} an absolute path, a step upwards or a link, which is not followed`,
        ]
      : []),
    ...(unchecked > 0 ? [`${counted(unchecked, 'file')} could not be asked for`] : []),
  ];
  return `of ${counted(drawn, 'file')} drawn: ${kinds.join('; ')} (${method}, seed ${seed})`;
}
