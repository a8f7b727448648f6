import type { DatasetMapping } from '../../collect/organizations/dataset-source.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { loadMapping } from '../../config/mapping.ts';
import type { Config } from '../../config/schema.ts';
import { isLoopbackHost } from '../../model/loopback.ts';
import { counted } from '../../model/text.ts';
import { REFERENCE_MAPPING } from '../../pipeline/reference-mapping.ts';
import { type Check, mistake, ok, warning } from './check.ts';

const AREA = 'configuration';

/** Reads configuration, attestations and mapping; null for what has mistakes, each of which is a check. */
export async function readConfiguration(
  file: string,
  environment: NodeJS.ProcessEnv,
): Promise<{
  readonly loaded: LoadedConfig | null;
  readonly mapping: DatasetMapping | null;
  readonly checks: readonly Check[];
}> {
  const { value: loaded, checks } = await reading(() => loadConfig(file, environment));
  if (loaded === null) return { loaded, mapping: null, checks };
  const mappingFile = loaded.config.install.mapping ?? REFERENCE_MAPPING;
  const { value: mapping, checks: mappingChecks } = await reading(() => loadMapping(mappingFile));
  const { locations, providers, servers } = loaded.config;
  const parts = [
    counted(locations.length, 'location'),
    counted(providers.length, 'provider'),
    counted(servers.length, 'further server'),
    counted(loaded.attestations.length, 'attestation'),
  ];
  return {
    loaded,
    mapping,
    checks: [
      ok(AREA, `${file}: ${parts.join(', ')}`),
      ...mappingChecks,
      ...(mapping === null ? [] : mappingSaid(mapping, loaded.config)),
      ...noLocationChecks(loaded.config),
      ...domainChecks(loaded.config),
      ...encryptionChecks(loaded.config),
    ],
  };
}

async function reading<T>(
  read: () => Promise<T>,
): Promise<{ readonly value: T | null; readonly checks: readonly Check[] }> {
  try {
    return { value: await read(), checks: [] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { file, mistakes } = error;
    const checks = mistakes.map(({ path, problem, hint }) =>
      mistake(AREA, `${file}: ${path === '' ? '' : `${path} `}${problem}`, hint),
    );
    return { value: null, checks };
  }
}

function mappingSaid(mapping: DatasetMapping, { install }: Config): readonly Check[] {
  if (install.mapping !== undefined) return [ok(AREA, `mapping ${mapping.name}`)];
  return [
    warning(
      AREA,
      `mapping ${mapping.name}: install.mapping is not set, so the shipped assumption about table names is used`,
      'Compare it with the install: copy config/mappings/reference.yaml, correct it, and name it in install.mapping.',
    ),
  ];
}

function noLocationChecks({ locations }: Config): readonly Check[] {
  if (locations.length > 0) return [];
  const change = 'Name the places where copies lie under locations:, each with its purposes and failureDomain.';
  return [warning(AREA, 'no location is configured, so no copy of anything can be seen', change)];
}

/** Nobody but the operator knows where things stand; without it copies count for no loss of the host. */
function domainChecks({ locations, providers, servers }: Config): readonly Check[] {
  const unstated = [
    ...locations
      .filter((one) => one.failureDomain === undefined)
      .map(({ name }) => ({ what: `location ${name}`, so: 'copies there prove nothing about a loss of the host' })),
    ...providers
      .filter((one) => one.failureDomain === undefined && one.kind !== 'aws-kms')
      .map(({ id }) => ({ what: `provider ${id}`, so: 'it needs a copy as if it stood on the install host' })),
    ...providers
      .filter((one) => one.kind === 'pkcs11' && one.peer !== undefined && one.peer.failureDomain === undefined)
      .map(({ id }) => ({ what: `peer of provider ${id}`, so: 'it stands in for no HSM that is lost' })),
    ...servers
      .filter((one) => one.failureDomain === undefined)
      .map(({ name }) => ({
        what: `server ${name}`,
        so: 'its databases need copies as if it stood on the install host',
      })),
  ];
  return unstated.map(({ what, so }) =>
    warning(AREA, `${what} states no failure domain: ${so}`, `Add failureDomain: { host: … } to ${what}.`),
  );
}

function encryptionChecks({ install, servers }: Config): readonly Check[] {
  return [{ path: 'install.database', ...install.database }, ...servers.map((one) => ({ path: one.name, ...one }))]
    .filter(({ tls, host }) => tls === 'disable' && !staysHere(host))
    .map(({ path, host }) =>
      warning(
        AREA,
        `${path}: password and data go to ${host} unencrypted`,
        'Set tls: verify-full, with caFile where the certificate is of an authority of your own.',
      ),
    );
}

function staysHere(host: string): boolean {
  return host.startsWith('/') || isLoopbackHost(host);
}
