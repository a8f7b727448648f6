import type { OrganizationSummary, Report, ReportSink } from '../../../model/report.ts';
import { numberText } from '../../wording/numbers.ts';
import { type PageOne, pageOne } from '../../wording/page-one.ts';
import { type Block, blockHref, blockList, VERDICT_ORDER } from './blocks.ts';
import { type HtmlDocument, openDocument } from './document.ts';
import { verdictMark } from './marks.ts';
import { footLine, INDEX_FILE } from './one-file.ts';
import { chapterView, organizationRow } from './organization-view.ts';
import { addAppendix, addInstall, addPageOne, places } from './shared-parts.ts';
import { isolated, shownName } from './shown.ts';
import { organizationsStart } from './tables.ts';

/** Rows of the worst organizations on the index. */
const WORST_SHOWN = 200;

/**
 * An index, `report.html`, with the first page, the worst organizations and a list of pages; and pages
 * `organizations/0001.html` … with the rows and chapters of one block of organizations each. Memory does not grow with
 * the number of organizations beyond one line a page.
 */
export async function writeLinkedPages(report: Report, sink: ReportSink, perPage: number): Promise<void> {
  const page = pageOne(report.head, null);
  const worstIds = new Set(report.worst(WORST_SHOWN));
  const { blocks, worst, total } = await blockList(report, perPage, worstIds);
  await writeIndex(report, sink, page, {
    blocks,
    total,
    worst: report.worst(WORST_SHOWN).flatMap((id) => worst.get(id) ?? []),
  });
  await writeBlocks(report, sink, page, blocks, perPage, total);
}

interface IndexContent {
  readonly blocks: readonly Block[];
  readonly worst: readonly { readonly summary: OrganizationSummary; readonly href: string }[];
  readonly total: number;
}

async function writeIndex(report: Report, sink: ReportSink, page: PageOne, content: IndexContent): Promise<void> {
  const document = await openDocument(sink, INDEX_FILE, {
    title: `${page.verdictWord}: ${page.title}`,
    foot: footLine(page),
    links: [
      { href: '#worst', text: 'Worst organizations' },
      { href: '#pages', text: 'All organizations' },
      { href: '#install', text: 'The install' },
      { href: '#controls', text: 'Controls' },
      { href: '#method', text: 'Evidence and method' },
      { href: '#limitations', text: 'Limitations' },
    ],
  });
  const total = numberText(content.total);
  await addPageOne(document, report, page);
  const lead = `The ${numberText(content.worst.length)} organizations that are worst off, of ${total} in all. Every organization is on one of the pages below.`;
  await document.add('organizations-start', organizationsStart('worst', 'Worst organizations', lead));
  for (const { summary, href } of content.worst) await document.add('organization-row', organizationRow(summary, href));
  await document.add('organizations-end', {});
  await document.add('pages', {
    lead: `All ${total} organizations in the order of their ids. The complete data also lies in report.json, findings.csv and organizations.csv.`,
    verdicts: VERDICT_ORDER.map(verdictMark),
    pages: content.blocks.map((block) => ({
      href: blockHref(block.number),
      number: numberText(block.number),
      first: shownName(block.first),
      last: shownName(block.last),
      count: numberText(block.count),
      counts: block.byVerdict.map(numberText),
    })),
  });
  await addInstall(document, report);
  await addAppendix(document, report, page);
  await document.end();
}

/**
 * Each page holds its table first and then its chapters, so a page's chapters are collected before it is written: at
 * most one block is in memory.
 */
async function writeBlocks(
  report: Report,
  sink: ReportSink,
  page: PageOne,
  blocks: readonly Block[],
  perPage: number,
  total: number,
): Promise<void> {
  const at = places(report, `../${INDEX_FILE}`);
  let position = 0;
  let document: HtmlDocument | null = null;
  let rows: object[] = [];
  let chapters: object[] = [];
  const finish = async (): Promise<void> => {
    if (document === null) return;
    for (const row of rows) await document.add('organization-row', row);
    await document.add('organizations-end', {});
    await document.add('section-start', {
      id: 'chapters',
      title: 'Chains and findings',
      lead: 'The chain is what recovery needs, in the order of recovery. Every step must hold.',
    });
    for (const chapter of chapters) await document.add('chapter', chapter);
    await document.add('section-end', {});
    await document.end();
    document = null;
    rows = [];
    chapters = [];
  };
  for await (const chapter of report.chapters()) {
    const block = blocks[Math.floor(position / perPage)];
    if (block === undefined) throw new RangeError('more chapters than organizations');
    if (position % perPage === 0) {
      await finish();
      document = await openBlock(sink, page, block, blocks.length, perPage, total);
    }
    position += 1;
    const anchor = `o-${position}`;
    rows.push(organizationRow(chapter.summary, `#${anchor}`));
    chapters.push(
      chapterView(
        chapter,
        anchor,
        report.head.run.asOf,
        at(
          chapter.evidence.map(({ id }) => id),
          anchor,
        ),
      ),
    );
  }
  if (position !== total) throw new RangeError('fewer chapters than organizations');
  await finish();
}

async function openBlock(
  sink: ReportSink,
  page: PageOne,
  block: Block,
  pages: number,
  perPage: number,
  total: number,
): Promise<HtmlDocument> {
  const from = (block.number - 1) * perPage + 1;
  const title = `Organizations ${numberText(from)} to ${numberText(from + block.count - 1)} of ${numberText(total)}`;
  const beside = (number: number): string => blockHref(number).slice(blockHref(number).indexOf('/') + 1);
  const document = await openDocument(sink, blockHref(block.number), {
    title: `${title}: ${page.title}`,
    foot: footLine(page),
    links: [
      { href: `../${INDEX_FILE}`, text: 'First page' },
      { href: '#organizations', text: 'Organizations' },
      { href: '#chapters', text: 'Chains and findings' },
    ],
  });
  await document.add('block-head', {
    title,
    subtitle: isolated(`${page.title}. ${page.lossSentence} Page ${numberText(block.number)} of ${numberText(pages)}.`),
    links: [
      ...(block.number > 1 ? [{ href: beside(block.number - 1), text: 'Previous page' }] : []),
      ...(block.number < pages ? [{ href: beside(block.number + 1), text: 'Next page' }] : []),
    ],
  });
  await document.add(
    'organizations-start',
    organizationsStart(
      'organizations',
      'Organizations',
      'One row each, in the order of their ids; the name leads to its chapter.',
    ),
  );
  return document;
}
