import type { ProviderConfig } from '../../config/provider-schema.ts';
import { createLimiter } from '../concurrency.ts';
import type { Collection, OpenLocation, OpenProvider } from '../estate.ts';
import { isProviderReachable } from '../reachable.ts';
import { definitionDigest } from '../recorded/provider-definition.ts';
import { type RecordedLocation, recordedIn } from '../recorded/recorded-location.ts';
import { recordedKeyProvider, whyNoAnswer } from '../recorded/recorded-provider.ts';
import type { SnapshotLocation } from './found-snapshot.ts';
import type { KeyProvider } from './key-provider.ts';
import { openKeyProvider } from './open-key-provider.ts';
import { patientKeyProvider } from './patient-key-provider.ts';
import { unansweringKeyProvider } from './unanswering-key-provider.ts';
import { readSnapshotLocation } from './vault-snapshots.ts';

/**
 * Opens every configured provider and the snapshots of it; one that cannot be opened answers with its reason.
 *
 * @param others ids of those that the install does not use: they are left out, and not asked
 */
export async function openProviders(
  collection: Collection,
  locations: readonly OpenLocation[],
  others: ReadonlyMap<string, unknown>,
): Promise<ReadonlyMap<string, OpenProvider>> {
  const limit = createLimiter(4);
  const opened = await Promise.all(
    collection.config.providers
      .filter(({ id }) => !others.has(id))
      .map((config) =>
        limit(async (): Promise<readonly [string, OpenProvider]> => {
          const provider = await openProvider(collection, config).catch((error: unknown) =>
            unansweringKeyProvider(config.id, config.kind, error),
          );
          // Which mount holds the keys must be known before the first organization's keys are looked for in snapshots.
          await provider.state().catch(() => collection.signal.throwIfAborted());
          const wanted = config.kind === 'vault-transit' ? config.snapshots : [];
          const snapshots = await Promise.all(
            locations
              .filter((location) => wanted.includes(location.config.name))
              .map(async (location) => ({ location, found: await snapshotsIn(collection, location) })),
          );
          return [config.id, { config, provider, snapshots }];
        }),
      ),
  );
  return new Map(opened);
}

/** Where another host alone can reach a provider, what it answered there stands for it. @throws SourceError for one that nobody asked */
async function openProvider(collection: Collection, config: ProviderConfig): Promise<KeyProvider> {
  if (!isProviderReachable(collection.config, config)) {
    const recorded = collection.joined.provider(config.id);
    if (recorded === null || recorded.itself.definition !== definitionDigest(config)) {
      throw whyNoAnswer({ id: config.id, host: config.reachableFrom ?? '' }, recorded);
    }
    return recordedKeyProvider(config.kind, recorded);
  }
  const timeoutMillis = collection.config.collect.requestTimeoutSeconds * 1000;
  const provider = await openKeyProvider(config, {
    timeoutMillis,
    signal: collection.signal,
    prove: collection.policy.proveKeys,
    secret: (setting, reference) => collection.secret(`provider ${config.id}: ${setting}`, reference),
  });
  return patientKeyProvider(provider, timeoutMillis);
}

/** Snapshots that were opened where they lie. */
function recordedSnapshots(recorded: RecordedLocation): SnapshotLocation {
  return {
    snapshots: recorded.snapshots,
    unmatched: recorded.notSnapshots,
    blindSpot: recorded.snapshotsBlindSpot,
  };
}

function snapshotsIn(collection: Collection, { config, tree, blindSpot }: OpenLocation) {
  if (tree === null) return Promise.resolve({ snapshots: [], unmatched: [], blindSpot });
  const recorded = recordedIn(tree);
  if (recorded !== null) return Promise.resolve(recordedSnapshots(recorded));
  const describe = (error: unknown) => collection.asker.blindSpotOf(error, `location ${config.name}`);
  const { copiedWhileStopped = false } = config.vaultFiles ?? {};
  const place = { name: config.name, tree, copiedWhileStopped, keepsFileTimes: config.kind === 'directory' };
  return readSnapshotLocation(place, describe, collection.signal);
}
