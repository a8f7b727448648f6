import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import type { Estate, FileCopies, PartBuilder } from './estate.ts';
import { type DatedCopy, pathInCopy } from './hosts/dated-copies.ts';
import { isSameFile } from './hosts/same-file.ts';
import type { ArtifactRow } from './organizations/dataset-contracts.ts';
import type { StorePaths } from './second-copies/second-copy.ts';
import { storePaths } from './second-copies/store-paths.ts';
import type { ArtifactFile } from './trees/artifact-tree.ts';
import type { FileOnDisk } from './trees/shared-by-names.ts';

/** A file that an artifact row names and that was found in the live store. */
export interface LiveFile {
  /** As the row names it, relative to the store. */
  readonly key: string;
  /** In the live store. */
  readonly bytes: number;
  /** When it was last written there; absent where that is not told. */
  readonly modifiedAt?: Instant;
  /** As the row states them; null where it does not, so that a file may rightly have changed. */
  readonly recordedBytes: number | null;
  /** When the row was made. */
  readonly createdAt: Instant;
  /** As `linked` of an artifact. */
  readonly linked?: string;
  /** Of one of the host that this runs on. */
  readonly onDisk?: FileOnDisk;
}

export interface CopiedStore {
  readonly binding: Facts['storage-binding'];
  readonly files: readonly LiveFile[];
  /** Rows that were drawn, without those that the database lists no more. */
  readonly listed: readonly ArtifactRow[];
  /** Rows that are dated in the future, of which none was drawn. */
  readonly future: number;
  /** Whether its first copy is still awaited, so that none has to hold what came after it. */
  readonly isYoung: boolean;
  /** Rows so much younger than a copy may have been registered before their file was there. */
  readonly skewMillis: number;
  /** Whether the directory is that of every organization: that something lies in it tells nothing of this one. */
  readonly isShared: boolean;
}

/**
 * Adds to what is told of the copies of a store whether files that were found in it are in them, too, and those that the
 * database lists and that were not found in it. What the look at drawn files showed of a copy is told of the copy as well.
 */
export async function compareCopiedFiles(
  part: PartBuilder,
  { fileCopies }: Pick<Estate, 'fileCopies'>,
  store: CopiedStore,
  signal: AbortSignal,
): Promise<void> {
  const { binding, isShared } = store;
  const paths = storePaths(binding);
  if (paths === null) return;
  const damaged = damagedCopies(part, binding.bindingId);
  for (const [index, record] of part.evidence.entries()) {
    if (record.kind !== 'file-copy' || record.subject.kind !== 'store' || record.subject.key !== binding.bindingId) {
      continue;
    }
    const items: Copied[] = [];
    for (const item of record.items) {
      items.push({
        ...item,
        ...(await comparison(lookIn(item, fileCopies, paths, signal), item.moment, store)),
        ...damageOf(item, damaged),
        ...(isShared ? { shared: true } : {}),
      });
    }
    part.evidence[index] = { ...record, items } satisfies AnyEvidence;
  }
}

type Copied = Facts['file-copy'];
type Found = Pick<ArtifactFile, 'path' | 'bytes' | 'linked' | 'isSizeElsewhere' | 'version'>;

/** A copy whose files can be found by the names of the database. */
interface Look {
  readonly find: (key: string) => Found | undefined;
  /** Whether it is the live file itself, with one name; null where the system does not tell. */
  readonly isLive: (file: Found, live: LiveFile) => Promise<boolean | null>;
}

/** How files are found in a copy by the names of the database; null where its files are not named. */
function lookIn(
  { location, copy }: Copied,
  fileCopies: readonly FileCopies[],
  paths: StorePaths,
  signal: AbortSignal,
): Look | null {
  const where = fileCopies.find((one) => one.location.config.name === location);
  const found: DatedCopy | undefined = where?.copies?.copies.find(({ name }) => name === copy);
  if (where === undefined || found === undefined) return null;
  if (found.countedOnly === true || found.statedPath !== undefined) return null;
  const { sourceRoot } = where.settings;
  if (paths.roots.every((root) => pathInCopy(root, sourceRoot) === null)) return null;
  return {
    find: (key) =>
      paths.pathsOf(key).flatMap((path) => {
        const inside = pathInCopy(path, sourceRoot);
        const file = inside === null ? undefined : found.files.get(inside);
        return file === undefined ? [] : [file];
      })[0],
    isLive: async (file, { onDisk }) => (onDisk === undefined ? false : isSameFile(where, copy, file, onDisk, signal)),
  };
}

/** Rows of files that must be in a copy of then, as the database names them. */
function isDue({ createdAt }: { readonly createdAt: Instant }, moment: Instant, skewMillis: number): boolean {
  return toMillis(createdAt) <= toMillis(moment) - skewMillis;
}

