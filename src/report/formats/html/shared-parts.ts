import type { Report } from '../../../model/report.ts';
import type { PageOne } from '../../wording/page-one.ts';
import { REBUILD_LEAD, REBUILD_TITLE, rebuildLines } from '../../wording/rebuild.ts';
import { appendixView, blindSpotAnchor } from './appendix-view.ts';
import type { HtmlDocument } from './document.ts';
import { anchorOf, evidenceView, findingsView, type Locate, type Places } from './finding-view.ts';
import { chainView, planesView } from './organization-view.ts';
import { pageOneView } from './page-one-view.ts';
import { isolated } from './shown.ts';

const INSTALL_PREFIX = 'install';

/**
 * Where evidence and blind spots stand, seen from a page.
 *
 * @param index address of the page with the install's evidence and the blind spots; empty on that page itself
 */
export function places(report: Report, index: string): (own: Iterable<string>, prefix: string) => Places {
  const shared = new Set(report.installEvidence.map(({ id }) => id));
  const spots = new Set(report.head.blindSpots.map(({ id }) => id));
  const blindSpot: Locate = (id) => (spots.has(id) ? `${index}#${blindSpotAnchor(id)}` : null);
  return (own, prefix) => {
    const known = new Set(own);
    return {
      blindSpot,
      evidence: (id) => {
        if (known.has(id)) return `#${anchorOf(prefix, id)}`;
        return shared.has(id) ? `${index}#${anchorOf(INSTALL_PREFIX, id)}` : null;
      },
    };
  };
}

export async function addPageOne(document: HtmlDocument, report: Report, page: PageOne): Promise<void> {
  await document.add('page-one', pageOneView(page, report.head));
}

/** The chapter of the install: its planes, its chain, findings on it and on what is shared. */
export async function addInstall(document: HtmlDocument, report: Report): Promise<void> {
  const { install } = report.head;
  const at = places(report, '')([], INSTALL_PREFIX);
  const about = 'the install and what is shared';
  await document.add('install', {
    lead: 'What several organizations lean on is judged once, here, and counts for each of them.',
    planes: planesView(install.planes),
    chain: chainView(install.chain, install.weakestLink?.plane ?? null),
    rebuildTitle: REBUILD_TITLE,
    rebuildLead: REBUILD_LEAD,
    rebuild: isolated(rebuildLines(report.head)),
    findings: findingsView(report.installFindings, at, about),
    evidence: evidenceView(report.installEvidence, INSTALL_PREFIX, about),
  });
}

export async function addAppendix(document: HtmlDocument, report: Report, page: PageOne): Promise<void> {
  await document.add('appendix', appendixView(report.head, page));
}
