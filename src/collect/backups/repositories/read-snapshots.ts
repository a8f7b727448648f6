import type { BlindSpot } from '../../../model/evidence.ts';
import type { Instant } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { counted, instantText } from '../../../model/text.ts';
import { createLimiter } from '../../concurrency.ts';
import type { PhysicalContents, PhysicalCopy } from '../physical/physical-copy.ts';
import { unmatchedList } from '../physical/unmatched-list.ts';
import type { PossibleCopy, PossibleForm } from '../possible-copy.ts';
import { possibleForm } from './possible-form.ts';
import {
  chooseSnapshots,
  type ListedSnapshot,
  NEWEST_OF_SERIES,
  type RepositoryMethod,
  type SnapshotFile,
} from './repository-contents.ts';
import { type FoundDataDirectory, type SnapshotNode, snapshotContents } from './snapshot-contents.ts';
import { snapshotWords, UNOPENED_INSIDE } from './unopened-snapshots.ts';

/** A repository whose snapshots its own program has listed. */
export interface ListedRepository {
  readonly method: RepositoryMethod;
  readonly snapshots: readonly ListedSnapshot[];
  readonly encrypted: boolean;
  /** Hands on every entry of a snapshot. @throws SourceError when it cannot be listed */
  readonly entriesOf: (snapshot: ListedSnapshot, onNode: (node: SnapshotNode) => void) => Promise<void>;
}

export interface SnapshotReading {
  readonly databaseNames: ReadonlySet<string>;
  /** The configured server whose copies lie here; null where nothing says so. */
  readonly declaredServer: string | null;
  /** Whether the repository is said to hold files of the install, too: a snapshot without a dump is nothing odd then. */
  readonly holdsFiles?: boolean;
  readonly signal: AbortSignal;
  readonly blindSpotOf: (error: unknown) => BlindSpot;
}

/** What snapshots hold, as the paths in them tell. */
export type SnapshotsFound = Pick<PhysicalContents, 'copies' | 'unmatched' | 'blindSpot'> & {
  readonly files: readonly SnapshotFile[];
  /** Newest snapshot first, one of each form in it. */
  readonly mayHoldAny: readonly PossibleCopy[];
  /** Snapshots that were listed and not looked into. */
  readonly leftOut: number;
};

/** Programs that unpack the trees of a repository take a processor each. */
const AT_ONCE = 2;

/** Looks into the newest snapshots of each series. One that cannot be listed does not hide the others. */
export async function readSnapshots(repository: ListedRepository, reading: SnapshotReading): Promise<SnapshotsFound> {
  const { method } = repository;
  const { chosen, left } = chooseSnapshots(repository.snapshots);
  const unmatched = unmatchedList();
  const files: SnapshotFile[] = [];
  const copies: PhysicalCopy[] = [];
  const mayHoldAny = new Map<string, readonly PossibleCopy[]>();
  let blindSpot: BlindSpot | null = null;
  const limit = createLimiter(AT_ONCE);
  const lookInto = async (snapshot: (typeof chosen)[number]): Promise<void> => {
    const seen = snapshotContents(reading.databaseNames);
    const told = { bytes: 0, modifiedAt: snapshot.takenAt };
    try {
      await repository.entriesOf(snapshot, seen.add);
    } catch (error) {
      reading.signal.throwIfAborted();
      const reason = reading.blindSpotOf(error);
      unmatched.add({ ...told, path: snapshot.label }, `snapshot that could not be listed: ${reason.detail}`, '');
      blindSpot ??= reason;
      return;
    }
    const { dumps, dataDirectories, possible } = seen.result();
    if (dumps.length + dataDirectories.length + possible.length === 0 && reading.holdsFiles !== true) {
      unmatched.add({ ...told, path: snapshot.label }, 'snapshot without a dump or a data directory', '');
    }
    for (const { claimedName, modifiedAt, ...dump } of dumps) {
      const written = earlier(modifiedAt, snapshot.takenAt);
      const found = { ...dump, path: pathIn(snapshot, dump.path), modifiedAt: written };
      if (claimedName !== null) {
        files.push({ ...found, method, snapshotAt: snapshot.takenAt, claimedName, encrypted: repository.encrypted });
      } else if (snapshot.isNewest) {
        unmatched.add(found, 'dump by its name, of no database of the install', snapshot.label);
      }
    }
    const forms = new Map<PossibleForm, string>();
    for (const { path, form, isEmpty } of dumps.filter(({ claimedName }) => claimedName === null)) {
      if (!isEmpty && (form === 'directory' || possibleForm(path) === 'dump'))
        forms.set('dump', pathIn(snapshot, path));
    }
    for (const { form, modifiedAt, ...file } of possible) {
      const found = { ...file, path: pathIn(snapshot, file.path), modifiedAt: earlier(modifiedAt, snapshot.takenAt) };
      if (snapshot.isNewest) unmatched.add(found, `${UNOPENED_INSIDE[form]}: not looked into`, snapshot.label);
      // People keep archives of all kinds among their files.
      if (form !== 'archive' || reading.holdsFiles !== true) forms.set(form, found.path);
    }
    for (const directory of dataDirectories) {
      if (directory.wasRunning && !directory.hasLabel) {
        const found = { path: pathIn(snapshot, directory.path), bytes: directory.bytes, modifiedAt: snapshot.takenAt };
        unmatched.add(found, COPIED_WHILE_RUNNING, '');
      } else {
        copies.push(dataDirectoryCopy(repository, snapshot, directory, reading.declaredServer));
        if (reading.declaredServer === null) forms.set('data-directory', pathIn(snapshot, directory.path));
      }
    }
    const name = snapshotWords(method, snapshot);
    mayHoldAny.set(
      snapshot.id,
      [...forms].map(([form, path]) => ({ path, snapshot: name, form })),
    );
  };
  await Promise.all(chosen.map((snapshot) => limit(() => lookInto(snapshot))));
  for (const { label, takenAt, host } of left) {
    const what = `snapshot of ${host === '' ? 'an unnamed host' : host}, older than the newest ${NEWEST_OF_SERIES} of its paths: not looked into`;
    unmatched.add({ path: label, bytes: 0, modifiedAt: takenAt }, what, '');
  }
  return {
    files: files.sort(byPath),
    copies: copies.sort(byPath),
    unmatched: unmatched.facts(),
    blindSpot,
    mayHoldAny: [...chosen]
      .sort((a, b) => b.takenAt.localeCompare(a.takenAt))
      .flatMap(({ id }) => mayHoldAny.get(id) ?? []),
    leftOut: left.length,
  };
}

