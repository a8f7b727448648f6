import type { ReportHead } from '../../model/report.ts';
import { instantText } from './instants.ts';
import { neutralize, neutralizeSentence } from './names.ts';
import { countText } from './numbers.ts';
import { lossText } from './subjects.ts';

/** Printed wherever findings stand beside the clauses of a standard. */
export const EVIDENCE_STATEMENT =
  'This evidence bears on controls; it never says that anybody complies with a standard. Most clauses also need policy, people and physical evidence that a read-only audit cannot see.';

/** How the audit was made, one paragraph each. */
export const METHOD: readonly string[] = [
  'The audit reads and never writes. Organizations are listed from the install database; each is then compared with the backup plans, the copies that really exist, its file storage and its key provider.',
  'Every organization that is listed is judged: the full population, no sample. Where a control itself looks at a sample, its finding says how large the sample was.',
  'A question without a complete answer is a blind spot. What depends on it is unknown; it never becomes a pass, and it is never called a gap.',
  'A copy counts only if it is complete by its own format’s rules, is of this very database by what is written inside it, and does not lie in the future. What somebody only says about a copy counts for nothing.',
  'A copy’s age is measured from the earliest moment it may stand for, so that an age is never understated.',
];

/** What a read-only look at copies, keys and configuration cannot prove. */
export const LIMITATIONS: readonly string[] = [
  'A copy that is there and whole is not yet a copy that was restored. Only a restore test proves that it comes back; the restore plane says when the last one was.',
  'The audit saw one moment. What was deleted, rotated or switched off since then is not in it.',
  'What lies inside encrypted copies, and the content of files and rows, was not read.',
  'Statements by people (attestations) and by the configuration (where a location lies, what it is for) were taken as given and are listed as such.',
  'Whether people would find the runbook, have access and act in time was not tested.',
  'A snapshot of a key provider can be checked for wholeness and for the keys in it, but not for its origin while the provider is offline.',
  'A dump of another server whose database was made by the same steps bears the same names and numbers; which server it came from is then not proven.',
  'A dump that was taken with row security in force holds only the rows that its role may see. An archive does not tell that; only its size and a restore test do.',
  'Rows that somebody took out of a dump, or put into another table of it, leave it whole. Only a checksum that its run recorded, and a restore test, show that.',
  EVIDENCE_STATEMENT,
];

/** A term with its value, both harmless to print. */
export interface Entry {
  readonly term: string;
  readonly value: string;
}

/** Who ran what, when, over which inputs: enough to repeat the run. Instants in UTC. */
export function runEntries(head: ReportHead): readonly Entry[] {
  const { run } = head;
  return [
    { term: 'Run', value: neutralize(run.id) },
    { term: 'Operator', value: neutralize(run.operator) },
    { term: 'Collected on', value: neutralize(run.collectorHost) },
    { term: 'Collection started', value: instantText(run.startedAt) },
    { term: 'Collection ended', value: instantText(run.finishedAt) },
    { term: 'Judged as of', value: instantText(run.asOf) },
    { term: 'Loss that is judged', value: lossText(run.loss) },
    { term: 'Gate threshold', value: `severity ${run.failOn} or worse` },
    { term: 'Recoverage version', value: neutralize(run.toolVersion) },
    { term: 'Time-zone data', value: neutralize(run.timeZoneData) },
    { term: 'Digest of the configuration', value: neutralize(run.configDigest) },
    { term: 'Digest of the mapping', value: neutralize(run.mappingDigest) },
    { term: 'Digest of the policy', value: neutralize(run.policyDigest) },
    { term: 'Digest of the evidence bundle', value: neutralize(run.bundleDigest) },
    {
      term: 'Digest of the previous report',
      value: run.previousReportDigest === null ? 'no previous report' : neutralize(run.previousReportDigest),
    },
  ];
}

/** One source that was read, with what was sent to it. */
export interface MethodLine {
  readonly source: string;
  readonly questions: string;
  readonly operations: readonly string[];
}

/** The sources in the report's order. */
export function methodLines(head: ReportHead): readonly MethodLine[] {
  return head.method.map(({ source, operations, questions }) => ({
    source: neutralize(source),
    questions: countText(questions, 'question'),
    operations: operations.map(neutralizeSentence),
  }));
}
