import type { OrganizationSummary, ReportHead } from '../../model/report.ts';
import { ageText, instantText, instantWithAge } from './instants.ts';
import { asSentence } from './names.ts';
import { countText } from './numbers.ts';
import { lossText } from './subjects.ts';

/** The verdict as an answer to the report's question, for a reader without technical background. */
export function verdictSentence(head: ReportHead, own: OrganizationSummary | null): string {
  const loss = lossText(head.run.loss);
  return own === null ? installSentence(head, loss) : organizationSentence(own, loss);
}

function installSentence(head: ReportHead, loss: string): string {
  switch (head.install.verdict) {
    case 'recoverable':
      return `Yes. If ${loss} were gone now, the install and every organization that was judged would come back.`;
    case 'at-risk':
      return `Yes, but not safely. If ${loss} were gone now, the install would come back, ${exceptNew(head)}`;
    case 'unknown':
      return `Not known. What could be seen does not show that everything would come back if ${loss} were gone now.`;
    case 'not-recoverable':
      return `No. If ${loss} were gone now, the install or at least one of its organizations would not come back.`;
    case null:
      return 'There is no verdict: nothing was there to judge. An audit of nothing is not a pass.';
  }
}

/** What a new organization lacks is said first: until it has its first copy it would not come back. */
function exceptNew(head: ReportHead): string {
  const waiting = head.install.verdicts['at-risk'].firstCopyDue;
  const { gap, blindSpot } = head.install.verdicts['at-risk'];
  const risk = 'but something serious is missing or could not be checked.';
  if (waiting === 0) return risk;
  const some = `except ${countText(waiting, 'new organization')} whose first copy is still to come`;
  return gap + blindSpot === 0 ? `${some}.` : `${some}; ${risk.slice('but '.length)}`;
}

function organizationSentence(own: OrganizationSummary, loss: string): string {
  switch (own.verdict) {
    case 'recoverable':
      return `Yes. If ${loss} were gone now, this organization would come back.`;
    case 'at-risk':
      return own.atRiskBy.includes('first-copy-due')
        ? `Not yet. This organization is new and its first copy is still to come${own.atRiskBy.length === 1 ? '' : '; besides, something serious is missing or could not be checked'}.`
        : `Yes, but not safely. If ${loss} were gone now, this organization would come back, but something serious is missing or could not be checked.`;
    case 'unknown':
      return `Not known. What could be seen does not show that this organization would come back if ${loss} were gone now.`;
    case 'not-recoverable':
      return `No. If ${loss} were gone now, this organization would not come back.`;
    case null:
      return own.exclusion === null
        ? 'There is no verdict: nothing of this organization was there to judge.'
        : 'There is no verdict: this organization is left out of the audit on purpose.';
  }
}

/** What stands in the way first, in recovery order; null where nothing does. */
export function weakestLinkSentence(head: ReportHead, own: OrganizationSummary | null): string | null {
  const link = own === null ? head.install.weakestLink : own.weakestLink;
  return link === null ? null : asSentence(link.sentence);
}

/** To which moment it would come back. */
export function recoveryPointSentence(head: ReportHead, own: OrganizationSummary | null): string {
  if (own === null) {
    return head.install.recoveryPoint === null
      ? 'No moment is proven to which the install database can be brought back.'
      : `The install database can be brought back to ${instantWithAge(head.install.recoveryPoint, head.run.asOf)}; each organization’s own moment stands in its row.`;
  }
  if (own.recoveryPoint === null) return 'No moment is proven to which this organization can be brought back.';
  const age = own.recoveryPointAgeSeconds;
  return age === null
    ? `It can be brought back to ${instantWithAge(own.recoveryPoint, head.run.asOf)}.`
    : `It can be brought back to ${instantText(own.recoveryPoint)}, ${ageText(age)}.`;
}
