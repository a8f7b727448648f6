import type { BlindSpot } from '../../../model/evidence.ts';
import { SourceError } from '../../../model/source-error.ts';
import { counted } from '../../../model/text.ts';
import { type BackupInfo, LARGEST_BACKUP_INFO, parseBackupInfo } from '../../formats/barman/backup-info.ts';
import { LARGEST_IDENTITY, parseIdentity } from '../../formats/barman/identity.ts';
import { readSegmentList } from '../../formats/barman/segment-list.ts';
import { DEFAULT_SEGMENT_BYTES } from '../../formats/wal-segments.ts';
import type { ArtifactTree } from '../../trees/artifact-tree.ts';
import { archivedTimelines, isSegmentOfSize } from './archived-segments.ts';
import { barmanCopy, barmanPath } from './barman-copy.ts';
import { barmanReading } from './barman-full-reading.ts';
import { type BackupFiles, listBarman, type ServerFiles } from './barman-listing.ts';
import { judgeBarmanBackup } from './barman-verdict.ts';
import { dataDirectoryVerifier } from './data-directory-verifier.ts';
import type { FullReading, PhysicalContents, PhysicalCopy, WalArchive } from './physical-copy.ts';
import { type RepositoryReading, readSmallFile, withReader } from './repository-reading.ts';
import type { UnmatchedList } from './unmatched-list.ts';

/**
 * Reads a Barman catalogue by its files: Barman itself writes in its home whatever it is asked. The root of the tree is
 * a Barman home with a directory for each server, or one server's directory; directories that the configuration has put
 * elsewhere (`basebackups_directory`, `wals_directory`) are not seen. Retention lies in Barman's configuration, not in
 * its catalogue, so there are no plans.
 *
 * Nothing is thrown but an interruption: what cannot be read is the blind spot.
 */
export async function readBarmanCatalog(tree: ArtifactTree, reading: RepositoryReading): Promise<PhysicalContents> {
  const copies: PhysicalCopy[] = [];
  const archives: WalArchive[] = [];
  const fullReadings = new Map<string, FullReading>();
  let blindSpot: BlindSpot | null = null;
  const seeing = async (look: () => Promise<void>): Promise<void> => {
    try {
      await look();
    } catch (error) {
      reading.signal.throwIfAborted();
      blindSpot ??= reading.blindSpotOf(error);
    }
  };
  let unmatched: UnmatchedList | null = null;
  await seeing(async () => {
    const listing = await listBarman(tree, reading.signal);
    unmatched = listing.unmatched;
    if (listing.servers.length === 0) throw noCatalogue(tree);
    for (const server of listing.servers) {
      const declaredServer = declaredFor(server, listing.servers, reading.declaredServer);
      const context = { tree, reading, server, unmatched: listing.unmatched, declaredServer, seeing };
      const infos = await readInfos(context);
      const cluster: { identifier: string | null } = { identifier: null };
      await seeing(async () => {
        cluster.identifier = await identityOf(context, knownIn(infos));
      });
      for (const files of sorted(server.backups)) {
        const info = infos.get(files.id);
        await seeing(async () => {
          if (info === undefined) return;
          const copy = await readCopy(context, files, info, infos, cluster.identifier);
          copies.push(copy);
          const full = reading.depth === 'full' ? null : fullReadingOf(context, files, copy);
          if (full !== null) fullReadings.set(copy.label, full);
        });
      }
      await seeing(async () => void archives.push(...(await readArchive(context, infos))));
    }
  });
  const readings = reading.depth === 'full' ? {} : { fullReadings };
  return { copies, archives, plans: [], unmatched: factsOf(unmatched), ...readings, blindSpot };
}

interface Context {
  readonly tree: ArtifactTree;
  readonly reading: RepositoryReading;
  readonly server: ServerFiles;
  readonly unmatched: UnmatchedList;
  readonly declaredServer: string | null;
  readonly seeing: (look: () => Promise<void>) => Promise<void>;
}

/** What `backup.info` says, or why it says nothing. */
type Infos = ReadonlyMap<string, { readonly info: BackupInfo } | { readonly damage: string }>;

async function readInfos({ tree, reading, server, unmatched, seeing }: Context): Promise<Infos> {
  const infos = new Map<string, { readonly info: BackupInfo } | { readonly damage: string }>();
  for (const { id, info, metaInfo, bytes, newest } of sorted(server.backups)) {
    const file = metaInfo ?? info;
    if (file === null) {
      const what = 'files of a backup without backup.info: Barman does not know it';
      unmatched.add({ path: barmanPath(server.name, id), bytes, modifiedAt: newest }, what, server.name);
      continue;
    }
    await seeing(async () => {
      const text = await readSmallFile(tree, file.path, LARGEST_BACKUP_INFO, reading.signal);
      try {
        infos.set(id, { info: parseBackupInfo(text) });
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        infos.set(id, { damage: error.message });
      }
    });
  }
  return infos;
}