async function comparison(
  look: Look | null,
  moment: Instant,
  { binding, files, listed, future, isYoung, skewMillis }: CopiedStore,
): Promise<Pick<Copied, 'compared' | 'listed' | 'uncompared' | 'doubt'>> {
  if (look === null) return {};
  const paths = storePaths(binding);
  const isOfStore = (key: string) => (paths?.pathsOf(key).length ?? 0) > 0;
  const due = files.filter((file) => isOfStore(file.key) && isDue(file, moment, skewMillis));
  const found = new Set(files.map(({ key }) => key));
  const rows = listed.filter(
    (row) => !found.has(row.objectKey) && isOfStore(row.objectKey) && isDue(row, moment, skewMillis),
  );
  if (due.length + rows.length === 0) {
    const ofStore = listed.filter((row) => isOfStore(row.objectKey));
    const elsewhere = listed.length - ofStore.length;
    // Of what was registered by now, a first copy before it all need hold nothing.
    if (listed.length + future === 0 || (isYoung && elsewhere + future === 0)) return {};
    return { uncompared: { later: ofStore.length, future, elsewhere } };
  }
  return {
    ...(due.length === 0 ? {} : await comparedBy(look, due, toMillis(moment) - skewMillis)),
    ...(rows.length === 0 ? {} : { listed: listedBy(look, rows) }),
  };
}

/** @param unchanged what the live store wrote by then is in the copy as it is now, in milliseconds since 1970 */
async function comparedBy(
  look: Look,
  live: readonly LiveFile[],
  unchanged: number,
): Promise<Pick<Copied, 'compared' | 'doubt'>> {
  const compared = { files: live.length, missing: 0, emptied: 0, sizeDiffers: 0 };
  let linked = 0;
  let isOpen = false;
  for (const file of live) {
    const copied = look.find(file.key);
    if (copied === undefined) {
      compared.missing += 1;
      continue;
    }
    const isLive = shareNames(copied, file) || (await look.isLive(copied, file));
    isOpen ||= isLive === null;
    if (isLive === true) linked += 1;
    else if (copied.isSizeElsewhere === true) continue;
    else if (copied.bytes === 0 && file.bytes > 0) compared.emptied += 1;
    else if (copied.bytes !== file.bytes && isFixed(file, unchanged)) compared.sizeDiffers += 1;
  }
  return {
    compared: linked === 0 ? compared : { ...compared, linked },
    ...(isOpen ? { doubt: 'whether what is in it are the live files themselves the system did not tell' } : {}),
  };
}

function shareNames(copied: Found, live: LiveFile): boolean {
  return copied.linked !== undefined && copied.linked === live.linked;
}

/** Whether a file had its present size when the copy was made: its row states it, or it was not written since. */
function isFixed({ recordedBytes, modifiedAt }: LiveFile, unchanged: number): boolean {
  return recordedBytes !== null || (modifiedAt !== undefined && toMillis(modifiedAt) <= unchanged);
}

function listedBy(look: Look, rows: readonly ArtifactRow[]): NonNullable<Copied['listed']> {
  const listed = { files: rows.length, missing: 0, sizeDiffers: 0 };
  for (const { objectKey, bytes } of rows) {
    const copied = look.find(objectKey);
    if (copied === undefined) listed.missing += 1;
    else if (copied.isSizeElsewhere !== true && bytes !== null && copied.bytes !== bytes) listed.sizeDiffers += 1;
  }
  return listed;
}

type Sampled = Facts['file-copy-sample'];

/** Copies of one store out of which files that were drawn could not be read, or came as others than the database lists. */
function damagedCopies({ evidence }: PartBuilder, bindingId: string): readonly Sampled[] {
  return evidence.flatMap((record) =>
    record.kind === 'file-copy-sample' && record.subject.key === bindingId
      ? record.items.filter(({ damaged = 0, checksumDiffers }) => damaged + checksumDiffers > 0)
      : [],
  );
}

/**
 * What is damaged in one copy of a repository may be what another one there needs as well; and what made one copy of other
 * bytes than it was given may have made those before it.
 */
function damageOf(
  { location, copy }: Copied,
  damaged: readonly Sampled[],
): Pick<Copied, 'damaged' | 'altered' | 'doubt'> {
  const there = damaged.filter((one) => one.location === location);
  const own = there.find((one) => one.copy === copy);
  if (own !== undefined) {
    const { damaged: unread = 0, checksumDiffers: files, checksumDiffersInStore: asLive = 0 } = own;
    return { ...(unread === 0 ? {} : { damaged: unread }), ...(files === 0 ? {} : { altered: { files, asLive } }) };
  }
  const unread = there.find((one) => (one.damaged ?? 0) > 0);
  if (unread !== undefined) {
    return { doubt: `a file could not be read out of ${unread.copy} in the same repository, whose data are damaged` };
  }
  const other = there.find((one) => one.checksumDiffers > (one.checksumDiffersInStore ?? 0));
  return other === undefined
    ? {}
    : {
        doubt: `files in ${other.copy} of the same place have another checksum than the database lists, and of this one none was read`,
      };
}
