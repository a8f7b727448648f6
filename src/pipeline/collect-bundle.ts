import { createHash, randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createAsker, systemClock } from '../collect/ask.ts';
import { ForeignFileError } from '../collect/backups/verification/load-remembered.ts';
import { openMemory, type VerificationMemory } from '../collect/backups/verification/verification-memory.ts';
import type { CollectOutcome, Progress } from '../collect/bundle-sink.ts';
import { collect } from '../collect/collect.ts';
import type { Collection } from '../collect/estate.ts';
import { isReachable } from '../collect/reachable.ts';
import { answeredElsewhere } from '../collect/recorded/answered-elsewhere.ts';
import { ForeignBundleError } from '../collect/recorded/foreign-bundle-error.ts';
import type { JoinedHosts } from '../collect/recorded/joined-hosts.ts';
import { samePlaceMistakes } from '../collect/same-places.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import type { LoadedConfig } from '../config/load.ts';
import { loadMapping, mappingDigest } from '../config/mapping.ts';
import { BUNDLE_VERSION, type BundleHeader } from '../model/bundle.ts';
import { Secret } from '../model/secret.ts';
import type { WrittenOutput } from '../report/output-error.ts';
import { BundleError, writeBundle } from './bundle-file.ts';
import { joinHosts } from './host/join-hosts.ts';
import { REFERENCE_MAPPING } from './reference-mapping.ts';
import { reportChain } from './report-chain.ts';
import { withScratch } from './scratch.ts';
import { referencesIn, resolveAll } from './secret-references.ts';
import { TOOL_VERSION } from './version.ts';

export interface CollectBundleOptions {
  readonly loaded: LoadedConfig;
  /** The bundle to write. */
  readonly file: string;
  /** How messages call it; default: a bundle that was asked for. */
  readonly output?: WrittenOutput;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  /** Bundles of other hosts whose answers are joined. */
  readonly with?: readonly string[];
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
  const sealKey = secrets.get(config.digestKey ?? '') ?? null;
  const joined = await joinHosts(loaded, options.with ?? [], sealKey, systemClock());
  // What is read elsewhere may have the path of something else here.
  const mistakes = await samePlaceMistakes(config.locations.map((one) => (isReachable(config, one) ? one : null)));
  if (mistakes.length > 0) throw new ConfigurationError(loaded.file, mistakes);
  const digestKey = secrets.get(config.digestKey ?? '') ?? new Secret(randomBytes(32).toString('hex'));
  const known = [...secrets.values(), digestKey];
  const collection: Collection = {
    config,
    policy: loaded.policy,
    attestations: loaded.attestations,
    attestationsUsed: new Set(),
    mapping,
    asker: createAsker(systemClock, known, signal),
    signal,
    digestKey,
    startedAt: systemClock(),
    secret: secretsAsTheyAre(loaded, secrets, known),
    configFile: resolve(loaded.file),
    references: referencesIn(config),
    joined,
    reportChain: await reportChain(config.report.list ?? ''),
  };
  return withScratch(async (scratch) => {
    const memory = await rememberedVerifications(loaded, scratch, sealKey);
    const writer = await writeBundle(options.file, headerOf(loaded, mappingDigest(mapping), joined), options.output);
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
      if (error instanceof ForeignBundleError) throw new BundleError(error.message, error.hint);
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

/**
 * The secrets by reference. What is asked for again is read again where it lies in a file: some are renewed there while a
 * run goes on, such as the token of a service account.
 *
 * @param known every secret in use; those read later are added
 */
function secretsAsTheyAre(
  loaded: LoadedConfig,
  secrets: ReadonlyMap<string, Secret>,
  known: Secret[],
): Collection['secret'] {
  const given = new Set<string>();
  return async (setting, reference) => {
    const first = secrets.get(reference) ?? new Secret('');
    if (!given.has(reference) || !reference.startsWith('file:')) {
      given.add(reference);
      return first;
    }
    const again = await loaded.secrets.resolve(setting, reference);
    if (again.reveal() === '' || again.reveal() === first.reveal()) return first;
    if (!known.some((one) => one.reveal() === again.reveal())) known.push(again);
    return again;
  };
}

function headerOf(loaded: LoadedConfig, mapping: string, joined: JoinedHosts): BundleHeader {
  const { bundles } = joined;
  const elsewhere = answeredElsewhere(loaded.config, joined);
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
    ...(bundles.length === 0
      ? {}
      : {
          joined: bundles.map(
            ({ collectorHost, toolVersion, startedAt: begunAt, finishedAt, digest, isAuthenticated }) => ({
              collectorHost,
              toolVersion,
              startedAt: begunAt,
              finishedAt,
              digest,
              isAuthenticated,
            }),
          ),
        }),
    ...(elsewhere.length === 0 ? {} : { answeredElsewhere: [...elsewhere] }),
  };
}
