import { createHash, randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAsker, systemClock } from '../collect/ask.ts';
import { ForeignFileError } from '../collect/backups/verification/load-remembered.ts';
import { openMemory, type VerificationMemory } from '../collect/backups/verification/verification-memory.ts';
import type { CollectOutcome, Progress } from '../collect/bundle-sink.ts';
import { collect } from '../collect/collect.ts';
import type { Collection } from '../collect/estate.ts';
import { samePlaceMistakes } from '../collect/same-places.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import type { LoadedConfig } from '../config/load.ts';
import { loadMapping, mappingDigest } from '../config/mapping.ts';
import { BUNDLE_VERSION, type BundleHeader } from '../model/bundle.ts';
import { Secret } from '../model/secret.ts';
import type { WrittenOutput } from '../report/output-error.ts';
import { writeBundle } from './bundle-file.ts';
import { withScratch } from './scratch.ts';
import { TOOL_VERSION } from './version.ts';

/** The mapping that comes with the program: an assumption about the product's schema, to be checked with doctor. */
export const REFERENCE_MAPPING = fileURLToPath(new URL('../../config/mappings/reference.yaml', import.meta.url));

export interface CollectBundleOptions {
  readonly loaded: LoadedConfig;
  /** The bundle to write. */
  readonly file: string;
  /** How messages call it; default: a bundle that was asked for. */
  readonly output?: WrittenOutput;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/**
 * Collects an install into a bundle file, whole or not at all.
 *
 * @throws ConfigurationError for secrets that cannot be resolved, a mapping with mistakes, or two locations at one place
 */
export async function collectBundle(options: CollectBundleOptions): Promise<CollectOutcome> {
  const { loaded, signal } = options;
  const { config } = loaded;
  const mappingFile =
    config.install.mapping === undefined ? REFERENCE_MAPPING : resolve(dirname(loaded.file), config.install.mapping);
  const mapping = await loadMapping(mappingFile);
  const secrets = await resolveAll(loaded);
  const mistakes = await samePlaceMistakes(config.locations);
  if (mistakes.length > 0) throw new ConfigurationError(loaded.file, mistakes);
  const digestKey = secrets.get(config.digestKey ?? '') ?? new Secret(randomBytes(32).toString('hex'));
  const collection: Collection = {
    config,
    policy: loaded.policy,
    attestations: loaded.attestations,
    attestationsUsed: new Set(),
    mapping,
    asker: createAsker(systemClock, [...secrets.values(), digestKey], signal),
    signal,
    digestKey,
    startedAt: systemClock(),
    secret: (_setting, reference) => Promise.resolve(secrets.get(reference) ?? new Secret('')),
  };
  const sealKey = secrets.get(config.digestKey ?? '') ?? null;
  return withScratch(async (scratch) => {
    const memory = await rememberedVerifications(loaded, scratch, sealKey);
    const writer = await writeBundle(options.file, headerOf(loaded, mappingDigest(mapping)), options.output);
    try {
      const outcome = await collect(collection, writer.sink, {
        scratch: join(scratch, 'spool'),
        memory,
        progress: options.progress,
      });
      signal.throwIfAborted();
      await writer.commit();
      return outcome;
    } catch (error) {
      await writer.abort();
      throw error;
    } finally {
      await memory.close();
    }
  });
}

/** What earlier runs verified. @throws ConfigurationError where the file holds something else or cannot be read */
async function rememberedVerifications(
  { file: configuration, config }: LoadedConfig,
  scratch: string,
  key: Secret | null,
): Promise<VerificationMemory> {
  const { file } = config.collect.verification;
  try {
    return await openMemory({ file, scratch, key, toolVersion: TOOL_VERSION });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = error instanceof ForeignFileError ? error.message : code;
    if (why === undefined) throw error;
    const problem = `${file ?? 'the file'} holds no remembered verifications that can be read: ${why}`;
    const hint = 'Name a file of its own there, or move that one away; a new one is then begun.';
    throw new ConfigurationError(configuration, [{ path: 'collect.verification.file', problem, hint }]);
  }
}

/** Resolves every reference of the configuration up front, so that all that are missing are reported at once. */
async function resolveAll(loaded: LoadedConfig): Promise<ReadonlyMap<string, Secret>> {
  const secrets = new Map<string, Secret>();
  for (const { path, reference } of referencesIn(loaded.config)) {
    if (!secrets.has(reference)) secrets.set(reference, await loaded.secrets.resolve(path, reference));
  }
  if (loaded.secrets.mistakes.length > 0) throw new ConfigurationError(loaded.file, loaded.secrets.mistakes);
  return secrets;
}

const SECRET_KEYS: ReadonlySet<string> = new Set([
  'password',
  'passphrase',
  'token',
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
  'clientSecret',
  'clientCertificate',
  'digestKey',
  'pin',
]);

/** Every `env:` and `file:` reference with its path in the file. */
export function referencesIn(
  value: unknown,
  path = '',
): readonly { readonly path: string; readonly reference: string }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesIn(item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const here = path === '' ? key : `${path}.${key}`;
    if (typeof item === 'string') return SECRET_KEYS.has(key) ? [{ path: here, reference: item }] : [];
    return referencesIn(item, here);
  });
}

function headerOf(loaded: LoadedConfig, mapping: string): BundleHeader {
  const startedAt = systemClock();
  return {
    type: 'header',
    bundleVersion: BUNDLE_VERSION,
    runId: `run-${startedAt.replaceAll(/[-:]|\.\d+/g, '').toLowerCase()}-${randomBytes(3).toString('hex')}`,
    toolVersion: TOOL_VERSION,
    timeZoneData: process.versions['tz'] ?? 'unknown',
    collectorHost: hostname(),
    operator: userInfo().username,
    configDigest: `sha256:${createHash('sha256').update(loaded.text).digest('hex')}`,
    mappingDigest: `sha256:${mapping}`,
    startedAt,
    policy: loaded.policy,
    notAsked: [],
  };
}
