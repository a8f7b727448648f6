import type { BlindSpot } from '../../../model/evidence.ts';
import { SourceError } from '../../../model/source-error.ts';
import { readDatabaseNames } from '../../formats/wal-g/database-names.ts';
import { looksEncrypted, PART_HEAD_BYTES } from '../../formats/wal-g/part-encryption.ts';
import { readSentinel, type Sentinel } from '../../formats/wal-g/sentinel.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import type { FullReading, PhysicalContents, PhysicalCopy, WalArchive } from './physical-copy.ts';
import { type RepositoryReading, withReader } from './repository-reading.ts';
import type { UnmatchedList } from './unmatched-list.ts';
import { walGArchive } from './wal-g-archive.ts';
import { walGCopy } from './wal-g-copy.ts';
import { walGReading } from './wal-g-full-reading.ts';
import { listWalG, type WalGBackupFiles, type WalGPrefix } from './wal-g-listing.ts';
import { judgeWalGBackup } from './wal-g-verdict.ts';

/** `files_metadata.json` can have more than 1 GB: at depth `structure` a longer one is left alone. */
const LARGEST_AT_STRUCTURE = 64 * 1024 * 1024;

/**
 * Reads a WAL-G repository by its objects. The tree's root is `WALG_…_PREFIX`, or holds several of them: everything that
 * has `basebackups_005` or `wal_005` below it. WAL-G keeps no checksums, so depth `full` shows no more than `structure`
 * but the names of databases in very long lists; retention lies with who calls `wal-g delete`, so there are no plans.
 *
 * Nothing is thrown but an interruption: what cannot be read is the blind spot.
 */
export async function readWalGRepository(tree: ArtifactTree, reading: RepositoryReading): Promise<PhysicalContents> {
  const copies: PhysicalCopy[] = [];
  const archives: WalArchive[] = [];
  const fullReadings = new Map<string, FullReading>();
  let blindSpot: BlindSpot | null = null;
  let unmatched: UnmatchedList | null = null;
  const seeing = async <T>(look: () => Promise<T>): Promise<T | null> => {
    try {
      return await look();
    } catch (error) {
      reading.signal.throwIfAborted();
      blindSpot ??= reading.blindSpotOf(error);
      return null;
    }
  };
  await seeing(async () => {
    const listing = await listWalG(tree, reading.signal);
    unmatched = listing.unmatched;
    if (listing.prefixes.length === 0) throw noRepository(tree);
    for (const prefix of listing.prefixes) {
      const declaredServer = declaredFor(prefix, listing.prefixes, reading.declaredServer);
      const context = { tree, reading, prefix, declaredServer, seeing };
      const backups = await readBackups(context);
      const own: PhysicalCopy[] = [];
      for (const backup of backups.values()) {
        const copy = await seeing(() => readCopy(context, backup, backups));
        if (copy === null) continue;
        own.push(copy);
        const full = walGReading({ tree, signal: reading.signal }, backup.files, copy);
        if (full !== null) fullReadings.set(copy.label, full);
      }
      copies.push(...own);
      const sentinels = [...backups.values()].flatMap(({ files: { name }, sentinel }) =>
        isRead(sentinel) ? [{ name, sentinel }] : [],
      );
      const archive = { tree, signal: reading.signal, prefix, declaredServer, sentinels, copies: own };
      const wal = await seeing(() => walGArchive({ ...archive, unmatched: listing.unmatched }));
      archives.push(...(wal ?? []));
    }
  });
  const readings = reading.depth === 'full' ? {} : { fullReadings };
  return { copies, archives, plans: [], unmatched: factsOf(unmatched), ...readings, blindSpot };
}

interface Context {
  readonly tree: ArtifactTree;
  readonly reading: RepositoryReading;
  readonly prefix: WalGPrefix;
  readonly declaredServer: string | null;
  readonly seeing: <T>(look: () => Promise<T>) => Promise<T | null>;
}

interface ReadBackup {
  readonly files: WalGBackupFiles;
  /** Null: there is none. A text: why it cannot be understood. */
  readonly sentinel: Sentinel | string | null;
  readonly metadata: Sentinel | string | null;
}

