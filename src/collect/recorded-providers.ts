import type { ProviderConfig } from '../config/provider-schema.ts';
import type { Config } from '../config/schema.ts';
import type { BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { isLoopbackHost } from '../model/loopback.ts';
import type { KeyProviderRow } from './organizations/dataset-contracts.ts';
import type { InstallReading } from './organizations/install-database.ts';
import { readSpool } from './organizations/spool.ts';

type Difference = Facts['provider-record'];

/** How what the install database records of configured providers differs from the configuration, by provider id. */
export interface RecordedProviders {
  /** Providers that are certainly not the ones the install uses, so that nothing they say counts. */
  readonly others: ReadonlyMap<string, BlindSpot>;
  /** Addresses that are written differently, and may be one place all the same. */
  readonly addresses: ReadonlyMap<string, readonly Difference[]>;
}

/** The host that the install database speaks of when it records an address of its own machine. */
export type InstallHost = Pick<Config['install'], 'host' | 'collectorRunsHere'>;

/** Compares every configured provider with the rows of its id; a dataset that was not read tells nothing. */
export async function compareRecorded(
  configured: readonly ProviderConfig[],
  install: InstallHost,
  reading: Pick<InstallReading, 'datasets'>,
): Promise<RecordedProviders> {
  const others = new Map<string, BlindSpot>();
  const addresses = new Map<string, readonly Difference[]>();
  const dataset = reading.datasets.key_providers;
  if (dataset.status !== 'read') return { others, addresses };
  for await (const record of readSpool<KeyProviderRow>(dataset.file)) {
    const config = record.ok ? configured.find(({ id }) => id === record.row.providerId) : undefined;
    if (!record.ok || config === undefined) continue;
    const found = recordedOtherwise(config, record.row, install);
    if (found.other.length > 0) others.set(config.id, otherProvider(config.id, found.other));
    if (found.address.length > 0) addresses.set(config.id, found.address);
  }
  return { others, addresses };
}

/**
 * The settings that a row and a configured provider both state and that differ. `other`: kind, mount, namespace,
 * region, label and serial number of a token, of which a difference means other keys. `address`: one server goes by many addresses.
 */
export function recordedOtherwise(
  config: ProviderConfig,
  row: Pick<KeyProviderRow, 'kind' | 'settings'>,
  install: InstallHost,
): { readonly other: readonly Difference[]; readonly address: readonly Difference[] } {
  if (row.kind !== config.kind) {
    const isKnown = KINDS.has(row.kind);
    return { other: isKnown ? [{ setting: 'kind', recorded: row.kind, configured: config.kind }] : [], address: [] };
  }
  const settings = row.settings ?? {};
  const askedFrom = config.reachableFrom ?? (install.collectorRunsHere ? install.host : COLLECTOR);
  const differingAddress = (setting: string, configured: string | undefined) => {
    const recorded = settings[setting];
    if (recorded === undefined || configured === undefined) return [];
    const [one, two] = [hostAndPort(recorded, install.host), hostAndPort(configured, askedFrom)];
    return one === null || two === null || one === two ? [] : [{ setting, recorded, configured }];
  };
  const differing = (setting: string, configured: string | undefined, same: (text: string) => string | null) => {
    const recorded = settings[setting];
    if (recorded === undefined || configured === undefined) return [];
    const [one, two] = [same(recorded), same(configured)];
    return one === null || two === null || one === two ? [] : [{ setting, recorded, configured }];
  };
  if (config.kind === 'vault-transit') {
    return {
      other: [...differing('mount', config.mount, path), ...differing('namespace', config.namespace ?? '', namespace)],
      address: differingAddress('address', config.address),
    };
  }
  if (config.kind === 'azure-key-vault') {
    const other = differing('address', config.address, azureName);
    return { other, address: other.length > 0 ? [] : differingAddress('address', config.address) };
  }
  if (config.kind === 'pkcs11') {
    const either = (setting: string, alias: string, configured: string | undefined, same = blankless) => {
      const found = differing(setting, configured, same);
      return found.length > 0 ? found : differing(alias, configured, same);
    };
    return {
      other: [
        ...either('tokenLabel', 'token_label', config.tokenLabel),
        ...either('tokenSerial', 'token_serial', config.tokenSerial, (serial) => blankless(serial).toLowerCase()),
      ],
      address: [],
    };
  }
  if (config.kind !== 'aws-kms') return { other: [], address: [] };
  return {
    other: differing('region', config.region, (region) => region.trim().toLowerCase()),
    address: differingAddress('endpoint', config.endpoint),
  };
}

const KINDS: ReadonlySet<string> = new Set<ProviderConfig['kind']>([
  'vault-transit',
  'aws-kms',
  'pkcs11',
  'azure-key-vault',
]);

function path(text: string): string {
  return text.trim().replace(/^\/+|\/+$/g, '');
}

/** Tokens fill their labels and serial numbers up with blanks. */
function blankless(text: string): string {
  return text.trim();
}

/** Vault's root namespace goes by the name `root` too (Vault documentation, "Vault Enterprise namespaces"). */
function namespace(text: string): string {
  const plain = path(text);
  return plain === 'root' ? '' : plain;
}

/**
 * Name and service of a vault or Managed HSM, which no other has, whether it is asked through a private endpoint or not;
 * null for an address of another form.
 */
function azureName(text: string): string | null {
  const host = URL.parse(text.trim())?.hostname.toLowerCase() ?? '';
  const [, name, service] = /^([a-z0-9-]+)\.(?:privatelink\.)?(vault|managedhsm)(?:core)?\.[a-z.]+$/.exec(host) ?? [];
  return name === undefined ? null : `${name} ${service}`;
}

/** Stands for the host of the collector, which is another than the install host, and is no name. */
const COLLECTOR = '(collector)';

/**
 * Host and port without case, scheme and path; null for what is no URL.
 *
 * @param seenFrom the host whose own an address of the machine itself is
 */
function hostAndPort(text: string, seenFrom: string): string | null {
  const url = URL.parse(text.trim());
  if (url === null || url.hostname === '') return null;
  const port = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port;
  const host = isLoopbackHost(url.hostname) ? seenFrom : url.hostname.replace(/\.$/, '');
  return `${host.toLowerCase()}:${port}`;
}

function otherProvider(id: string, differences: readonly Difference[]): BlindSpot {
  const texts = differences.map(
    ({ setting, recorded, configured }) =>
      `${setting} ${JSON.stringify(recorded)}, where the configuration ${configured === '' ? 'states none' : `states ${JSON.stringify(configured)}`}`,
  );
  return {
    reason: 'not-asked',
    detail: `the install database records key provider ${id} with ${texts.join(', and ')}: the configured one is another, and was not asked`,
    remedy: `Correct ${differences.map(({ setting }) => setting).join(' and ')} of id ${id} under providers in the configuration, or the statement of dataset key_providers in the mapping.`,
  };
}
