import type { BundleHeader } from '../model/bundle.ts';
import type { Instant } from '../model/instant.ts';
import type { ReportHead } from '../model/report.ts';
import { agedText } from '../model/text.ts';
import { neutralize } from './wording/names.ts';

/** Which hosts answered for themselves, and how long ago: what they said is as old as that. */
export function joinedNotices(
  { joined = [], answeredElsewhere = [] }: Pick<BundleHeader, 'joined' | 'answeredElsewhere'>,
  asOf: Instant,
): ReportHead['notices'] {
  const bundles = joined.map(({ collectorHost, toolVersion, finishedAt, isAuthenticated }) => ({
    text: `Host ${neutralize(collectorHost)} answered in a bundle of its own of ${agedText(finishedAt, asOf)}${toolVersion === undefined ? '' : `, by version ${neutralize(toolVersion)}`}; ${isAuthenticated ? 'its MAC was checked' : 'it bears no MAC, so that only its digest vouches for it'}`,
    remedy: isAuthenticated
      ? 'Nothing, unless it is too old: collect there again (recoverage collect --plan).'
      : 'Configure a digestKey that both hosts can read: a digest shows damage, and not who wrote the file.',
  }));
  const elsewhere = answeredElsewhere.map(({ what, reachableFrom, answeredBy }) => ({
    text: `${neutralize(what)} is said to be reachable from ${neutralize(reachableFrom)} alone, and was answered by ${neutralize(answeredBy)}`,
    remedy: `Find out whether that is the same host: another may have a token, a service or a directory of the same name. Then correct reachableFrom in its entry, or collect on ${neutralize(reachableFrom)}.`,
  }));
  return [...bundles, ...elsewhere];
}