async function readCopy(
  { server, reading, tree, declaredServer }: Context,
  files: BackupFiles,
  found: { readonly info: BackupInfo } | { readonly damage: string },
  infos: Infos,
  identifierOfServer: string | null,
): Promise<PhysicalCopy> {
  if ('damage' in found) {
    const verdict = { integrity: 'incomplete', integrityBecause: found.damage, readToEnd: false } as const;
    return barmanCopy({ server, files, info: null, identifierOfServer, verdict, ancestors: [], declaredServer });
  }
  const { info } = found;
  const structure = judgeBarmanBackup(info, files, (segment) => server.segments.has(segment));
  const verify = reading.verifyDataDirectory ?? dataDirectoryVerifier(tree, reading.signal);
  const directory = `${barmanPath(server.name, files.id)}/data`;
  // Only a copy that is whole by its catalogue is worth comparing with the manifest that pg_basebackup left in it.
  const isRead = reading.depth === 'full' && structure.integrity === 'complete' && files.hasManifest;
  const verdict = isRead ? await verify(directory) : { ...structure, readToEnd: false };
  const ancestors = ancestorsOf(files.id, infos);
  return barmanCopy({ server, files, info, identifierOfServer, verdict, ancestors, declaredServer });
}

function fullReadingOf({ server, reading, tree }: Context, files: BackupFiles, copy: PhysicalCopy): FullReading | null {
  const { signal } = reading;
  const verify = reading.verifyDataDirectory ?? dataDirectoryVerifier(tree, signal);
  return barmanReading({ tree, signal }, server.name, files, copy, verify);
}

/** Nearest first, up to the full one or to one that is not there; each once, so that a circle ends. */
function ancestorsOf(id: string, infos: Infos): readonly string[] {
  const ancestors = new Set<string>();
  for (let at: string | null = id; at !== null; ) {
    const found: { readonly info: BackupInfo } | { readonly damage: string } | undefined = infos.get(at);
    const parent: string | null = found !== undefined && 'info' in found ? found.info.parentId : null;
    if (parent !== null && ancestors.has(parent)) break;
    if (parent !== null) ancestors.add(parent);
    at = parent;
  }
  return [...ancestors];
}

async function readArchive(context: Context, infos: Infos): Promise<readonly WalArchive[]> {
  const { tree, reading, server, unmatched, declaredServer } = context;
  const known = knownIn(infos);
  const systemIdentifier = await identityOf(context, known);
  const segmentBytes = known.at(-1)?.segmentBytes ?? sizeOfSegments(server.newestSegmentBytes);
  const path = server.name === '' ? 'wals' : `${server.name}/wals`;
  const segments = new Map([...server.segments].filter(([name]) => isSegmentOfSize(name, segmentBytes)));
  if (server.segmentList !== null) {
    const file = server.segmentList;
    const listed = await withReader(tree, file.path, reading.signal, (reader) => readSegmentList(reader.stream()));
    const gone = [...listed.segments].filter((name) => !server.segments.has(name)).sort();
    const unlisted = [...segments.keys()].filter((name) => !listed.segments.has(name)).sort();
    const notes = [
      [
        gone.length,
        `lists ${counted(gone.length, 'WAL segment')} that ${gone.length === 1 ? 'is' : 'are'} gone, from ${gone[0]} on`,
      ],
      [
        unlisted.length,
        `lacks ${counted(unlisted.length, 'archived WAL segment')}, from ${unlisted[0]} on: Barman would not restore them`,
      ],
      [listed.damagedLines, `has ${counted(listed.damagedLines, 'damaged line')}`],
    ] as const;
    for (const [count, note] of notes) if (count > 0) unmatched.add(file, `the list of archived WAL ${note}`, path);
  }
  if (segments.size === 0) return [];
  const cluster = { systemIdentifier, endpoints: [], declaredServer };
  const timelines = archivedTimelines(segments, segmentBytes);
  return [{ path, method: 'barman', cluster, segmentBytes, timelines, window: null }];
}

function knownIn(infos: Infos): readonly BackupInfo[] {
  return [...infos.values()].flatMap((found) => ('info' in found ? [found.info] : []));
}

/** By `identity.json`; without it by the backups, where all are of one cluster. */
async function identityOf({ tree, reading, server }: Context, known: readonly BackupInfo[]): Promise<string | null> {
  if (server.identity !== null) {
    return parseIdentity(await readSmallFile(tree, server.identity.path, LARGEST_IDENTITY, reading.signal));
  }
  const identifiers = new Set(known.map((info) => info.systemIdentifier));
  const [only = null] = identifiers;
  return identifiers.size === 1 ? only : null;
}

/** Of several servers in one home only the one that bears the declared name is it. */
function declaredFor(server: ServerFiles, all: readonly ServerFiles[], declared: string | null): string | null {
  return all.length === 1 || server.name === declared ? declared : null;
}

function sizeOfSegments(bytes: number | null): number {
  const isSize = bytes !== null && bytes >= 2 ** 20 && bytes <= 2 ** 30 && Number.isInteger(Math.log2(bytes));
  return isSize ? bytes : DEFAULT_SEGMENT_BYTES;
}

function sorted(backups: ReadonlyMap<string, BackupFiles>): readonly BackupFiles[] {
  return [...backups.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function factsOf(unmatched: UnmatchedList | null): PhysicalContents['unmatched'] {
  return unmatched === null ? [] : unmatched.facts();
}

function noCatalogue(tree: ArtifactTree): SourceError {
  const remedy = 'Name the directory that barman_home names, or the directory of one server in it.';
  return new SourceError('malformed', `${JSON.stringify(tree.locator)} holds no Barman catalogue`, remedy);
}
