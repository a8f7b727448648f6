import { borgSnapshotFiles, resticFiles, type SnapshotFiles } from '../backups/repositories/snapshot-files.ts';
import type { Collection, OpenLocation } from '../estate.ts';

/** What opening a repository takes. */
export type RepositoryOpener = Pick<Collection, 'signal' | 'secret'>;

const opened = new WeakMap<OpenLocation, Promise<SnapshotFiles>>();

/** One for each repository: its snapshots are listed once, and organizations are asked for together. */
export function repositoryOf(opener: RepositoryOpener, location: OpenLocation): Promise<SnapshotFiles> {
  const known = opened.get(location);
  if (known !== undefined) return known;
  const made = open(opener, location);
  opened.set(location, made);
  return made;
}

async function open({ secret, signal }: RepositoryOpener, { config, tree }: OpenLocation): Promise<SnapshotFiles> {
  if (config.kind !== 'directory' || tree === null) throw new TypeError('the repository is no directory');
  const isRestic = config.purposes.includes('restic');
  const reference = isRestic ? config.restic?.password : config.borg?.passphrase;
  const access = {
    root: tree.locator,
    secret: reference === undefined ? null : await secret(`location ${config.name}: repository`, reference),
    program: (isRestic ? config.restic?.program : config.borg?.program) ?? null,
    signal,
  };
  return isRestic ? resticFiles(access, tree) : borgSnapshotFiles(access, tree);
}
