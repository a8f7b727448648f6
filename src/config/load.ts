import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Policy } from '../model/policy.ts';
import { withAbsolutePaths } from './absolute-paths.ts';
import { type Attestation, attestationsSchema } from './attestations.ts';
import { ConfigurationError, type Mistake } from './configuration-error.ts';
import { custodyMistakes } from './custody.ts';
import { OTHER_COPY_PURPOSES, otherCopyMistakes } from './other-copies.ts';
import { type Config, configSchema } from './schema.ts';
import { type SecretResolver, secretResolver } from './secrets.ts';
import { tokenMistakes } from './token-mistakes.ts';
import { readYamlFile } from './yaml-file.ts';

/** A configuration that was read and checked. Paths in it are absolute; secrets are still references. */
export interface LoadedConfig {
  readonly file: string;
  /** The file's own text, for its digest. */
  readonly text: string;
  readonly config: Config;
  readonly attestations: readonly Attestation[];
  readonly policy: Policy;
  readonly secrets: SecretResolver;
}

/**
 * Reads the configuration and the attestations beside it.
 *
 * @throws ConfigurationError with every mistake of both files
 */
export async function loadConfig(file: string, environment: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  const mistakes: Mistake[] = [];
  const parsed = await orMistakes(readYamlFile(file, configSchema), mistakes, '');
  if (parsed !== null) mistakes.push(...crossChecks(parsed.value));
  const named = parsed?.value.attestations;
  const attestationsFile =
    named === undefined ? join(dirname(file), 'attestations.yaml') : resolve(dirname(file), named);
  const declared =
    named === undefined && !existsSync(attestationsFile)
      ? null
      : await orMistakes(
          readYamlFile(attestationsFile, attestationsSchema),
          mistakes,
          `${basename(attestationsFile)}: `,
        );
  if (parsed === null || mistakes.length > 0) throw new ConfigurationError(file, mistakes);
  const { value: config, text } = parsed;
  const attestations = declared?.value.attestations ?? [];
  return {
    file,
    text,
    config: withAbsolutePaths(config, file),
    attestations,
    policy: {
      ...config.policy,
      organizationLimits: Object.fromEntries(
        Object.entries(config.policy.organizationLimits).map(([id, limits]) => [id.toLowerCase(), limits]),
      ),
      loss: config.loss ?? { level: 'host', name: config.install.host },
      exclusions: config.exclusions,
      // Asked for on the command line, run by run.
      proveKeys: false,
    },
    secrets: secretResolver(environment, file),
  };
}

/** The result, or null with its mistakes added to the list, so that those of several files are reported together. */
async function orMistakes<T>(reading: Promise<T>, mistakes: Mistake[], prefix: string): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    mistakes.push(...error.mistakes.map((one) => ({ ...one, path: `${prefix}${one.path}` })));
    return null;
  }
}

/** What a schema of single values cannot say: names that must differ, and names that must exist. */
function crossChecks(config: Config): readonly Mistake[] {
  const locations = new Map(config.locations.map((location) => [location.name, location]));
  // The install database's own server needs no entry among the servers and bears this name.
  const servers = new Set(['install', ...config.servers.map((server) => server.name)]);
  return [
    ...lossOfNothing(config),
    ...custodyMistakes(config),
    ...repeated(
      'locations',
      config.locations.map((location) => location.name),
    ),
    ...repeated(
      'providers',
      config.providers.map((provider) => provider.id),
    ),
    ...repeated(
      'servers',
      config.servers.map((server) => server.name),
    ),
    ...config.locations.flatMap((location, index) => [
      ...(location.servers ?? [])
        .filter((server) => !servers.has(server))
        .map((server) => unknownName(`locations[${index}].servers`, server, 'servers')),
      ...purposeMistakes(location, index),
      ...(location.kind === 'aws' ? location.volumes : [])
        .filter(({ server }) => !servers.has(server))
        .map(({ server }) => unknownName(`locations[${index}].volumes`, server, 'servers')),
      ...otherCopyMistakes(location, `locations[${index}]`, servers),
      ...(location.files?.layout === 'mirror' && location.files.completionMarker === undefined
        ? [
            {
              path: `locations[${index}].files.completionMarker`,
              problem: 'is missing, and nothing else tells of when a mirror is',
              hint: 'Name the file that whatever writes the mirror touches last.',
            },
          ]
        : []),
      ...(location.purposes.includes('files') && location.files === undefined && !tellsItsCopies(location)
        ? [
            {
              path: `locations[${index}].files`,
              problem: 'is missing, and the location is said to hold file copies',
              hint: 'Add files: {} with its timeFormat, or remove files from purposes.',
            },
          ]
        : []),
      ...(location.timeZone !== undefined && !isTimeZone(location.timeZone)
        ? [
            {
              path: `locations[${index}].timeZone`,
              problem: `${location.timeZone} is no time zone`,
              hint: 'Write a name of the IANA time zone database, such as Europe/Berlin.',
            },
          ]
        : []),
    ]),
    ...config.plans.flatMap((plan, index) =>
      (plan.servers ?? [])
        .filter((server) => !servers.has(server))
        .map((server) => unknownName(`plans[${index}].servers`, server, 'servers')),
    ),
    ...config.plans
      .map((plan, index) => ({ index, zone: plan.timeZone }))
      .filter(({ zone }) => zone !== undefined && !isTimeZone(zone))
      .map(({ index, zone }) => ({
        path: `plans[${index}].timeZone`,
        problem: `${zone} is no time zone`,
        hint: 'Write a name of the IANA time zone database, such as Europe/Berlin.',
      })),
    ...config.stores.s3.flatMap(({ mirrors }, index) =>
      mirrors
        .filter((bucket) => !config.stores.s3.some((one, other) => one.bucket === bucket && other !== index))
        .map((bucket) => unknownName(`stores.s3[${index}].mirrors`, bucket, 'stores.s3')),
    ),
    ...config.providers.flatMap((provider, index) => tokenMistakes(provider, `providers[${index}]`)),
    ...config.providers.flatMap(vaultMistakes),
    ...config.providers.flatMap((provider, index) =>
      provider.kind === 'vault-transit'
        ? provider.snapshots
            .filter((name) => !locations.get(name)?.purposes.includes('vault-snapshots'))
            .map((name) => unknownName(`providers[${index}].snapshots`, name, 'locations with purpose vault-snapshots'))
        : [],
    ),
  ];
}

