import { BUNDLE_VERSION, type BundleHeader } from '../../src/model/bundle.ts';
import type { Instant } from '../../src/model/instant.ts';
import { writeBundle } from '../../src/pipeline/bundle-file.ts';
import { FINISHED_AT, generatedInstall, POLICY, STARTED_AT } from './generated-estate.ts';
import { generatedOrganization } from './generated-organization.ts';

export interface GeneratedBundle {
  readonly file: string;
  readonly organizations: number;
  /** The same seed gives the same bytes. */
  readonly seed: number;
  /** When its collection ended; default: when the last of its evidence was collected. */
  readonly finishedAt?: Instant;
}

/**
 * Writes the bundle of an install with so many organizations, well-run and broken ones mixed, each with what a
 * collection finds: rows, plans, runs, restore test, store, keys, eight dumps in two locations, ten backup sets, 40
 * tables. Memory does not grow with their number.
 */
export async function generateBundle({
  file,
  organizations,
  seed,
  finishedAt = FINISHED_AT,
}: GeneratedBundle): Promise<void> {
  const writer = await writeBundle(file, HEADER);
  try {
    for (let index = 0; index < organizations; index += 1)
      await writer.sink.organization(generatedOrganization(index, seed));
    await writer.sink.install(generatedInstall(organizations));
    await writer.sink.finish({
      type: 'trailer',
      organizationParts: organizations,
      total: organizations,
      finishedAt,
    });
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

const HEADER: BundleHeader = {
  type: 'header',
  bundleVersion: BUNDLE_VERSION,
  runId: 'run-generated',
  toolVersion: '0.0.0',
  timeZoneData: 'generated',
  collectorHost: 'install-1',
  operator: 'bench',
  configDigest: 'sha256:generated',
  mappingDigest: 'sha256:generated',
  startedAt: STARTED_AT,
  policy: POLICY,
  notAsked: [],
};
