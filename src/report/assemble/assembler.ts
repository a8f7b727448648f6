import type { BundleTrailer } from '../../model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Finding } from '../../model/finding.ts';
import type { OrganizationChapter, OrganizationSummary, ReportedEvidence, ReportHead } from '../../model/report.ts';
import { declaredOf } from '../notices.ts';
import { type CollectedBlindSpots, createBlindSpotList, NOBODY } from './blind-spots.ts';
import { type CollectedDisagreements, createDisagreementList } from './disagreements.ts';
import { type CountedFindings, createFindingsTally } from './findings-tally.ts';
import type { Folding } from './folding.ts';
import { type AssembledReport, type AssembleOptions, type InstallSummary, type RunFacts, reportOf } from './head.ts';
import { createNamedOrganizations, type MetOrganizations } from './named-organizations.ts';
import { type CountedOrganizations, createOrganizationsTally } from './organizations-tally.ts';
import { reportedEvidence } from './reported-evidence.ts';
import { type AskedSources, createSourceList } from './source-list.ts';
import { type CountedGaps, createGapList } from './worst-gaps.ts';

/** A finding with the blind spots behind it, as judging gives it. */
export interface AssembledFinding {
  readonly finding: Finding;
  readonly blindSpots: readonly { readonly evidence: AnyEvidence | null; readonly blindSpot: BlindSpot }[];
}

/** What organizations were folded into: plain data. */
export interface FoldedOrganizations {
  readonly findings: CountedFindings;
  readonly organizations: CountedOrganizations;
  readonly gaps: CountedGaps;
  readonly sources: AskedSources;
  readonly blindSpots: CollectedBlindSpots;
  readonly disagreements: CollectedDisagreements;
  readonly met: MetOrganizations;
  readonly declared: ReportHead['declared'];
}

/** Folds judged parts into a report, in the order of organization ids; tallies once. */
export interface Assembler extends Folding<FoldedOrganizations> {
  organization(
    summary: OrganizationSummary,
    findings: readonly AssembledFinding[],
    shared: readonly AssembledFinding[],
    evidence: readonly AnyEvidence[],
  ): OrganizationChapter;
  /** Adds the install's own part and ends the folding. */
  finish(
    run: RunFacts,
    trailer: BundleTrailer,
    install: Omit<InstallSummary, 'verdicts'>,
    findings: readonly AssembledFinding[],
    evidence: readonly AnyEvidence[],
  ): AssembledReport;
}

export function createAssembler(options: AssembleOptions): Assembler {
  const { policy, asOf, only } = options;
  const tally = createFindingsTally(policy.failOn);
  const organizations = createOrganizationsTally();
  const gaps = createGapList();
  const sources = createSourceList();
  const blindSpots = createBlindSpotList();
  const disagreements = createDisagreementList();
  const named = createNamedOrganizations(policy);
  const declared: ReportHead['declared'] = [];

  const finished = (assembled: AssembledFinding, organizationId: string | null): Finding => {
    const ids = assembled.blindSpots.map(({ evidence, blindSpot }) =>
      blindSpots.add(evidence?.source ?? NOBODY, blindSpot, organizationId),
    );
    return ids.length === 0 ? assembled.finding : { ...assembled.finding, blindSpotIds: [...new Set(ids)] };
  };
  const noted = (findings: readonly AssembledFinding[], organizationId: string | null): Finding[] =>
    findings.map((one) => {
      const finding = finished(one, organizationId);
      tally.count(finding);
      gaps.note(finding);
      return finding;
    });
  const reported = (evidence: readonly AnyEvidence[], organizationId: string | null): ReportedEvidence[] =>
    evidence.map((record) => {
      if (record.blindSpot !== null) blindSpots.add(record.source, record.blindSpot, organizationId);
      sources.note(record);
      return reportedEvidence(record, asOf, policy, only !== null);
    });

  return {
    organization(summary, own, shared, evidence) {
      const id = summary.organizationId.toLowerCase();
      const findings = [...noted(own, id), ...(only === null ? [] : noted(shared, id))];
      const list = reported(evidence, id);
      named.meet(id);
      disagreements.add(evidence);
      // An organization states no context of its own.
      declared.push(...declaredOf(evidence.filter(({ kind }) => kind === 'declaration')));
      const blindSpotIds = [...new Set(findings.flatMap((finding) => finding.blindSpotIds))];
      const complete: OrganizationSummary = { ...summary, blindSpotIds };
      organizations.count(complete);
      return { summary: complete, findings, evidence: list };
    },
    folded: () => ({
      findings: tally.folded(),
      organizations: organizations.folded(),
      gaps: gaps.folded(),
      sources: sources.folded(),
      blindSpots: blindSpots.folded(),
      disagreements: disagreements.folded(),
      met: named.folded(),
      declared,
    }),
    merge(later) {
      tally.merge(later.findings);
      organizations.merge(later.organizations);
      gaps.merge(later.gaps);
      sources.merge(later.sources);
      blindSpots.merge(later.blindSpots);
      disagreements.merge(later.disagreements);
      named.merge(later.met);
      declared.push(...later.declared);
    },
    finish(run, trailer, install, findings, evidence) {
      const isWhole = only === null;
      disagreements.add(evidence);
      const installFindings = isWhole ? noted(findings, null) : [];
      const installEvidence = isWhole ? reported(evidence, null) : [];
      return reportOf({
        options,
        run,
        trailer,
        install,
        installFindings,
        installEvidence,
        evidence,
        findings: tally.folded(),
        organizations: organizations.folded(),
        worstGaps: gaps.shown(),
        blindSpots: blindSpots.list(),
        differences: disagreements.notices(),
        // Only whoever saw all organizations can say that one is not there.
        strayNames: isWhole && trailer.total !== null ? named.notices() : [],
        method: sources.method(),
        declared,
      });
    },
  };
}
