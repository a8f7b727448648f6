import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import type { Question } from '../ask.ts';
import { type DrawnArtifacts, skewMillis } from '../drawn-artifacts.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { namesItsFiles } from '../file-sets/read-file-copies.ts';
import type { LookedRow } from '../sampled-rows.ts';
import { accessFor } from '../stores/bucket-clients.ts';
import { sampleCopy } from './copy-sample.ts';
import { datedCopiesOf } from './dated-copies-of.ts';
import { bucketsFollowing } from './replica-buckets.ts';
import type { DeclaredCopy } from './second-copy.ts';
import { snapshotCopiesOf } from './snapshot-copies-of.ts';
import { storePaths } from './store-paths.ts';

/** A store whose drawn rows are looked for in its copies. */
export interface CopiedStore {
  readonly subject: Subject;
  readonly binding: Facts['storage-binding'];
  readonly drawn: DrawnArtifacts;
  /** Where they were drawn, safe to print. */
  readonly locator: string;
  /** What became of them in the live store; empty where that could not be asked. */
  readonly live: readonly LookedRow[];
}

/** One answer for each second copy of the store that is declared, and what became of the rows in all of them. */
export interface SampledCopies {
  /** One without any copy where there is none. */
  readonly evidence: readonly AnyEvidence[];
  readonly looked: readonly LookedRow[];
}

export async function copySampleEvidence(
  collection: Collection,
  estate: Pick<Estate, 'fileCopies' | 'locations'>,
  part: Pick<PartBuilder, 'evidence'>,
  store: CopiedStore,
): Promise<SampledCopies> {
  const { asker, config } = collection;
  const { checksums, names } = config.collect.fileSample;
  const { rows, problems } = store.drawn.sample;
  const isNothing = rows.length + problems.length === 0;
  const copies = isNothing ? [] : await declaredCopies(collection, estate, part, store);
  if (copies.length === 0) {
    const why = isNothing ? 'no artifact was drawn' : 'no second copy is declared that holds the store';
    return { evidence: [asker.record(question(store, 'configuration', why), { items: [] })], looked: [] };
  }
  const inputs = {
    ...store.drawn,
    live: store.live,
    skewMillis: skewMillis(collection, store.subject),
    checksums,
    digestKey: names ? null : collection.digestKey,
  };
  const looked: LookedRow[] = [];
  const evidence = await Promise.all(
    copies.map((copy) =>
      'blindSpot' in copy
        ? asker.record(question(store, copy.location, OPERATION), { items: [], blindSpot: copy.blindSpot })
        : asker.ask({
            ...question(store, copy.probe.source, `${OPERATION} ${copy.copy}`),
            answer: async () => {
              const { answer, rows } = await sampleCopy(copy, inputs, asker);
              looked.push(...rows);
              return answer;
            },
          }),
    ),
  );
  return { evidence, looked };
}

const OPERATION = 'look for artifacts that were drawn in the copy';

/** Where nothing was drawn, nobody knows what its copies hold. */
export function undrawnCopies({ asker }: Collection, subject: Subject, blindSpot: BlindSpot): AnyEvidence {
  return asker.record(
    { kind: 'file-copy-sample', subject, source: 'tenant database', operation: OPERATION, locator: 'tenant database' },
    { items: [], blindSpot },
  );
}

function question(
  { subject, locator }: CopiedStore,
  source: string,
  operation: string,
): Omit<Question<'file-copy-sample'>, 'answer'> {
  return { kind: 'file-copy-sample', subject, source, operation, locator };
}

async function declaredCopies(
  collection: Collection,
  { fileCopies, locations }: Pick<Estate, 'fileCopies' | 'locations'>,
  part: Pick<PartBuilder, 'evidence'>,
  { subject, binding, drawn }: CopiedStore,
): Promise<readonly DeclaredCopy[]> {
  const paths = storePaths(binding);
  if (paths === null) return [];
  const access = binding.kind === 's3' ? accessFor(collection, binding) : undefined;
  const isOfStore = ({ name }: { readonly name: string }) =>
    binding.kind !== 's3' || access?.copies.includes(name) === true;
  const dated = fileCopies.filter(({ location: { config } }) => isOfStore(config) && namesItsFiles(config));
  const repositories = locations.filter(({ config }) => isOfStore(config));
  return [
    ...datedCopiesOf(dated, paths, collection.signal),
    ...(await snapshotCopiesOf(collection, repositories, paths, drawn.sample.rows)),
    ...(binding.kind === 's3'
      ? await bucketsFollowing(collection, { locations }, part, {
          organizationId: subject.organizationId ?? '',
          binding,
        })
      : []),
  ];
}
