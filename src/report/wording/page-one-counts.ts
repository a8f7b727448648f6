import type { OrganizationSummary, ReportHead } from '../../model/report.ts';
import { instantText } from './instants.ts';
import { capitalized, countText, listText, numberText } from './numbers.ts';

/** How many organizations there are and what became of each: judged, blind, excluded; what is not accounted for is said. */
export function denominatorSentence(head: ReportHead): string {
  const { total, judged, blind, excluded } = head.denominator.organizations;
  const parts = [
    `${numberText(judged)} judged`,
    `${numberText(blind)} blind (listed, but nothing of its own could be judged)`,
    `${numberText(excluded)} excluded by policy`,
  ].join(', ');
  if (total === null) {
    return judged + blind + excluded === 0
      ? 'The organizations could not be listed, so nobody knows how many there are and none was judged.'
      : `The organizations could not be listed, so nobody knows how many there are. Of those known from elsewhere: ${parts}.`;
  }
  if (total === 0) return 'The install database lists no organizations.';
  const verb = total === 1 ? 'is' : 'are';
  const listed = `${capitalized(countText(total, 'organization'))} ${verb} listed in the install database: ${parts}.`;
  const missing = total - judged - blind - excluded;
  if (missing === 0) return listed;
  return missing > 0
    ? `${listed} ${capitalized(countText(missing, 'organization'))} not accounted for.`
    : `${listed} That is ${numberText(-missing)} more than are listed.`;
}

/** Organizations by verdict; those at risk by what puts them there. */
export function verdictCountsSentence(head: ReportHead): string {
  const { verdicts } = head.install;
  const risk = verdicts['at-risk'];
  const atRisk = risk.gap + risk.blindSpot + risk.firstCopyDue;
  const reasons = [
    risk.gap > 0 ? `${numberText(risk.gap)} by a gap` : '',
    risk.blindSpot > 0 ? `${numberText(risk.blindSpot)} by a blind spot` : '',
    risk.firstCopyDue > 0 ? `${numberText(risk.firstCopyDue)} with the first copy still due` : '',
  ].filter((reason) => reason !== '');
  const counts = [
    `${numberText(verdicts.recoverable)} recoverable`,
    `${numberText(atRisk)} at risk${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`,
    `${numberText(verdicts.unknown)} unknown`,
    `${numberText(verdicts['not-recoverable'])} not recoverable`,
    ...(verdicts.none > 0 ? [`${numberText(verdicts.none)} without a verdict`] : []),
  ];
  return `Organizations by verdict: ${listText(counts)}.`;
}

/** Who still waits for a first copy, and until when; null where nobody does. */
export function firstCopySentence(head: ReportHead, own: OrganizationSummary | null): string | null {
  if (own !== null)
    return own.firstCopyDue === null ? null : `Its first copy is due by ${instantText(own.firstCopyDue)}.`;
  const waiting = head.install.verdicts['at-risk'].firstCopyDue;
  if (waiting === 0) return null;
  const [verb, until] =
    waiting === 1
      ? ['waits for its', 'until it is there this organization counts']
      : ['wait for their', 'until it is there they count'];
  return `${capitalized(countText(waiting, 'new organization'))} still ${verb} first copy, within the time allowed; ${until} as at risk.`;
}
