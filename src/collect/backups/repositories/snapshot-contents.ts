import type { Instant } from '../../../model/instant.ts';
import { claimedName } from '../claimed-name.ts';
import { fileNameClaim } from '../closed-artifacts.ts';
import type { PossibleForm } from '../possible-copy.ts';
import { isFromStandardInput, possibleForm } from './possible-form.ts';

/** One entry of a snapshot. */
export interface SnapshotNode {
  readonly path: string;
  readonly isFile: boolean;
  /** True of a symbolic link; absent of all else. */
  readonly isSymbolicLink?: true;
  readonly bytes: number;
  /** True for a hard link whose size stands with another entry. */
  readonly isLinked: boolean;
  readonly modifiedAt: Instant | null;
}

/** A file, or a directory dump, whose path looks like that of a dump. */
export interface FoundDump {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: Instant | null;
  readonly claimedName: string | null;
  readonly form: 'file' | 'directory';
  readonly isEmpty: boolean;
}

/** A data directory of PostgreSQL that was backed up file by file. */
export interface FoundDataDirectory {
  readonly path: string;
  readonly bytes: number;
  /** `backup_label` lies inside: it was copied between the two calls of the backup mode. */
  readonly hasLabel: boolean;
  /** `postmaster.pid` lies inside: the server ran, or had crashed. */
  readonly wasRunning: boolean;
}

/** A file of no database that may hold a copy of any. */
export interface FoundPossible {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: Instant | null;
  readonly form: PossibleForm;
}

/** Picks out of the entries of one snapshot, as they come, what may bring a database back. */
export interface SnapshotContents {
  add(node: SnapshotNode): void;
  result(): {
    readonly dumps: readonly FoundDump[];
    readonly dataDirectories: readonly FoundDataDirectory[];
    /** Besides dumps by their names: some of each form, where there are many. */
    readonly possible: readonly FoundPossible[];
  };
}

/** Endings of dumps without those that other files bear as well (`.tar`, `.bak`). */
const PLAINLY_DUMP = /\.(dump|dmp|sql|psql|pgsql|pgdump)(\.[a-z0-9]{1,4})?$/i;
/** Dumps that are told one by one in a snapshot; a machine may hold any number of files called `.sql`. */
const MOST_UNCLAIMED = 200;

export function snapshotContents(databaseNames: ReadonlySet<string>): SnapshotContents {
  const dumps: FoundDump[] = [];
  const possible = new Map<PossibleForm, FoundPossible[]>();
  let only: FoundPossible | null = null;
  let fileCount = 0;
  let unclaimed = 0;
  const members = new Map<string, { hasToc: boolean; bytes: number; modifiedAt: Instant | null }>();
  const markers = new Map<string, Set<string>>();
  const sizes = new Map<string, number>();
  return {
    add({ path, isFile, bytes, isLinked, modifiedAt }) {
      if (!isFile) return;
      fileCount += 1;
      const slash = path.lastIndexOf('/');
      const [directory, name] = [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
      if (/^(toc|\d+)\.dat(\.[a-z0-9]+)?$/.test(name)) {
        const known = members.get(directory) ?? { hasToc: false, bytes: 0, modifiedAt: null };
        known.hasToc ||= name === 'toc.dat';
        known.bytes += bytes;
        if (modifiedAt !== null && (known.modifiedAt === null || modifiedAt > known.modifiedAt)) {
          known.modifiedAt = modifiedAt;
        }
        members.set(directory, known);
        return;
      }
      note(markers, directory, name);
      const part = path.search(/\/(base|global|pg_wal|pg_tblspc)\//);
      if (part >= 0) sizes.set(path.slice(0, part), (sizes.get(path.slice(0, part)) ?? 0) + bytes);
      const claimed = fileNameClaim(path, 'compressed', databaseNames);
      const isEmpty = bytes === 0 && !isLinked;
      if (claimed === null && !PLAINLY_DUMP.test(name)) {
        if (isEmpty) return;
        const form = possibleForm(path);
        if (form !== null) noteForm(possible, { path, bytes, modifiedAt, form });
        else if (isFromStandardInput(path)) only = { path, bytes, modifiedAt, form: 'standard-input' };
        return;
      }
      if (claimed === null && unclaimed >= MOST_UNCLAIMED) return;
      if (claimed === null) unclaimed += 1;
      dumps.push({ path, bytes, modifiedAt, claimedName: claimed, form: 'file', isEmpty });
    },
    result: () => ({
      dumps: [
        ...dumps,
        ...[...members]
          .filter(([, { hasToc }]) => hasToc)
          .map(([path, { bytes, modifiedAt }]): FoundDump => {
            const claimed = claimedName(path, databaseNames);
            return { path, bytes, modifiedAt, claimedName: claimed, form: 'directory', isEmpty: bytes === 0 };
          }),
      ],
      possible: fileCount === 1 && only !== null ? [only] : [...possible.values()].flat(),
      dataDirectories: [...markers]
        .filter(([, found]) => found.has('PG_VERSION') && found.has('pg_control'))
        .map(([path, found]) => ({
          path: path === '' ? '/' : path,
          bytes: sizes.get(path) ?? 0,
          hasLabel: found.has('backup_label'),
          wasRunning: found.has('postmaster.pid'),
        })),
    }),
  };
}

function noteForm(possible: Map<PossibleForm, FoundPossible[]>, found: FoundPossible): void {
  const list = possible.get(found.form);
  if (list === undefined) possible.set(found.form, [found]);
  else if (list.length < MOST_UNCLAIMED) list.push(found);
}

/** PG_VERSION lies in each directory of a database as well: only the one beside `global/pg_control` is the root. */
function note(markers: Map<string, Set<string>>, directory: string, name: string): void {
  const isControl = name === 'pg_control' && /(^|\/)global$/.test(directory);
  if (!isControl && !ROOT_FILES.has(name)) return;
  const root = isControl ? directory.slice(0, Math.max(directory.length - 'global'.length - 1, 0)) : directory;
  const found = markers.get(root) ?? new Set();
  markers.set(root, found.add(name));
}

const ROOT_FILES: ReadonlySet<string> = new Set(['PG_VERSION', 'backup_label', 'postmaster.pid']);
