import type { InstallPart, OrganizationPart } from '../model/bundle.ts';
import { type AnyEvidence, type BlindSpot, type Evidence, NO_PLACE } from '../model/evidence.ts';
import { ofKey } from './kept-by-key.ts';

/**
 * What copies of whole clusters tell of the databases of one part. Such a copy is one fact on its cluster, and a copy
 * of every database on it: each database is judged by its own copies and by those of its cluster.
 */
export function copiesOfClusters(
  part: InstallPart | OrganizationPart,
  install: Pick<InstallPart, 'evidence'>,
): readonly AnyEvidence[] {
  const byCluster = clusterCopies(install.evidence);
  if (byCluster.size === 0) return [];
  return part.subjects
    .filter(({ subject }) => subject.kind === 'database')
    .flatMap(({ subject, cluster }) => {
      if (cluster !== undefined) return (byCluster.get(cluster) ?? []).map((record) => ({ ...record, subject }));
      const [any] = [...byCluster.values()].flat();
      // Copies of clusters are looked for, and nobody knows which of them hold this database.
      return any === undefined ? [] : [{ ...any, subject, items: [], blindSpot: UNLINKED }];
    });
}

const UNLINKED: BlindSpot = {
  reason: 'not-asked',
  detail: 'it is not known which server the database is on, so copies of whole servers cannot be matched to it',
  remedy: 'Configure its server (servers) with the host and port that the install database records.',
};

function clusterCopies(evidence: readonly AnyEvidence[]): ReadonlyMap<string, readonly Evidence<'copy'>[]> {
  return ofKey(known, evidence, () =>
    Map.groupBy(
      evidence
        .filter((record) => record.kind === 'copy')
        // That there is no place for such copies says nothing of the copies of a single database.
        .filter(({ subject, operation }) => subject.kind === 'cluster' && operation !== NO_PLACE),
      ({ subject }) => subject.key,
    ),
  );
}

/** Every organization of an install asks for the same. */
const known = new WeakMap<readonly AnyEvidence[], ReadonlyMap<string, readonly Evidence<'copy'>[]>>();