async function readBackups(context: Context): Promise<ReadonlyMap<string, ReadBackup>> {
  const backups = new Map<string, ReadBackup>();
  for (const files of [...context.prefix.backups.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const backup = await context.seeing(async () => ({
      files,
      sentinel: files.sentinel === null ? null : await understood(context, files.sentinel, 'sentinel'),
      metadata: files.metadata === null ? null : await understood(context, files.metadata, 'metadata.json'),
    }));
    if (backup !== null) backups.set(files.name, backup);
  }
  return backups;
}

/** A file that could be read and is damaged is a finding about the copy; one that could not be read is a blind spot. */
async function understood(
  { tree, reading }: Context,
  file: ArtifactFile,
  kind: 'sentinel' | 'metadata.json',
): Promise<Sentinel | string> {
  try {
    return await withReader(tree, file.path, reading.signal, (reader) => readSentinel(reader.stream(), kind));
  } catch (error) {
    if (error instanceof SourceError && error.reason === 'malformed') return error.message;
    throw error;
  }
}

async function readCopy(
  context: Context,
  { files, sentinel, metadata }: ReadBackup,
  backups: ReadonlyMap<string, ReadBackup>,
): Promise<PhysicalCopy> {
  return walGCopy({
    prefix: context.prefix.prefix,
    files,
    sentinel: isRead(sentinel) ? sentinel : null,
    metadata: isRead(metadata) ? metadata : null,
    verdict: judgeWalGBackup(sentinel, files),
    ancestors: ancestorsOf(files.name, backups),
    databases: await context.seeing(() => databasesOf(context, files)),
    encrypted: await context.seeing(() => isEncrypted(context, files)),
    declaredServer: context.declaredServer,
  });
}

/** Nearest first, up to the full one or to one that is not there; each once, so that a circle ends. */
function ancestorsOf(name: string, backups: ReadonlyMap<string, ReadBackup>): readonly string[] {
  const ancestors = new Set<string>();
  for (let at: string | null = name; at !== null; ) {
    const sentinel: Sentinel | string | null = backups.get(at)?.sentinel ?? null;
    if (!isRead(sentinel) || sentinel.deltaFrom === null || ancestors.has(sentinel.deltaFrom)) break;
    at = sentinel.deltaFrom;
    ancestors.add(at);
  }
  // Where the chain is broken, the full one at its end is known by name all the same.
  const own = backups.get(name)?.sentinel ?? null;
  if (isRead(own) && own.deltaFullName !== null) ancestors.add(own.deltaFullName);
  return [...ancestors];
}

async function databasesOf({ tree, reading }: Context, files: WalGBackupFiles): Promise<PhysicalCopy['databases']> {
  const file = files.filesMetadata;
  if (file === null || (reading.depth === 'structure' && file.bytes > LARGEST_AT_STRUCTURE)) return null;
  return withReader(tree, file.path, reading.signal, (reader) => readDatabaseNames(reader.stream()));
}

async function isEncrypted({ tree, reading }: Context, files: WalGBackupFiles): Promise<boolean | null> {
  const part = files.controlPart;
  if (part === null) return null;
  const head = await withReader(tree, part.path, reading.signal, (reader) => reader.read(0, PART_HEAD_BYTES));
  return looksEncrypted(part.path, head);
}

function isRead(sentinel: Sentinel | string | null): sentinel is Sentinel {
  return sentinel !== null && typeof sentinel !== 'string';
}

/** Of several prefixes only the one that ends in the declared name is it. */
function declaredFor(prefix: WalGPrefix, all: readonly WalGPrefix[], declared: string | null): string | null {
  return all.length === 1 || prefix.prefix.split('/').at(-1) === declared ? declared : null;
}

function factsOf(unmatched: UnmatchedList | null): PhysicalContents['unmatched'] {
  return unmatched === null ? [] : unmatched.facts();
}

function noRepository(tree: ArtifactTree): SourceError {
  const remedy = 'Name what WALG_FILE_PREFIX or WALG_S3_PREFIX names: basebackups_005 and wal_005 lie below it.';
  return new SourceError('malformed', `${JSON.stringify(tree.locator)} holds no WAL-G repository`, remedy);
}
