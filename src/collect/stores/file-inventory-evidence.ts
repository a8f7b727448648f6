import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';
import type { Subject } from '../../model/subject.ts';
import { keepingYoungGeneration } from '../backups/threads/young-generation.ts';
import { ABSENT, type Collection, type PartBuilder } from '../estate.ts';
import { countUnlisted } from '../inventory/count-unlisted.ts';
import { localListing } from '../local-listing.ts';
import { withScratchDirectory } from '../scratch-directory.ts';
import { accessFor, clientFor } from './bucket-clients.ts';
import { stepsBelow } from './file-probe.ts';
import { type FileSampleContext, whyNotLooked } from './file-sample-evidence.ts';
import { ELSEWHERE } from './store-evidence.ts';

type Binding = Facts['storage-binding'];

/** Everything that lies in the store of an organization against every row of its databases, where that was asked for. */
export async function fileInventoryEvidence(
  collection: Collection,
  part: PartBuilder,
  { organizationId, bindings, readings }: FileSampleContext,
): Promise<void> {
  if (!collection.config.collect.inventory) return;
  const active = bindings.filter((one) => one.state === 'active');
  for (const binding of active) {
    const subject: Subject = { kind: 'store', key: binding.bindingId, organizationId, name: binding.bindingId };
    part.evidence.push(
      await collection.asker.ask({
        kind: 'file-inventory',
        subject,
        source: binding.kind === 's3' ? `bucket ${binding.bucket ?? ''}` : 'install host',
        operation: 'list all files',
        locator: binding.bindingId,
        answer: async () => {
          const whyNot = whyNotLooked(collection, active);
          const blindSpot =
            (whyNot === ELSEWHERE ? COUNTED_THERE_ALONE : whyNot) ??
            (collection.mapping.tenant.artifacts.kind === 'absent' ? ABSENT('artifacts') : null);
          if (blindSpot !== null) return { items: [], blindSpot };
          return { items: [await inventoryOf(collection, binding, readings)] };
        },
      }),
    );
  }
}

async function inventoryOf(
  collection: Collection,
  binding: Binding,
  readings: FileSampleContext['readings'],
): Promise<Facts['file-inventory']> {
  const files = await filesOf(collection, binding);
  const prefix = binding.kind === 's3' ? slashed(binding.prefix ?? '') : '';
  const readNames = async (add: (names: readonly string[]) => Promise<void>) => {
    for (const { readKeys } of readings) await readKeys((keys) => add(keys.map((key) => nameInStore(key, prefix))));
  };
  const counts = await withScratchDirectory((directory) =>
    keepingYoungGeneration(() => countUnlisted(readNames, files, directory)),
  );
  if (binding.kind !== 's3' && counts.files === 0 && counts.rows > 0) {
    throw new SourceError(
      'unreachable',
      `${binding.path ?? ''} is empty, though files are listed: it may be unmounted`,
      'Check whether what belongs there is mounted.',
    );
  }
  return counts;
}

type Pages = AsyncIterable<readonly { readonly path: string; readonly bytes: number }[]>;

async function filesOf(collection: Collection, binding: Binding): Promise<Pages> {
  if (binding.kind !== 's3') return localListing(binding.path ?? '', collection.signal);
  const access = accessFor(collection, binding);
  if (access === undefined) throw new TypeError('the bucket is not configured');
  const { s3BucketSizes } = await import('../trees/s3-bucket.ts');
  const client = await clientFor(collection, access);
  const place = { client, bucket: access.bucket, prefix: slashed(binding.prefix ?? '') };
  return s3BucketSizes(place, collection.signal);
}

/** A name as a listing of the store gives it. Rows name keys from the prefix on, or in full; what leads elsewhere is no file. */
function nameInStore(key: string, prefix: string): string {
  const steps = stepsBelow(key);
  if (steps === null) return `\0${key}`;
  const own = prefix !== '' && key.startsWith(prefix) ? key.slice(prefix.length) : key;
  return prefix === '' ? steps.filter((step) => step !== '').join('/') : own;
}

function slashed(prefix: string): string {
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}

/** Counting takes the names of all files and of all rows side by side, which neither a plan nor a bundle holds. */
const COUNTED_THERE_ALONE: BlindSpot = {
  reason: 'not-asked',
  detail:
    'files that no row names are counted only by an audit that runs on the install host: no bundle of a host tells the names of all files of its stores',
  remedy:
    'Run the audit with --inventory on the install host (install.collectorRunsHere: true), or leave it out here: no verdict rests on it.',
};
