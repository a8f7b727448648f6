import { judgeInstall } from '../../evaluate/judge-install.ts';
import { judgeOrganization } from '../../evaluate/judge-organization.ts';
import { CONTROLS } from '../../evaluate/registry.ts';
import { type Compared, compareBy } from '../../evaluate/survey.ts';
import type { InstallPart } from '../../model/bundle.ts';
import type { Instant } from '../../model/instant.ts';
import type { Policy } from '../../model/policy.ts';
import { createAssembler, type FoldedOrganizations } from '../../report/assemble/assembler.ts';
import { parsePart } from '../bundle-file.ts';
import { wholeLines } from '../lines.ts';

/** What organizations are judged against. Plain data. */
export interface JudgingContext {
  /** Name of the bundle, for messages. */
  readonly file: string;
  readonly install: InstallPart;
  readonly compared: Compared;
  readonly policy: Policy;
  readonly asOf: Instant;
  /** Judges this organization alone, its id in lower case. */
  readonly only: string | null;
}

/** Some organizations' lines of a bundle, that follow each other. */
export interface Batch {
  /** Whole lines of UTF-8, each with its line feed. */
  readonly lines: Uint8Array;
  /** Number of the first organization, counted in the order of the parts, from 0. */
  readonly firstOwner: number;
  /** Number of each line in the bundle, from 1. */
  readonly numbers: readonly number[];
}

/** Organizations judged, ready to be kept and to be told in the report. Plain data. */
export interface JudgedBatch {
  /** Lines of JSON, each with its line feed, one for each organization. */
  readonly chapters: Uint8Array;
  readonly summaries: Uint8Array;
  readonly folded: FoldedOrganizations;
}

/**
 * Judges organizations, batch by batch. The result does not depend on how they were divided into batches, nor on which
 * batch was judged when.
 */
export function createBatchJudge(context: JudgingContext): (batch: Batch) => JudgedBatch {
  const { file, policy, asOf, only } = context;
  const install = judgeInstall(CONTROLS, context.install, policy, asOf);
  const comparison = compareBy(context.compared, asOf, context.install);
  return ({ lines, firstOwner, numbers }) => {
    const assembler = createAssembler({ policy, asOf, only });
    const chapters: string[] = [];
    const summaries: string[] = [];
    for (const [index, text] of wholeLines(lines).entries()) {
      const part = parsePart(file, numbers[index] ?? 0, text);
      if (only !== null && part.organizationId.toLowerCase() !== only) continue;
      const compared = comparison.evidenceAbout(part, firstOwner + index);
      const judged = judgeOrganization(CONTROLS, part, compared, install, policy, asOf);
      const evidence = [...part.evidence, ...compared];
      const chapter = assembler.organization(judged.summary, judged.findings, judged.shared, evidence);
      summaries.push(JSON.stringify(chapter.summary), '\n');
      chapters.push(JSON.stringify(chapter), '\n');
    }
    return { chapters: encoded(chapters), summaries: encoded(summaries), folded: assembler.folded() };
  };
}

function encoded(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.join(''));
}
