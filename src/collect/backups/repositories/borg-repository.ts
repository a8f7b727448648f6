import type { Instant } from '../../../model/instant.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import type { PhysicalContents } from '../physical/physical-copy.ts';
import { borgFiles, borgNodes, listArchives, withBorg } from './borg-program.ts';
import { readSnapshots, withStorageView } from './read-snapshots.ts';
import type { RepositoryReading } from './restic-repository.ts';

/**
 * Reads a repository of Borg 1.x through Borg: what its archives hold by their paths. Borg is shown links to the
 * repository, so that nothing it writes gets there.
 *
 * @throws only what `signal` was fired with; all else becomes a blind spot
 */
export async function readBorgRepository(tree: ArtifactTree, reading: RepositoryReading): Promise<PhysicalContents> {
  const nothing: PhysicalContents = { copies: [], archives: [], plans: [], unmatched: [], blindSpot: null };
  let files: readonly ArtifactFile[] = [];
  try {
    files = await borgFiles(tree, reading.signal);
    return { ...nothing, ...(await throughBorg(reading, files)) };
  } catch (error) {
    reading.signal.throwIfAborted();
    const segments = files.filter(({ path }) => SEGMENT.test(path));
    const viewed = withStorageView(error, segments.length, newestOf(segments), 'segment');
    return { ...nothing, blindSpot: reading.blindSpotOf(viewed) };
  }
}

const SEGMENT = /^data\/\d+\/\d+$/;

async function throughBorg(reading: RepositoryReading, files: readonly ArtifactFile[]) {
  return withBorg(reading, files, async ({ ask }, repository) => {
    const { archives, encrypted } = await listArchives(ask, repository);
    return readSnapshots(
      {
        method: 'borg',
        snapshots: archives,
        encrypted,
        entriesOf: ({ id }, onNode) => ask({ ask: 'borg list archive', repository, archive: id }, borgNodes(onNode)),
      },
      reading,
    );
  });
}

function newestOf(files: readonly ArtifactFile[]): Instant | null {
  return files.reduce<Instant | null>(
    (best, { modifiedAt }) => (best === null || modifiedAt > best ? modifiedAt : best),
    null,
  );
}
