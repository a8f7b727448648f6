import { isAbsolute, join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { LoadedConfig } from '../config/load.ts';
import { type Instant, toInstant } from '../model/instant.ts';
import type { Policy } from '../model/policy.ts';
import { SEVERITIES, type Severity } from '../model/severity.ts';
import type { CommandIo } from './io.ts';

/** Options that several commands share. */

export const configOption = () => new Option('-c, --config <file>', 'configuration file').default('recoverage.yaml');
export const outputOption = () =>
  new Option('-o, --output <directory>', 'directory for the report; replaced as a whole');
export const formatOption = () =>
  new Option('-f, --format <list>', 'formats, separated by commas: json, html, pdf, csv').argParser(parseFormats);
export const organizationOption = () =>
  new Option('--organization <id>', "this organization's own report, which names no other");
export const failOnOption = () =>
  new Option('--fail-on <severity>', 'least severity that decides the exit code').choices(SEVERITIES);
export const acceptExcludedOption = () =>
  new Option('--accept-excluded', 'exclusions alone do not prevent exit code 0');
export const asOfOption = () =>
  new Option('--as-of <instant>', 'judge by this clock, ISO 8601 with offset').argParser(parseInstant);
export const exitStyleOption = () =>
  new Option('--exit-style <style>', 'exit codes for CI, or for Nagios and its kin')
    .choices(['ci', 'nagios'])
    .default('ci');
export const depthOption = () =>
  new Option('--depth <depth>', 'how far copies are read, whatever the configuration says').choices(DEPTHS);
export const withOption = () =>
  new Option('--with <file>', 'join what another host answered to a plan; may be given several times').argParser(
    (file: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), file],
  );
export const inventoryOption = () =>
  new Option('--inventory', 'also list every file store in full and count the files that no database names');
export const jsonOption = (what: string) => new Option('--json', `print ${what} as JSON on stdout`);

export const proveKeysOption = () =>
  new Option(
    '--prove-keys',
    'have each key provider unwrap a sample of each key version in use (KEY-11); takes rights of its own',
  );

export const readKeyVersionsOption = () =>
  new Option(
    '--read-key-versions',
    'read the key-version rows inside dumps of tenant databases (KEY-4); reads one table of their contents',
  );

/** The configuration with the policy that proofs are asked for. */
export function withProofs(loaded: LoadedConfig, proveKeys: boolean | undefined): LoadedConfig {
  return proveKeys === true ? { ...loaded, policy: { ...loaded.policy, proveKeys } } : loaded;
}

const DEPTHS = ['structure', 'mixed', 'full'] as const;
export type Depth = (typeof DEPTHS)[number];

/** What the command line says about how far sources are read. */
export interface CollectFlags {
  readonly depth?: Depth;
  readonly inventory?: boolean;
  readonly readKeyVersions?: boolean;
}

/** The configuration with what the command line says. */
export function withCollectFlags(
  loaded: LoadedConfig,
  { depth, inventory, readKeyVersions }: CollectFlags,
): LoadedConfig {
  const { config } = loaded;
  const { keyVersionsInCopies } = config.collect;
  const collect = {
    ...config.collect,
    ...(depth === undefined ? {} : { depth }),
    ...(inventory === undefined ? {} : { inventory }),
    ...(readKeyVersions === true ? { keyVersionsInCopies: { ...keyVersionsInCopies, read: true } } : {}),
  };
  return { ...loaded, config: { ...config, collect } };
}

const KNOWN_FORMATS = ['json', 'html', 'pdf', 'csv'];

function parseFormats(text: string): readonly string[] {
  const formats = text.split(',').map((format) => format.trim());
  const unknown = formats.find((format) => !KNOWN_FORMATS.includes(format));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`${unknown} is no format; choose from ${KNOWN_FORMATS.join(', ')}.`);
  return formats;
}

function parseInstant(text: string): Instant {
  const millis = Date.parse(text);
  if (Number.isNaN(millis) || !/^\d{4}-.*(Z|[+-]\d\d:?\d\d)$/i.test(text)) {
    throw new InvalidArgumentError('Write an instant with its offset, such as 2026-11-22T18:00:00Z.');
  }
  return toInstant(millis);
}

/** A path as the person typed it, seen from the working directory. */
export function pathFrom(io: CommandIo, path: string): string {
  return isAbsolute(path) ? path : join(io.workingDirectory, path);
}

/** Host bundles that are joined, as absolute paths. */
export interface JoinFlags {
  readonly with?: readonly string[];
}

export function joinedFiles(io: CommandIo, flags: JoinFlags): readonly string[] {
  return (flags.with ?? []).map((file) => pathFrom(io, file));
}

/** What a command line changes of the policy. */
export interface PolicyFlags {
  readonly failOn?: Severity;
  readonly acceptExcluded?: boolean;
}

export function policyWith(policy: Policy, flags: PolicyFlags): Policy {
  return {
    ...policy,
    ...(flags.failOn === undefined ? {} : { failOn: flags.failOn }),
    ...(flags.acceptExcluded === true ? { acceptExcluded: true } : {}),
  };
}
