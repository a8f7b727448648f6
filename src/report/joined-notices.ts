import type { BundleHeader } from '../model/bundle.ts';
import type { Instant } from '../model/instant.ts';
import type { ReportHead } from '../model/report.ts';
import { agedText } from '../model/text.ts';
import { neutralize } from './wording/names.ts';

/** Which hosts answered for themselves, and how long ago: what they said is as old as that. */
export function joinedNotices({ joined = [] }: Pick<BundleHeader, 'joined'>, asOf: Instant): ReportHead['notices'] {
  return joined.map(({ collectorHost, finishedAt, isAuthenticated }) => ({
    text: `Host ${neutralize(collectorHost)} answered in a bundle of its own of ${agedText(finishedAt, asOf)}; ${isAuthenticated ? 'its MAC was checked' : 'it bears no MAC, so that only its digest vouches for it'}`,
    remedy: isAuthenticated
      ? 'Nothing, unless it is too old: collect there again (recoverage collect --plan).'
      : 'Configure a digestKey that both hosts can read: a digest shows damage, and not who wrote the file.',
  }));
}
