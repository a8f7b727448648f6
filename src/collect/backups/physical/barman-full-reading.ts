import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { filesBelow } from '../../trees/artifact-tree.ts';
import { barmanPath } from './barman-copy.ts';
import { type BackupFiles, listBarman } from './barman-listing.ts';
import type { FullReading, PhysicalCopy } from './physical-copy.ts';
import type { DataDirectoryVerdict } from './repository-reading.ts';

/**
 * How one backup of a catalogue is read in full later: every file against the `backup_manifest` that pg_basebackup left
 * in it. Null where there is none, as Barman keeps no checksums itself, and where its archives are encrypted.
 *
 * @param server name of the server's directory; empty where the tree's root is that directory
 */
export function barmanReading(
  { tree, signal }: { readonly tree: ArtifactTree; readonly signal: AbortSignal },
  server: string,
  files: BackupFiles,
  structure: PhysicalCopy,
  verify: (directory: string) => Promise<DataDirectoryVerdict>,
): FullReading | null {
  const isEncrypted = [...files.archives].some((name) => name.endsWith('.gpg'));
  if (structure.integrity !== 'complete' || !files.hasManifest || isEncrypted) return null;
  const place = barmanPath(server, files.id);
  const listing = async function* (): AsyncGenerator<ArtifactFile, void> {
    yield* await filesBelow(tree, place, signal);
    const meta = files.metaInfo?.path;
    if (meta === undefined) return;
    for (const file of await filesBelow(tree, meta.slice(0, meta.lastIndexOf('/')), signal)) {
      if (file.path === meta) yield file;
    }
  };
  return {
    identity: files.listed.identity(structure),
    bytes: structure.bytes,
    async read() {
      const { servers } = await listBarman({ list: listing }, signal);
      const now = servers.find(({ name }) => name === server)?.backups.get(files.id);
      const verdict = await verify(`${place}/data`);
      const identity = now?.listed.identity(structure) ?? 'gone';
      return { copy: { ...structure, ...verdict }, walDamage: null, identity };
    },
  };
}
