import type { BlindSpot } from '../../model/evidence.ts';
import type { JoinedAnswer } from './joined-hosts.ts';
import { isSameHost } from './two-looks.ts';

/** Which bundles speak for the install host. */
export interface InstallHostAnswers {
  /** Host by whose bundle a question about the install host was answered. */
  readonly noteHost: (collectorHost: string) => void;
  /** Whether what a host says of the install host counts. */
  readonly counts: (collectorHost: string) => boolean;
  /** The same answers without those that do not count; where nothing tells which do, each is a blind spot. */
  readonly counted: <A extends JoinedAnswer<unknown>>(answers: readonly A[]) => readonly A[];
  /** The host that answered, where all that counts is of one. */
  readonly host: () => string | null;
}

/**
 * A plan for the install host may be answered anywhere, such as on its standby. Where a host of the configured name
 * answered, it alone counts. One of another name counts while it is the only one: the configuration need not call the
 * install host as that calls itself. Of several it is not known which is meant.
 *
 * @param installHost as the configuration names it
 */
export function installHostAnswers(installHost: string): InstallHostAnswers {
  const hosts: string[] = [];
  const isNamed = (host: string) => isSameHost(installHost, host);
  const counts = (host: string) => (hosts.some(isNamed) ? isNamed(host) : hosts.length < 2);
  return {
    noteHost(host) {
      if (!hosts.some((known) => isSameHost(known, host))) hosts.push(host);
    },
    counts,
    counted(answers) {
      const counting = answers.filter(({ bundle }) => counts(bundle.collectorHost));
      if (counting.length > 0 || answers.length === 0 || hosts.some(isNamed)) return counting;
      return answers.map((answer) => ({ ...answer, value: null, blindSpot: severalHosts(installHost, hosts) }));
    },
    host: () => hosts.find(counts) ?? null,
  };
}

function severalHosts(installHost: string, hosts: readonly string[]): BlindSpot {
  const named = [...hosts].sort().join(' and ');
  return {
    reason: 'not-asked',
    detail: `${named} answered in bundles of their own as the install host, and none of them bears its name ${installHost}`,
    remedy: `Name the bundle of the install host alone (--with), or let install.host name it as it calls itself.`,
  };
}
