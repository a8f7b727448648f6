import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Policy } from '../model/policy.ts';
import { withAbsolutePaths } from './absolute-paths.ts';
import { type Attestation, attestationsSchema } from './attestations.ts';
import { ConfigurationError, type Mistake } from './configuration-error.ts';
import { type Config, configSchema } from './schema.ts';
import { type SecretResolver, secretResolver } from './secrets.ts';
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
 * @throws ConfigurationError with every mistake of the file
 */
export async function loadConfig(file: string, environment: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  const { value: config, text } = await readYamlFile(file, configSchema);
  const mistakes = crossChecks(config);
  if (mistakes.length > 0) throw new ConfigurationError(file, mistakes);
  const attestationsFile =
    config.attestations === undefined
      ? join(dirname(file), 'attestations.yaml')
      : resolve(dirname(file), config.attestations);
  const attestations =
    config.attestations === undefined && !existsSync(attestationsFile)
      ? []
      : (await readYamlFile(attestationsFile, attestationsSchema)).value.attestations;
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
    },
    secrets: secretResolver(environment, file),
  };
}

/** What a schema of single values cannot say: names that must differ, and names that must exist. */
function crossChecks(config: Config): readonly Mistake[] {
  const locations = new Map(config.locations.map((location) => [location.name, location]));
  const servers = new Set(config.servers.map((server) => server.name));
  return [
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
      ...(location.purposes.includes('files') && location.files === undefined
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
    ...config.providers.flatMap((provider, index) =>
      provider.kind === 'vault-transit'
        ? provider.snapshots
            .filter((name) => !locations.get(name)?.purposes.includes('vault-snapshots'))
            .map((name) => unknownName(`providers[${index}].snapshots`, name, 'locations with purpose vault-snapshots'))
        : [],
    ),
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
