import type { ReportFormat } from '../../model/report.ts';
import { writeLinkedPages } from './html/linked-pages.ts';
import { writeOneFile } from './html/one-file.ts';

/** Organizations on one page of a large report: a page of this size stays quick to open and to print. */
const ORGANIZATIONS_PER_PAGE = 100;

/**
 * `report.html`: one file without script and without outside request, for screens from 390 px and for paper. Above
 * `htmlPageSize` organizations it is an index with linked pages `organizations/0001.html` … of at most 100 each.
 */
export const htmlFormat: ReportFormat = {
  id: 'html',
  title: 'HTML',
  async render(report, sink, { htmlPageSize }) {
    const { judged, blind, excluded } = report.head.denominator.organizations;
    if (report.head.scope.kind === 'organization' || judged + blind + excluded <= htmlPageSize)
      await writeOneFile(report, sink);
    else await writeLinkedPages(report, sink, Math.min(htmlPageSize, ORGANIZATIONS_PER_PAGE));
  },
};
