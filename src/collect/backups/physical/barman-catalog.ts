import type { BlindSpot } from '../../../model/evidence.ts';
import { SourceError } from '../../../model/source-error.ts';
import { type BackupInfo, LARGEST_BACKUP_INFO, parseBackupInfo } from '../../formats/barman/backup-info.ts';
import { LARGEST_IDENTITY, parseIdentity } from '../../formats/barman/identity.ts';
import { CONTROL_FILE_BYTES, parseControlFile } from '../../formats/base-backup/control-file.ts';
import { FormatDamage } from '../../formats/format-damage.ts';
import { DEFAULT_SEGMENT_BYTES } from '../../formats/wal-segments.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { usableSegments } from './barman-archive.ts';
import { barmanCopy, barmanPath } from './barman-copy.ts';
import { barmanReading } from './barman-full-reading.ts';
import { type BackupFiles, listBarman, type ServerFiles } from './barman-listing.ts';
import { type BarmanVerdict, judgeBarmanBackup } from './barman-verdict.ts';
import { dataDirectoryVerifier } from './data-directory-verifier.ts';
import { timelinesOf } from './last-written.ts';
import type { FullReading, PhysicalContents, PhysicalCopy, WalArchive } from './physical-copy.ts';
import { type RepositoryReading, readSmallFile } from './repository-reading.ts';
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
      const cluster: ServerCluster = { identifier: null, segmentBytes: DEFAULT_SEGMENT_BYTES, segments: null };
      const context = { tree, reading, server, unmatched: listing.unmatched, declaredServer, seeing, cluster };
      const infos = await readInfos(context);
      const known = knownIn(infos);
      cluster.segmentBytes = known.at(-1)?.segmentBytes ?? sizeOfSegments(server.newestSegmentBytes);
      await seeing(async () => {
        cluster.identifier = await identityOf(context, known);
        const { identifier: systemIdentifier, segmentBytes } = cluster;
        const { signal } = reading;
        const shared = { tree, signal, server, unmatched: listing.unmatched };
        cluster.segments = await usableSegments({ ...shared, infos: known, systemIdentifier, segmentBytes });
      });
      for (const files of sorted(server.backups)) {
        const info = infos.get(files.id);
        await seeing(async () => {
          if (info === undefined) return;
          const copy = await readCopy(context, files, info, infos);
          copies.push(copy);
          const full = reading.depth === 'full' ? null : fullReadingOf(context, files, copy);
          if (full !== null) fullReadings.set(copy.label, full);
        });
      }
      const { segments } = cluster;
      if (segments !== null) await seeing(async () => void archives.push(...(await archiveOf(context, segments))));
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
  readonly cluster: Readonly<ServerCluster>;
}

/** What is found of a server's cluster on the way. */
interface ServerCluster {
  identifier: string | null;
  segmentBytes: number;
  /** Those of its archive that can be restored, with their files; null where they could not be looked at. */
  segments: ReadonlyMap<string, ArtifactFile> | null;
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
  { server, reading, tree, declaredServer, cluster }: Context,
  files: BackupFiles,
  found: { readonly info: BackupInfo } | { readonly damage: string },
  infos: Infos,
): Promise<PhysicalCopy> {
  const identifierOfServer = cluster.identifier;
  if ('damage' in found) {
    const verdict = { integrity: 'incomplete', integrityBecause: found.damage, readToEnd: false } as const;
    return barmanCopy({ server, files, info: null, identifierOfServer, verdict, ancestors: [], declaredServer });
  }
  const { info } = found;
  const inside = await controlInside(tree, files, reading.signal);
  const recorded = judgeBarmanBackup(info, files, (segment) => (cluster.segments ?? server.segments).has(segment));
  const structure = recorded.integrity === 'incomplete' ? recorded : (inside?.damage ?? recorded);
  const verify = reading.verifyDataDirectory ?? dataDirectoryVerifier(tree, reading.signal);
  const directory = `${barmanPath(server.name, files.id)}/data`;
  // Only a copy that is whole by its catalogue is worth comparing with the manifest that pg_basebackup left in it.
  const isRead = reading.depth === 'full' && structure.integrity === 'complete' && files.hasManifest;
  const verdict = isRead ? await verify(directory) : { ...structure, readToEnd: false };
  const ancestors = ancestorsOf(files.id, infos);
  const copy = barmanCopy({ server, files, info, identifierOfServer, verdict, ancestors, declaredServer });
  // What is inside outweighs what the catalogue says of it.
  const { systemIdentifier } = inside ?? {};
  return systemIdentifier === undefined ? copy : { ...copy, cluster: { ...copy.cluster, systemIdentifier } };
}

/** What `pg_control` in a backup's own data directory tells; null where none lies there by itself. */
async function controlInside(
  tree: ArtifactTree,
  { controlFile }: BackupFiles,
  signal: AbortSignal,
): Promise<{ readonly systemIdentifier?: string; readonly damage?: BarmanVerdict } | null> {
  if (controlFile === null || controlFile.bytes === 0) return null;
  const content = await readSmallFile(tree, controlFile.path, CONTROL_FILE_BYTES, signal);
  try {
    return { systemIdentifier: parseControlFile(content).systemIdentifier };
  } catch (error) {
    if (!(error instanceof FormatDamage)) throw error;
    return { damage: { integrity: 'incomplete', integrityBecause: error.message } };
  }
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

async function archiveOf(
  { tree, reading, server, declaredServer, cluster }: Context,
  segments: ReadonlyMap<string, ArtifactFile>,
): Promise<readonly WalArchive[]> {
  if (segments.size === 0) return [];
  return [
    {
      path: server.name === '' ? 'wals' : `${server.name}/wals`,
      method: 'barman',
      cluster: { systemIdentifier: cluster.identifier, endpoints: [], declaredServer },
      segmentBytes: cluster.segmentBytes,
      timelines: await timelinesOf(tree, segments, cluster.segmentBytes, reading.signal),
      window: null,
    },
  ];
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
