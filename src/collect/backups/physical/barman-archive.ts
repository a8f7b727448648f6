import { counted } from '../../../model/text.ts';
import type { BackupInfo } from '../../formats/barman/backup-info.ts';
import { readSegmentList } from '../../formats/barman/segment-list.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { dropDamaged, isSegmentOfSize, neededSegments } from './archived-segments.ts';
import type { ServerFiles } from './barman-listing.ts';
import { withReader } from './repository-reading.ts';
import { readSegmentEnds } from './segment-ends.ts';
import { isSegmentNamed } from './segment-header.ts';
import type { UnmatchedList } from './unmatched-list.ts';

export interface BarmanArchive {
  readonly tree: ArtifactTree;
  readonly signal: AbortSignal;
  readonly server: ServerFiles;
  readonly unmatched: UnmatchedList;
  /** What is known of its backups. */
  readonly infos: readonly BackupInfo[];
  /** Of the server; null where nothing tells it. */
  readonly systemIdentifier: string | null;
  readonly segmentBytes: number;
}

/**
 * The segments in a server's `wals/` that Barman would restore: those that its list names, and of those that a backup
 * needs and of the last of each timeline only such as begin with the right page of the right cluster.
 *
 * @returns their files by names
 * @throws SourceError when one of them, or the list, cannot be read
 */
export async function usableSegments(archive: BarmanArchive): Promise<ReadonlyMap<string, ArtifactFile>> {
  const { server, segmentBytes, unmatched } = archive;
  const segments = new Map([...server.segments].filter(([name]) => isSegmentOfSize(name, segmentBytes)));
  await leaveListed(archive, segments);
  const needed = archive.infos.flatMap(({ beginWal, endWal }) => neededSegments(beginWal, endWal, segmentBytes));
  await dropDamaged(
    segments,
    needed,
    (name, file) => damageOf(archive, name, file),
    (file, what) => unmatched.add(file, what, folderOf(server)),
  );
  return segments;
}

/** Barman restores what its list names (barman/server.py, `get_required_xlog_files`): takes all else out. */
async function leaveListed(
  { tree, signal, server, unmatched }: BarmanArchive,
  segments: Map<string, ArtifactFile>,
): Promise<void> {
  const folder = folderOf(server);
  const list = server.segmentList;
  if (list === null) {
    if (segments.size === 0 || !hasList(server)) return;
    const newest = [...segments.values()].reduce((one, other) => (one.modifiedAt > other.modifiedAt ? one : other));
    const what = `the list of archived WAL is gone: Barman would restore none of ${counted(segments.size, 'segment')}; ${REBUILD}`;
    unmatched.add({ path: `${folder}/xlog.db`, bytes: 0, modifiedAt: newest.modifiedAt }, what, folder);
    segments.clear();
    return;
  }
  const listed = await withReader(tree, list.path, signal, (reader) => readSegmentList(reader.stream()));
  const gone = [...listed.segments].filter((name) => !server.segments.has(name)).sort();
  const unlisted = [...segments.keys()].filter((name) => !listed.segments.has(name)).sort();
  const notes = [
    [
      gone.length,
      `lists ${counted(gone.length, 'WAL segment')} that ${gone.length === 1 ? 'is' : 'are'} gone, from ${gone[0]} on`,
    ],
    [
      unlisted.length,
      `lacks ${counted(unlisted.length, 'archived WAL segment')}, from ${unlisted[0]} on: Barman would not restore them; ${REBUILD}`,
    ],
    [listed.damagedLines, `has ${counted(listed.damagedLines, 'damaged line')}`],
  ] as const;
  for (const [count, note] of notes) if (count > 0) unmatched.add(list, `the list of archived WAL ${note}`, folder);
  for (const name of unlisted) segments.delete(name);
}

const REBUILD = 'barman rebuild-xlogdb makes it anew';

/** What barman-cloud keeps in a bucket has no list; it keeps every backup as archives, and no identity.json. */
function hasList(server: ServerFiles): boolean {
  return server.identity !== null || [...server.backups.values()].some(({ archives }) => archives.size === 0);
}

/** What is wrong with a segment by its size, first and last page; null where nothing is, or nothing can be told. */
async function damageOf(
  { tree, signal, systemIdentifier, segmentBytes }: BarmanArchive,
  name: string,
  file: ArtifactFile,
): Promise<string | null> {
  const header = await withReader(tree, file.path, signal, (reader) => readSegmentEnds(reader, null));
  if (header.state === 'closed') return null;
  if (header.state === 'damaged') return header.because;
  if (systemIdentifier !== null && header.long.systemIdentifier !== systemIdentifier) {
    return 'it is of another cluster';
  }
  if (!isSegmentNamed(name, header)) return 'it is another segment than its name says';
  return header.isPlain && file.bytes !== segmentBytes
    ? `it has ${file.bytes} bytes, and a segment has ${segmentBytes}`
    : null;
}

function folderOf({ name }: ServerFiles): string {
  return name === '' ? 'wals' : `${name}/wals`;
}
