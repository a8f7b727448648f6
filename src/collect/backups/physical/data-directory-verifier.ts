import { type ArtifactFile, type ArtifactTree, filesBelow } from '../../trees/artifact-tree.ts';
import { emptyReading, type Findings } from './base-backup/backup-reading.ts';
import { findBackups, type TarCandidate } from './base-backup/find-backups.ts';
import { readPlainBackup } from './base-backup/plain-backup.ts';
import { readTarBackup } from './base-backup/tar-backup.ts';
import type { DataDirectoryVerdict } from './repository-reading.ts';

/**
 * Compares data directories that a tool had pg_basebackup write with the `backup_manifest` in them: every byte of every
 * file. Tablespaces may lie beside the data directory by their object id, as Barman has them: the manifest names them
 * by the link in `pg_tblspc` that leads there.
 *
 * @throws SourceError when a file cannot be read
 */
export function dataDirectoryVerifier(
  tree: ArtifactTree,
  signal: AbortSignal,
): (directory: string) => Promise<DataDirectoryVerdict> {
  return async (directory) => {
    const above = directory.slice(0, directory.lastIndexOf('/'));
    const beside = `${above}/`;
    const files = new Map<string, ArtifactFile>();
    const places = new Map<string, string>();
    const listed = await filesBelow(tree, above, signal);
    const reading = emptyReading();
    const findings: Findings = { problems: [], doubts: [] };
    const tar = tarIn(directory, listed);
    for (const file of listed) {
      const path = pathInside(file.path, directory, beside);
      if (path === null) continue;
      files.set(path, file);
      places.set(`${directory}/${path}`, file.path);
    }
    const view: ArtifactTree = { ...tree, open: (path, using) => tree.open(places.get(path) ?? path, using) };
    const candidate = { as: 'plain', root: directory, files } as const;
    if (tar === null) await readPlainBackup(candidate, { tree: view, depth: 'full', signal }, reading, findings);
    else await readTarBackup(tar, { tree, depth: 'full', signal }, reading, findings);
    const [problem] = findings.problems;
    const [doubt] = findings.doubts;
    const readToEnd = reading.readToEnd && doubt === undefined && reading.manifest?.filesWithoutChecksum === 0;
    if (problem !== undefined) return { integrity: 'incomplete', integrityBecause: problem, readToEnd };
    if (doubt !== undefined) return { integrity: 'unproven', integrityBecause: doubt, readToEnd };
    const because = `all ${reading.manifest?.fileCount ?? 0} files of its manifest are there with their sizes and checksums`;
    return { integrity: 'complete', integrityBecause: because, readToEnd };
  };
}

/** The archives of pg_basebackup's tar format, where a directory holds them in place of files. */
function tarIn(directory: string, listed: readonly ArtifactFile[]): TarCandidate | null {
  const { candidates } = findBackups(listed.filter(({ path }) => path.startsWith(`${directory}/`)));
  return candidates.find((one): one is TarCandidate => one.as === 'tar' && one.root === directory) ?? null;
}

function pathInside(path: string, directory: string, beside: string): string | null {
  if (path.startsWith(`${directory}/`)) return path.slice(directory.length + 1);
  const tablespace = path.startsWith(beside) ? /^(\d{1,10}\/.+)$/.exec(path.slice(beside.length))?.[1] : undefined;
  return tablespace === undefined ? null : `pg_tblspc/${tablespace}`;
}
