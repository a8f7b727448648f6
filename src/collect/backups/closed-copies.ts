import { createHash } from 'node:crypto';
import type { Facts } from '../../model/facts.ts';
import { throwIfInterrupted } from '../guard/interruption.ts';
import type { ArtifactTree } from '../trees/artifact-tree.ts';
import type { LocationContents } from './artifact-index.ts';
import { closedCopy, readClosedCopy } from './closed-artifacts.ts';
import { planTimeZone } from './plan-time-zone.ts';
import { provingRun } from './proving-run.ts';
import { contradictedChecksum, type RecordedArtifacts, sha256Of } from './run-references.ts';

type Database = Parameters<typeof planTimeZone>[0] & {
  readonly name: string;
  readonly runs: readonly Facts['backup-run'][];
  readonly plans: readonly Facts['backup-plan'][];
};

/** What nobody can look into. The newest that a run recorded with a checksum is read, so that the record can speak for it. */
export async function closedCopies(
  depth: 'structure' | 'mixed' | 'full',
  signal: AbortSignal,
  database: Database,
  { closed, location }: LocationContents,
  recorded: RecordedArtifacts,
): Promise<readonly Facts['copy'][]> {
  const all = closed
    .of(database.name, recorded)
    .toSorted((a, b) => b.modifiedAt.localeCompare(a.modifiedAt) || a.path.localeCompare(b.path));
  const copies: Facts['copy'][] = [];
  let read = 0;
  for (const artifact of all) {
    const naming = recorded.certain.get(artifact.path) ?? [];
    const plan = database.plans.find(({ planId }) => planId === naming[0]?.planId);
    const copy = closedCopy(artifact, database.name, plan?.method ?? null);
    const isWrapped = artifact.kind === 'encrypted' || artifact.kind === 'compressed';
    const hasChecksum = naming.some((run) => sha256Of(run.sha256) !== null);
    if (!isWrapped || !hasChecksum || depth === 'structure' || (read > 0 && depth !== 'full')) {
      copies.push(copy);
      continue;
    }
    read += 1;
    const sha256 = await checksumOf(location.tree, artifact.path, signal);
    copies.push(
      readClosedCopy(copy, {
        sha256,
        provenBy: provingRun(database, sha256, artifact.modifiedAt),
        contradicted: contradictedChecksum(naming, sha256),
        timeZone: location.timeZone ?? planTimeZone(database, naming[0]?.planId ?? null),
      }),
    );
  }
  return copies;
}

async function checksumOf(tree: ArtifactTree, path: string, signal: AbortSignal): Promise<string> {
  const reader = await tree.open(path, signal);
  try {
    const hash = createHash('sha256');
    for await (const chunk of reader.stream()) {
      throwIfInterrupted(signal, 'a dump');
      hash.update(chunk);
    }
    return hash.digest('hex');
  } finally {
    await reader.close();
  }
}
