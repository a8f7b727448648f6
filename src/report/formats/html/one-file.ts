import type { Report, ReportSink } from '../../../model/report.ts';
import { capitalized, countText } from '../../wording/numbers.ts';
import { type PageOne, pageOne } from '../../wording/page-one.ts';
import { type DocumentHead, openDocument } from './document.ts';
import { chapterView, organizationRow } from './organization-view.ts';
import { addAppendix, addInstall, addPageOne, places } from './shared-parts.ts';
import { isolated } from './shown.ts';
import { organizationsStart } from './tables.ts';

export const INDEX_FILE = 'report.html';

/** The whole report in `report.html`: the first page, a row and a chapter for each organization, the rest. */
export async function writeOneFile(report: Report, sink: ReportSink): Promise<void> {
  const page = pageOne(report.head, await ownSummary(report));
  const own = report.head.scope.kind === 'organization';
  const document = await openDocument(sink, INDEX_FILE, documentHead(page, own));
  await addPageOne(document, report, page);
  await document.add(
    'organizations-start',
    organizationsStart(
      'organizations',
      own ? 'The organization' : 'Organizations',
      own
        ? 'Its verdict and its five planes.'
        : 'One row each, in the order of their ids; the name leads to its chapter.',
    ),
  );
  let row = 0;
  for await (const summary of report.organizations()) {
    row += 1;
    await document.add('organization-row', organizationRow(summary, `#o-${row}`));
  }
  await document.add('organizations-end', {});
  if (!own) await addInstall(document, report);
  await document.add('section-start', {
    id: 'chapters',
    title: own ? 'Its chain and findings' : 'Each organization’s chain and findings',
    lead: 'The chain is what recovery needs, in the order of recovery. Every step must hold.',
  });
  const at = places(report, '');
  let number = 0;
  for await (const chapter of report.chapters()) {
    number += 1;
    const anchor = `o-${number}`;
    const ids = chapter.evidence.map(({ id }) => id);
    await document.add('chapter', chapterView(chapter, anchor, report.head.run.asOf, at(ids, anchor)));
  }
  if (number !== row) throw new RangeError(`${countText(row, 'row')} but ${countText(number, 'chapter')}`);
  await document.add('section-end', {});
  await addAppendix(document, report, page);
  await document.end();
}

async function ownSummary(report: Report): Promise<Parameters<typeof pageOne>[1]> {
  if (report.head.scope.kind === 'install') return null;
  for await (const summary of report.organizations()) return summary;
  return null;
}

function documentHead(page: PageOne, own: boolean): DocumentHead {
  const links = [
    { href: '#organizations', text: own ? 'The organization' : 'Organizations' },
    ...(own ? [] : [{ href: '#install', text: 'The install' }]),
    { href: '#chapters', text: 'Chains and findings' },
    { href: '#controls', text: 'Controls' },
    { href: '#method', text: 'Evidence and method' },
    { href: '#limitations', text: 'Limitations' },
  ];
  return { title: `${page.verdictWord}: ${page.title}`, links, foot: footLine(page) };
}

/** Title and origin, for the foot of each page. */
export function footLine(page: PageOne): string {
  return isolated(`${capitalized(page.title)}. ${page.subtitle} ${page.lossSentence}`);
}