const COPIED_WHILE_RUNNING =
  'data directory copied file by file while its server ran (postmaster.pid, no backup_label): no consistent copy';

/**
 * PostgreSQL 15 manual, "File System Level Backup" and "Continuous Archiving", 26.3.3: files copied one after another
 * restore only from a server that was shut down, or with `backup_label` and the WAL of the backup. Neither shows from
 * outside.
 */
function dataDirectoryCopy(
  { method, encrypted }: ListedRepository,
  snapshot: ListedSnapshot,
  { path, bytes, hasLabel }: FoundDataDirectory,
  declaredServer: string | null,
): PhysicalCopy {
  return {
    label: pathIn(snapshot, path),
    path: pathIn(snapshot, path),
    method,
    format: 'data directory, file by file',
    kind: 'full',
    needs: [],
    cluster: { systemIdentifier: null, endpoints: [], declaredServer },
    timeline: null,
    databases: null,
    startedAt: null,
    stoppedAt: null,
    timesFrom: 'the snapshot',
    wal: null,
    serverVersion: null,
    toolVersion: null,
    bytes,
    modifiedAt: snapshot.takenAt,
    integrity: 'unproven',
    integrityBecause: hasLabel
      ? `backup_label lies inside, and whether the WAL of that backup does was not looked at (${method} snapshot of ${instantText(snapshot.takenAt)})`
      : `it was copied file by file, and whether the server was shut down was not seen (${method} snapshot of ${instantText(snapshot.takenAt)})`,
    readToEnd: false,
    encrypted,
    lockedUntil: null,
    domain: null,
  };
}

function pathIn({ label }: ListedSnapshot, path: string): string {
  return `${label}/${path.replace(/^\/+/, '')}`;
}

function earlier(modifiedAt: Instant | null, takenAt: Instant): Instant {
  return modifiedAt !== null && modifiedAt < takenAt ? modifiedAt : takenAt;
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

/** An error with what storage tells without the program: how many snapshots lie there, and how old the newest is. */
export function withStorageView(error: unknown, count: number, newest: Instant | null, noun: string): unknown {
  if (!(error instanceof SourceError) || newest === null) return error;
  const view = `${counted(count, noun)} ${count === 1 ? 'lies' : 'lie'} there, the newest written ${instantText(newest)}`;
  return new SourceError(error.reason, `${error.message}; ${view}`, error.remedy, { cause: error });
}
