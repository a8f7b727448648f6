import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import { declarationsAbout } from '../declarations.ts';
import { pathDomain, statedDomain } from '../domains.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { namedOrganizations } from '../file-sets/named-organizations.ts';
import { fileCopyEvidence } from '../hosts/file-copies.ts';
import { hostProbe } from '../hosts/probe/host-probe.ts';
import type { JoinedStore } from '../recorded/joined-hosts.ts';
import { notOverruled } from '../recorded/later-look.ts';
import { unanswered } from './unanswered-store.ts';

/** How an empty live directory is told. */
export const EMPTY_DIRECTORY = 'an empty directory';

type Binding = Facts['storage-binding'];

/** The live store that a binding points at, and copies of what is in it. */
export async function storeEvidence(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  organizationId: string,
  binding: Binding,
): Promise<void> {
  const subject: Subject = { kind: 'store', key: binding.bindingId, organizationId, name: binding.bindingId };
  part.subjects.push({ subject });
  part.evidence.push(
    collection.asker.record(
      {
        kind: 'storage-binding',
        subject,
        source: 'install database',
        operation: 'dataset storage_bindings',
        locator: 'install database',
      },
      { items: [binding] },
    ),
    ...declarationsAbout(collection, subject),
  );
  if (binding.kind === 's3') {
    const { bucketEvidence } = await import('./bucket-evidence.ts');
    await bucketEvidence(collection, estate, part, subject, binding);
  } else if (binding.kind === 'bundled' || binding.kind === 'local_filesystem_dedicated') {
    await directoryEvidence(collection, estate, part, subject, binding);
  } else {
    part.evidence.push(
      statedDomain(collection, subject, undefined),
      unanswered(collection, subject, 'store-state', {
        reason: 'unsupported',
        detail: `storage of kind ${binding.kind.slice(0, 60)} cannot be asked by this version`,
        remedy: 'Check by hand that the files are kept; the README names the kinds that can be asked.',
      }),
    );
  }
}

async function directoryEvidence(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  subject: Subject,
  binding: Binding,
): Promise<void> {
  const { path, realPath } = binding;
  if (path === null) {
    part.evidence.push(
      statedDomain(collection, subject, undefined),
      unanswered(collection, subject, 'store-state', NO_PATH),
    );
    return;
  }
  const here = collection.config.install.collectorRunsHere;
  const question = { kind: 'store-state', subject, source: 'install host', operation: 'stat', locator: path } as const;
  const joined = collection.joined.store(path);
  const organizations = await namedOrganizations(estate.reading);
  part.evidence.push(
    statedDomain(
      collection,
      subject,
      binding.kind === 'bundled' ? { host: collection.config.install.host } : undefined,
    ),
    ...pathDomain(collection, subject, path, undefined),
    ...notOverruled(
      joined.map(({ value, blindSpot, collectedAt, bundle }) => {
        const answer = value === null ? { items: [], blindSpot } : directoryAnswer(binding.kind, value, path);
        return collection.asker.record(question, answer, { collectedAt, digest: bundle.digest });
      }),
      here || joined.length === 0
        ? await collection.asker.ask({
            ...question,
            answer: async () => {
              if (!here) return { items: [], blindSpot: ELSEWHERE };
              const found = await hostProbe.ask({ ask: 'directory', path }, collection.signal);
              return directoryAnswer(binding.kind, found, path);
            },
          })
        : null,
    ),
    ...(await fileCopyEvidence(collection, estate.fileCopies, subject, {
      path,
      ...(realPath === undefined ? {} : { realPath }),
      digest: 'none',
      isOfOthers: (pattern) => organizations.othersAlone(pattern, subject.organizationId),
    })),
  );
}

/** What a directory showed, here or in the bundle of another host. */
function directoryAnswer(
  kind: string,
  { isDirectory, empty, disk }: JoinedStore,
  path: string,
): { readonly items: Facts['store-state'][]; readonly blindSpot: BlindSpot | null } {
  if (!isDirectory) {
    const blindSpot: BlindSpot = {
      reason: 'malformed',
      detail: `${path} is no directory`,
      remedy: 'Correct the path of the storage binding.',
    };
    return { items: [], blindSpot };
  }
  const detail = empty ? EMPTY_DIRECTORY : 'a directory that is not empty';
  const on = disk === undefined ? {} : { disk };
  return { items: [{ kind, exists: true, detail, empty, ...on }], blindSpot: null };
}

export const NO_PATH: BlindSpot = {
  reason: 'malformed',
  detail: 'the storage binding has no path, or a relative one, which does not tell where it begins',
  remedy:
    'Correct the row, or let dataset storage_bindings of the mapping give the whole path, such as /var/lib/novantra/storage/ID.',
};
export const ELSEWHERE: BlindSpot = {
  reason: 'not-asked',
  detail: 'the collector does not run on the install host, whose directories it would have to look at',
  remedy:
    'Run the collector on the install host (install.collectorRunsHere: true), or have that host answer for itself: recoverage plan --only hosts, collect --plan there, scan --with.',
};
