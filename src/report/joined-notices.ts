import { ANSWERING_INSTALL_HOST, type BundleHeader } from '../model/bundle.ts';
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
  return [...bundles, ...answeredElsewhere.map(elsewhereNotice)];
}

function elsewhereNotice({ what, ...hosts }: NonNullable<BundleHeader['answeredElsewhere']>[number]) {
  const [meant, answered] = [neutralize(hosts.reachableFrom), neutralize(hosts.answeredBy)];
  if (what === ANSWERING_INSTALL_HOST) {
    return {
      text: `The install host is ${meant} by the configuration, and what a plan asks of it was answered by ${answered}`,
      remedy: `Find out whether that is the same host: another, such as its standby, may have files under the same paths. Then let install.host name it as it calls itself, or collect on ${meant}.`,
    };
  }
  return {
    text: `${neutralize(what)} is said to be reachable from ${meant} alone, and was answered by ${answered}`,
    remedy: `Find out whether that is the same host: another may have a token, a service or a directory of the same name. Then correct reachableFrom in its entry, or collect on ${meant}.`,
  };
}