/** A Vault is asked with a token or with a login, and its nodes speak what it speaks. */
function vaultMistakes(provider: Config['providers'][number], index: number): readonly Mistake[] {
  if (provider.kind !== 'vault-transit') return [];
  const { token, login, address, nodes } = provider;
  const hint = 'Give token: with a reference, or login: with a method, and not both.';
  const scheme = URL.parse(address)?.protocol;
  return [
    ...(token === undefined && login === undefined
      ? [{ path: `providers[${index}].token`, problem: 'is missing, and so is login', hint }]
      : []),
    ...(token !== undefined && login !== undefined
      ? [{ path: `providers[${index}].login`, problem: 'is given beside token', hint }]
      : []),
    ...nodes
      .filter((node) => URL.parse(node)?.protocol !== scheme)
      .map((node) => ({
        path: `providers[${index}].nodes`,
        problem: `${node} is not of the scheme of the address, ${scheme}//`,
        hint: 'Nodes of one cluster are asked in one way: a token that went under TLS is not sent without.',
      })),
  ];
}

/** Services keep no files, and directories and buckets no backups of services. */
function purposeMistakes(location: Config['locations'][number], index: number): readonly Mistake[] {
  return location.purposes
    .filter((purpose) => (purpose === 'managed-backups') !== (location.kind === 'aws'))
    .map((purpose) => ({
      path: `locations[${index}].purposes`,
      problem: `a location of kind ${location.kind} holds no ${purpose}`,
      hint: 'Kind aws has the purpose managed-backups and no other; all other purposes are for directories and buckets.',
    }));
}

/** A host or site that nothing is said to stand on loses nothing: with such a name every organization would survive. */
function lossOfNothing({ loss, install, servers, locations, providers, stores }: Config): readonly Mistake[] {
  if (loss === undefined || (loss.level !== 'host' && loss.level !== 'site')) return [];
  const { level, name } = loss;
  const peers = providers.flatMap((provider) =>
    provider.kind === 'pkcs11' && provider.peer !== undefined ? [provider.peer] : [],
  );
  const stated = [install.database, ...servers, ...locations, ...providers, ...peers, ...stores.s3].map(
    ({ failureDomain }) => failureDomain?.[level],
  );
  const own = install.runbookFailureDomain?.[level];
  const names = level === 'host' ? [install.host, own, ...stated] : [own, ...stated];
  if (names.some((one) => one?.toLowerCase() === name.toLowerCase())) return [];
  return [
    {
      path: 'loss.name',
      problem: `nothing is said to stand on ${level} ${name}`,
      hint: `Mend its spelling, or state the failure domain of what stands there (failureDomain: { ${level}: ${name} }).`,
    },
  ];
}

function repeated(list: string, names: readonly string[]): readonly Mistake[] {
  const lower = names.map((name) => name.toLowerCase());
  return names
    .filter((name, index) => lower.indexOf(name.toLowerCase()) !== index)
    .map((name) => ({ path: list, problem: `${name} occurs twice`, hint: 'Give each entry a name of its own.' }));
}

function unknownName(path: string, name: string, list: string): Mistake {
  return { path, problem: `${name} is not among the ${list}`, hint: `Add it to the ${list}, or mend its spelling.` };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Purposes beside which nothing need be said of how copies of files lie there. */
function tellsItsCopies({ purposes }: { readonly purposes: readonly string[] }): boolean {
  return OTHER_COPY_PURPOSES.some((purpose) => purposes.includes(purpose));
}
