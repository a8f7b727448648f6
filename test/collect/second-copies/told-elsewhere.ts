import { systemClock } from '../../../src/collect/ask.ts';
import type { Collection, OpenLocation } from '../../../src/collect/estate.ts';
import type { JoinedBundle } from '../../../src/collect/recorded/joined-hosts.ts';
import { type LocationAnswer, locationBuilder } from '../../../src/collect/recorded/location-builder.ts';
import { recordCopySamples } from '../../../src/collect/recorded/record-copy-samples.ts';
import { recordFileCopies } from '../../../src/collect/recorded/record-file-copies.ts';
import { recordedTree } from '../../../src/collect/recorded/recorded-location.ts';
import type { CopiedStore } from '../../../src/collect/second-copies/copy-sample-evidence.ts';
import { storePaths } from '../../../src/collect/second-copies/store-paths.ts';

/** A location as the bundle of a host tells it whose plan named the rows of these stores. */
export async function toldElsewhere(
  { asker, signal, secret, digestKey, config: { collect } }: Collection,
  location: OpenLocation,
  stores: readonly CopiedStore[],
): Promise<OpenLocation> {
  const copySamples = stores.flatMap(({ binding, drawn }) => {
    const paths = storePaths(binding);
    if (paths === null) return [];
    const files = drawn.sample.rows.map((row) => ({ ...row, paths: paths.pathsOf(row.objectKey) }));
    return [{ root: paths.roots[0] ?? '', files }];
  });
  const access = { asker, signal, secret, digestKey, copied: [], copySamples, checksums: collect.fileSample.checksums };
  const bundle = { collectorHost: 'vault-room' } as JoinedBundle;
  const { name } = location.config;
  const opening = { type: 'location', collectedAt: systemClock(), location: name, locator: name } as const;
  const builder = locationBuilder(
    bundle,
    { ...opening, attachment: 'local', failure: null, links: [] },
    (id) => id,
    new Set(),
  );
  const take = async (line: unknown) => builder.take(line as LocationAnswer);
  await recordFileCopies(access, location, take);
  await recordCopySamples(access, location, take);
  return { ...location, tree: recordedTree(builder.build()) };
}
