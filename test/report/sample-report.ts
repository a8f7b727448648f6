import type { OrganizationChapter, Report } from '../../src/model/report.ts';
import { INSTALL_CONTROLS } from './sample-controls.ts';
import { type SampleOptions, sampleHead } from './sample-head.ts';
import { type SampleCase, sampleCase, sampleChapter, sampleOrganizationId } from './sample-organizations.ts';
import { sharedEvidence, sharedFinding } from './sample-shared.ts';

export type { SampleOptions } from './sample-head.ts';

/** Positions of the organizations, worst first, at most `limit`. */
function worstIndexes(organizations: number, limit: number): readonly number[] {
  const order: readonly SampleCase[] = [
    'not-recoverable',
    'unknown',
    'blind',
    'gap',
    'blind-spot',
    'first-copy-due',
    'recoverable',
    'excluded',
  ];
  const found: number[] = [];
  for (const kind of order)
    for (let index = 0; index < organizations && found.length < limit; index += 1)
      if (sampleCase(index) === kind) found.push(index);
  return found;
}

/**
 * A whole report in memory: an install with organizations in all verdicts, gaps, blind spots, exclusions, first
 * copies due, notices, declarations and unmatched files, or one organization's own report. Same options, same report.
 */
export function sampleReport(options: SampleOptions): Report {
  const hostile = options.hostile === true;
  const [from, to] = options.only === undefined ? [0, options.organizations] : [options.only, options.only + 1];
  async function* chapters(wanted?: ReadonlySet<string>): AsyncIterable<OrganizationChapter> {
    for (let index = from; index < to; index += 1) {
      if (wanted !== undefined && !wanted.has(sampleOrganizationId(index))) continue;
      const chapter = sampleChapter(index, hostile);
      yield options.only === undefined ? chapter : withShared(chapter);
    }
  }
  return {
    head: sampleHead(options),
    installFindings: options.only === undefined ? INSTALL_CONTROLS.map(sharedFinding) : [],
    installEvidence: options.only === undefined ? sharedEvidence : [],
    chapters,
    async *organizations() {
      for (let index = from; index < to; index += 1) yield sampleChapter(index, hostile).summary;
    },
    worst: (limit) =>
      options.only === undefined
        ? worstIndexes(options.organizations, limit).map(sampleOrganizationId)
        : [sampleOrganizationId(options.only)].slice(0, limit),
  };
}

/** In an organization's own report the shared findings that concern it stand in its chapter. */
function withShared(chapter: OrganizationChapter): OrganizationChapter {
  return {
    ...chapter,
    findings: [...chapter.findings, ...INSTALL_CONTROLS.map(sharedFinding)],
    evidence: [...chapter.evidence, ...sharedEvidence],
  };
}
