import type { Judgement, Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { counted, instantText } from '../model/text.ts';
import { allOf } from './conclude.ts';
import { judged } from './define-control.ts';
import { setText } from './files.ts';
import { archivedText, boundText, lossText, rowsText, summedText, unaskedText } from './sample-text.ts';

type CopySample = Facts['file-copy-sample'];

/** Whether each second copy of a store that was looked into holds what was there when it was made. */
export function judgeCopySamples(samples: readonly Observation<'file-copy-sample'>[]): Judgement {
  const [first] = samples;
  // Whether there has to be one is the question of FILE-3 and FILE-10.
  if (first === undefined) return judged('holds', 'no second copy of them was looked into');
  const judgements = samples.map((sample) => withPassedOver(judgeCopy(sample), sample));
  const truth = allOf(judgements.map((one) => one.truth));
  const deciding = judgements.filter((one) => one.truth === truth);
  return judged(
    truth,
    deciding.map(({ because }) => because).join('; '),
    deciding.flatMap(({ cites }) => cites),
  );
}

/** That an older copy was looked into is told, and why. */
function withPassedOver(judgement: Judgement, { value }: Observation<'file-copy-sample'>): Judgement {
  if (value.passedOver === undefined) return judgement;
  const { copy, moment, because } = value.passedOver;
  const text = `${judgement.because}; the newest there, ${copy} of ${instantText(moment)}, was passed over: ${because}`;
  return { ...judgement, because: text };
}

function judgeCopy(sample: Observation<'file-copy-sample'>): Judgement {
  const { value } = sample;
  const { expected, found, drawn, population, seed } = value;
  const where = copyText(value);
  const drawing = `${rowsText(value)}, seed ${seed}`;
  if (value.missing + value.sizeDiffers + value.checksumDiffers + (value.damaged ?? 0) > 0) {
    const text = `in ${where}, of ${counted(expected, 'file')} drawn that must be there: ${lossText(value)} (${drawing})`;
    return judged('fails', text, [sample]);
  }
  if (value.refused + value.unchecked > 0) {
    return judged('unknown', `in ${where}, of ${counted(expected, 'file')} drawn: ${unaskedText(value)}`, [sample]);
  }
  const isAll = drawn >= population && value.populationIsEstimate !== true;
  if (expected === 0) {
    if (isAll) return judged('holds', `no file that the database lists has to be in ${where}`, [sample]);
    const text = `none of ${counted(drawn, 'file')} drawn has to be in ${where}, so nothing tells what it holds`;
    return judged('unknown', text, [sample]);
  }
  if (found < expected) {
    const text = `in ${where}, of ${counted(expected, 'file')} drawn that must be there only ${found} were found`;
    return judged('unknown', text, [sample]);
  }
  // A repository's program lists names and sizes; whether the bytes are there, only reading them tells.
  const isListed = (value.method === 'restic' || value.method === 'borg') && value.checksumsCompared < expected;
  const text = `in ${where} ${found} of ${expected} ${isListed ? 'listed' : 'found'}${summedText(value)}: ${boundText(expected, isAll, value)} (${drawing})${archivedText(value)}`;
  return judged('holds', isListed ? `${text}; ${unreadText(value)}` : text, [sample]);
}

/** What a listing leaves open. */
function unreadText({ method }: CopySample): string {
  return `${method} lists names and sizes, and what the files hold was not read out of it (collect.fileSample.checksums: true has drawn files read)`;
}

/** Names a copy in a sentence. */
function copyText({ method, copy, location, moment }: CopySample): string {
  switch (method) {
    case 'backup set':
      return setText({ copy, location, moment });
    case 'replica':
      return `bucket ${location}, to which objects are copied, as of ${instantText(moment)}`;
    case 'mirror':
      return `bucket ${location}, the stated mirror, as of ${instantText(moment)}`;
    case 'restic':
    case 'borg':
      return `${method} snapshot ${copy} in ${location} of ${instantText(moment)}`;
  }
}
