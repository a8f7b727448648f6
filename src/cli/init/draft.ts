import { isLoopbackHost, isLoopbackUrl } from '../../model/loopback.ts';
import type { Discovery, FoundBucket, FoundProvider } from './discover.ts';

/** How the install database is reached, as the configuration will say it. */
export interface DatabaseDraft {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  /** `env:NAME` or `file:PATH`; null where the server asks for none. */
  readonly password: string | null;
  readonly tls: 'verify-full' | 'disable';
  readonly caFile: string | null;
}

export interface LocationDraft {
  readonly name: string;
  readonly place:
    | { readonly kind: 'directory'; readonly path: string }
    | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };
}

/** Everything that goes into the file. Hosts by `<list> <name>`; null where nobody said. */
export interface Draft {
  readonly installHost: string;
  readonly collectorRunsHere: boolean;
  readonly database: DatabaseDraft;
  readonly mapping: string | null;
  readonly servers: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly locations: readonly LocationDraft[];
  readonly providers: readonly FoundProvider[];
  readonly buckets: readonly FoundBucket[];
  readonly hosts: ReadonlyMap<string, string>;
  readonly discovery: Discovery;
}

/** Whether an address is of this machine. */
export function isLocalAddress(host: string): boolean {
  return host.startsWith('/') || isLoopbackHost(host);
}

/** Whether a provider is recorded at an address that is the install host's own. */
export function isOnInstallHost({ settings }: FoundProvider): boolean {
  return [settings['address'], settings['endpoint']].some((address) => address !== undefined && isLoopbackUrl(address));
}

/** Servers other than the install database's, each with a name of its own. */
export function serverDrafts(discovery: Discovery, database: DatabaseDraft): Draft['servers'] {
  const name = uniqueNames();
  return discovery.servers
    .filter(({ host, port }) => host.toLowerCase() !== database.host.toLowerCase() || port !== database.port)
    .map(({ host, port }) => ({ name: name(host), host, port }));
}

/** Directories and buckets that backup plans write to; other targets are left to the operator. */
export function locationDrafts(targets: readonly string[]): readonly LocationDraft[] {
  const name = uniqueNames();
  return targets.flatMap((target): readonly LocationDraft[] => {
    const bucket = /^s3:\/\/([^/]{3,})\/?(.*)$/.exec(target);
    if (bucket !== null) {
      const [, found = '', prefix = ''] = bucket;
      return [{ name: name(found), place: { kind: 's3', bucket: found, prefix } }];
    }
    const path = /^(?:file:\/\/(?:localhost)?)?(\/.*)$/.exec(target)?.[1];
    if (path === undefined) return [];
    return [
      { name: name(path.split('/').findLast((part) => part !== '') ?? 'root'), place: { kind: 'directory', path } },
    ];
  });
}

/** Gives names that configurations accept, never the same twice. */
function uniqueNames(): (wanted: string) => string {
  const taken = new Set<string>();
  return (wanted) => {
    const base =
      wanted
        .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '')
        .slice(0, 50) || 'unnamed';
    let name = base;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${base}-${number}`;
    taken.add(name.toLowerCase());
    return name;
  };
}

/** The name of an environment variable for a secret of something. */
export function variableFor(name: string, what: string): string {
  const words = name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return `RECOVERAGE_${words === '' ? '' : `${words}_`}${what}`;
}
