import type { AnyEvidence, Evidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { ReportHead } from '../model/report.ts';
import { counted } from '../model/text.ts';
import { neutralize, neutralizeSentence } from './wording/names.ts';
import { subjectLabel } from './wording/subjects.ts';

type Notices = ReportHead['notices'];
type LeftKey = Facts['provider-use']['leftKeys'][number];

/** Keys that a notice names. */
const NAMED = 5;

/**
 * Providers that nothing uses, and keys of organizations that are gone. Neither is a gap: such a key may be all that
 * opens a copy that must be retained, or all that is left to be destroyed.
 *
 * @param evidence of the install's own part; what it names is no organization's own business
 */
export function providerUseNotices(evidence: readonly AnyEvidence[]): Notices {
  return evidence
    .filter((record) => record.kind === 'provider-use')
    .flatMap((record) => record.items.flatMap((item) => noticesOn(record, item)));
}

function noticesOn(record: Evidence<'provider-use'>, item: Facts['provider-use']): Notices {
  const name = subjectLabel(record.subject);
  const { usedBy, notListed, leftKeys, leftCount } = item;
  const live = leftKeys.filter(({ inProvider }) => inProvider !== false);
  const destroyed = leftKeys.filter(({ inProvider }) => inProvider === false);
  // The list may be cut; what was cut is counted with those that are there.
  const cut = leftCount - leftKeys.length;
  return [
    ...(usedBy.length > 0
      ? []
      : [
          {
            text: `${name} is configured, and no keyring of the install or of an organization, no seal and no location uses it`,
            remedy:
              'Remove its entry under providers if nothing is left to be opened with its keys; else correct which provider the keyrings name.',
          },
        ]),
    ...(live.length === 0
      ? []
      : [
          {
            text: `${name} holds ${counted(live.length + cut, 'key')} of organizations that the install does not list, and that no keyring of a listed one names: ${namesText(live, live.length + cut)}`,
            remedy:
              'First find out whose they are: another install may use the same provider. Of an organization that is gone, find out whether copies of it must be retained (INV-5 names those that were found). While they must, keep its key: without it no copy can ever be opened. Once they need not, destroying the key makes every copy unreadable at once, wherever it lies; record that as the erasure.',
          },
        ]),
    ...(destroyed.length === 0
      ? []
      : [
          {
            text: `${counted(destroyed.length, 'key')} of organizations that the install does not list ${destroyed.length === 1 ? 'is' : 'are'} gone from ${name} and still in snapshots of it: ${namesText(destroyed, destroyed.length)}`,
            remedy:
              'Whoever restores such a snapshot has the keys again. If destroying them was to make copies unreadable, that is complete only once these snapshots are gone, too.',
          },
        ]),
    ...(notListed === null
      ? []
      : [
          {
            text: `Whether ${name} holds keys of organizations that are gone was not asked: ${neutralizeSentence(notListed)}`,
            remedy: 'Allow it to list its keys, if that matters here; nothing else needs that right.',
          },
        ]),
  ];
}

function namesText(keys: readonly LeftKey[], total: number): string {
  const shown = keys.slice(0, NAMED).map(({ name, toldBy, snapshots }) => {
    const details = [
      ...(toldBy === 'keyring row' ? ['a keyring row is left, too'] : []),
      ...(snapshots === 0 ? [] : [`in ${counted(snapshots, 'snapshot')}`]),
    ];
    return `${neutralize(name)}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
  });
  const more = total > shown.length ? `, and ${total - shown.length} more` : '';
  return `${shown.join(', ')}${more}`;
}
