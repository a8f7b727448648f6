import { UnsupportedCompression } from '../../formats/compression/wrapping.ts';
import { compressionOf, decompressed } from '../../formats/decompressed.ts';
import { FormatDamage } from '../../formats/format-damage.ts';
import { type ArtifactFile, type ArtifactTree, filesBelow } from '../../trees/artifact-tree.ts';
import { StoredChecksumMismatch } from '../../trees/stored-checksum-mismatch.ts';
import { listedFiles } from '../verification/copy-identity.ts';
import type { FullReading, PhysicalCopy } from './physical-copy.ts';
import { withReader } from './repository-reading.ts';
import type { WalGBackupFiles } from './wal-g-listing.ts';

/**
 * How one backup is read in full later: every part is decompressed to its end, by the rules and checksums of its
 * compression, as WAL-G keeps no checksum of what is in it. Null where that proves nothing: parts that are encrypted, not
 * compressed, or compressed in a way that is not opened here (lzma, brotli).
 */
export function walGReading(
  { tree, signal }: { readonly tree: ArtifactTree; readonly signal: AbortSignal },
  files: WalGBackupFiles,
  structure: PhysicalCopy,
): FullReading | null {
  if (structure.integrity !== 'complete' || structure.encrypted !== false) return null;
  if (files.controlPart === null || compressionOf(files.controlPart.path) === 'none') return null;
  return {
    identity: files.listed.identity(structure),
    bytes: structure.bytes,
    async read() {
      const now = await filesBelow(tree, structure.path, signal);
      const parts = now.filter(({ path }) => path.startsWith(`${structure.path}/tar_partitions/`));
      const copy = await readParts(tree, parts, structure, signal);
      return { copy, walDamage: null, identity: listedFiles(now).identity(structure) };
    },
  };
}

async function readParts(
  tree: ArtifactTree,
  parts: readonly ArtifactFile[],
  structure: PhysicalCopy,
  signal: AbortSignal,
): Promise<PhysicalCopy> {
  for (const { path } of parts) {
    const name = JSON.stringify(path.slice(path.lastIndexOf('/') + 1));
    const compression = compressionOf(path);
    try {
      const isOpened = await withReader(tree, path, signal, async (reader) => {
        const content = compression === 'none' ? null : decompressed(compression, reader.stream());
        if (content === null) return false;
        for await (const _ of content);
        return true;
      });
      if (!isOpened) return unproven(structure, `its part ${name} is not opened here`);
    } catch (error) {
      if (error instanceof UnsupportedCompression) return unproven(structure, `its part ${name}: ${error.message}`);
      if (!(error instanceof FormatDamage || error instanceof StoredChecksumMismatch)) throw error;
      return {
        ...structure,
        integrity: 'incomplete',
        integrityBecause: `its part ${name} is damaged: ${error.message}`,
      };
    }
  }
  const because = `every one of its ${parts.length} parts decompresses to its end`;
  return { ...structure, integrityBecause: `${structure.integrityBecause}; ${because}`, readToEnd: true };
}

function unproven(structure: PhysicalCopy, integrityBecause: string): PhysicalCopy {
  return { ...structure, integrity: 'unproven', integrityBecause };
}
