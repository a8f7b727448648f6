import { type Compared, createSurvey } from '../../evaluate/survey.ts';
import type { BundleHeader, BundleTrailer, InstallPart } from '../../model/bundle.ts';
import type { AnyEvidence } from '../../model/evidence.ts';
import type { Instant } from '../../model/instant.ts';
import type { SubjectNode } from '../../model/subject.ts';
import { BundleError, type ByteSum, readToCompare } from '../bundle-file.ts';

/** What one walk through a bundle told. */
export interface Surveyed {
  readonly header: BundleHeader;
  readonly install: InstallPart;
  readonly trailer: BundleTrailer;
  /** Numbers, from 1, of the lines that are no organization's part. */
  readonly otherLines: ReadonlySet<number>;
  readonly compared: Compared;
  readonly sum: ByteSum;
  readonly newestEvidence: Instant;
}

/**
 * The first pass over a bundle: checks its form, reads the install's part and compares all organizations.
 *
 * @throws BundleError where it cannot be used
 */
export async function surveyBundle(file: string, signal: AbortSignal | undefined): Promise<Surveyed> {
  const survey = createSurvey();
  const subjects: SubjectNode[] = [];
  const evidence: AnyEvidence[] = [];
  const otherLines = new Set<number>();
  let header: BundleHeader | null = null;
  let trailer: BundleTrailer | null = null;
  let sum: ByteSum | null = null;
  let number = 0;
  let newestEvidence: Instant = '0000-01-01T00:00:00.000Z';
  const look = (records: readonly Pick<AnyEvidence, 'collectedAt'>[]) => {
    for (const record of records) if (record.collectedAt > newestEvidence) newestEvidence = record.collectedAt;
  };
  for await (const line of readToCompare(file, (found) => {
    sum = found;
  })) {
    signal?.throwIfAborted();
    number += 1;
    if (line.type === 'organization') {
      survey.add(line);
      look(line.evidence);
      continue;
    }
    otherLines.add(number);
    if (line.type === 'header') header = line;
    else if (line.type === 'trailer') trailer = line;
    else {
      subjects.push(...line.subjects);
      evidence.push(...line.evidence);
      look(line.evidence);
    }
  }
  if (header === null || trailer === null || sum === null)
    throw new BundleError(`bundle ${file} is empty`, 'Collect again: recoverage collect.');
  const list = evidence.find((record) => record.kind === 'organization-list')?.items[0];
  if (list !== undefined && trailer.total !== null && trailer.total !== list.counted) {
    const counts = `its end says that there are ${trailer.total} organizations, and ${list.counted} were counted`;
    throw new BundleError(`bundle ${file}: ${counts}`, 'The file was altered; collect again.');
  }
  return {
    header,
    trailer,
    otherLines,
    compared: survey.finish(),
    sum,
    newestEvidence,
    install: { type: 'install', subjects, evidence },
  };
}
