import { SourceError } from '../../../model/source-error.ts';
import { jsonScanner } from '../json-scanner.ts';

const MOST_DATABASES = 1_000_000;

/** A database of the cluster when the backup was taken. */
export interface NamedDatabase {
  readonly oid: number;
  readonly name: string;
}

/**
 * The databases that a `files_metadata.json` names (wal-g, internal/databases/postgres/names_metadata.go,
 * DatabasesByNames), without keeping its lists of files and tables. Null where it has no such list: it is there only
 * when partial restore is not switched off, and not for backups over the replication protocol.
 *
 * @throws SourceError when it is damaged
 */
export async function readDatabaseNames(chunks: AsyncIterable<Uint8Array>): Promise<readonly NamedDatabase[] | null> {
  const oids = new Map<string, number>();
  let named = false;
  const scanner = jsonScanner('files_metadata.json', {
    scalar: (path, kind, text) => {
      const [list, database, member] = path;
      if (path.length !== 3 || list !== LIST || database === undefined || member !== 'oid') return;
      if (kind !== 'number' || !/^\d{1,10}$/.test(text) || oids.size >= MOST_DATABASES) throw damaged();
      oids.set(database, Number(text));
    },
    enter: (path) => {
      if (path.length > 0 && path[0] !== LIST) return false;
      if (path.length === 1) named = true;
      return path.length <= 2;
    },
  });
  for await (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  return named ? [...oids].map(([name, oid]) => ({ oid, name })) : null;
}

const LIST = 'DatabasesByNames';

function damaged(): SourceError {
  const remedy = 'Look at the file: it was overwritten, or written by another program.';
  return new SourceError('malformed', 'files_metadata.json is damaged: a database has no object id', remedy);
}
