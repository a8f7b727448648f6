import { askedOnHost, readOnHost } from '../../collect/plan-host.ts';
import { isProviderReachable } from '../../collect/reachable.ts';
import { ConfigurationError, type Mistake } from '../../config/configuration-error.ts';
import type { HostPlan } from '../../config/host-plan.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { ProviderConfig } from '../../config/provider-schema.ts';
import type { Config } from '../../config/schema.ts';
import { whatIsRun } from './host-plan-file.ts';

type DirectoryLocation = HostPlan['locations'][number];

/** What a host is to be asked. */
export interface Wanted {
  readonly hosts: boolean;
  readonly locations: readonly DirectoryLocation[];
  readonly providers: readonly ProviderConfig[];
}

/** What the names of the command line stand for. @throws ConfigurationError with everything that cannot be asked */
export function wantedBy({ config, file, policy }: LoadedConfig, only: readonly string[]): Wanted {
  const mistakes: Mistake[] = [];
  const locations = new Map<string, DirectoryLocation>();
  const providers = new Map<string, ProviderConfig>();
  for (const one of only) {
    const found = wantedByName(config, one);
    if ('problem' in found) mistakes.push({ path: `--only ${one}`, ...found });
    else {
      for (const location of found.locations) locations.set(location.name, location);
      for (const provider of found.providers) providers.set(provider.id, provider);
    }
  }
  const isRun = config.digestKey === undefined ? whatIsRun(asPlanned([...locations.values()], providers)) : null;
  if (isRun !== null) {
    const problem = `is missing, and ${isRun} is to be asked on another host, which must be certain who wants that`;
    mistakes.push({ path: 'digestKey', problem, hint: 'Configure a digestKey that both hosts can read.' });
  }
  if (policy.proveKeys && providers.size === 0 && mistakes.length === 0) mistakes.push(NOTHING_TO_PROVE);
  if (mistakes.length > 0) throw new ConfigurationError(file, mistakes);
  return {
    hosts: only.includes('hosts'),
    locations: [...locations.values()].map(plain),
    providers: [...providers.values()],
  };
}

function asPlanned(locations: readonly DirectoryLocation[], providers: ReadonlyMap<string, ProviderConfig>) {
  const asked = [...providers.values()].map((definition) => ({ definition, keys: [], rights: [], samples: [] }));
  return { locations: [...locations], providers: asked };
}

const NOTHING_TO_PROVE: Mistake = {
  path: '--prove-keys',
  problem: 'no key provider is planned whose keys could be proven',
  hint: 'Name one with --only providers:ID, or leave --prove-keys out: other providers are asked by the scan itself.',
};

type Refusal = Pick<Mistake, 'problem' | 'hint'>;

function wantedByName(config: Config, only: string): Omit<Wanted, 'hosts'> | Refusal {
  const [kind, name] = [only.replace(/:.*/s, ''), only.slice(only.indexOf(':') + 1)];
  if (only === 'hosts') {
    const { host } = config.install;
    return { locations: readOnHost(config.locations, host), providers: askedOnHost(config.providers, host) };
  }
  if (kind === 'locations') {
    const found = config.locations.find((location) => location.name === name);
    if (found?.kind === 'directory') return { locations: [found], providers: [] };
    const problem =
      found === undefined ? `${name} is not among the locations` : `location ${name} is of kind ${found.kind}`;
    const hint = 'Name a location of kind directory; buckets and services can be asked from everywhere.';
    return { problem, hint };
  }
  if (kind === 'providers') {
    const found = config.providers.find(({ id }) => id === name);
    if (found === undefined) {
      return { problem: `${name} is not among the providers`, hint: 'Name a provider by its id.' };
    }
    if (!isProviderReachable(config, found)) return { locations: [], providers: [found] };
    const problem = `provider ${name} is asked by the scan itself, so that no answer of another host would count`;
    return { problem, hint: 'State reachableFrom in its entry: the host that alone can reach it.' };
  }
  return {
    problem: 'is nothing that can be planned',
    hint: 'Write hosts, locations: and the name of a location, or providers: and the id of a key provider.',
  };
}

/** As the schema knows it: without what the host that is asked need not know. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
