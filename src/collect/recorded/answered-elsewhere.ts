import type { Config } from '../../config/schema.ts';
import { ANSWERING_INSTALL_HOST, type BundleHeader } from '../../model/bundle.ts';
import type { JoinedHosts } from './joined-hosts.ts';
import { definitionDigest } from './provider-definition.ts';
import { isSameHost } from './two-looks.ts';

export type AnsweredElsewhere = NonNullable<BundleHeader['answeredElsewhere']>;

type Answered = Pick<Config, 'providers' | 'locations'> & { readonly install: Pick<Config['install'], 'host'> };

/**
 * The install host, and providers and locations that another host answered than the one that is said to reach them alone: two hosts may have a
 * token of one label, or a directory of one path. Names of hosts are compared without their domains.
 */
export function answeredElsewhere(
  { providers, locations, install }: Answered,
  joined: Pick<JoinedHosts, 'provider' | 'location' | 'installHost'>,
): AnsweredElsewhere {
  const found = [
    { what: ANSWERING_INSTALL_HOST, reachableFrom: install.host, by: joined.installHost() },
    ...providers.map((config) => {
      const recorded = joined.provider(config.id);
      const counts = recorded?.itself.definition === definitionDigest(config);
      return {
        what: `key provider ${config.id}`,
        reachableFrom: config.reachableFrom,
        by: counts ? recorded?.host : null,
      };
    }),
    ...locations.map((config) => ({
      what: `location ${config.name}`,
      reachableFrom: config.kind === 'directory' ? config.reachableFrom : undefined,
      by: joined.location(config.name)?.host,
    })),
  ];
  return found.flatMap(({ what, reachableFrom, by }) =>
    reachableFrom === undefined || by == null || isSameHost(reachableFrom, by)
      ? []
      : [{ what, reachableFrom, answeredBy: by }],
  );
}
