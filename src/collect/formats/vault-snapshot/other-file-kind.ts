import type { ByteReader } from '../../trees/artifact-tree.ts';
import type { SnapshotFileKind } from './snapshot-reading.ts';

export const OTHER_KINDS: Readonly<
  Record<Exclude<SnapshotFileKind, 'vault-raft-snapshot' | 'consul-snapshot' | 'cut-short'>, string>
> = {
  'other-raft-snapshot': 'it is a raft snapshot of another product, such as Nomad, whose entries are not read',
  'consul-without-vault': 'it is a snapshot of a Consul in which no Vault keeps its storage',
  'error-answer': 'it is the error answer of a server, saved by a client that did not look at its status',
  'database-file': 'it is a file copied from a running database, not a snapshot',
  other: 'it is no compressed archive as Vault writes it',
};

/** Magic number of a bolt database, in the byte order of the machine, after the 16 bytes of a page header (bbolt, db.go and page.go). */
const BOLT_MAGIC = 0xed0cdaed;

/** What a file is that does not begin like a gzip. @throws SourceError when bytes cannot be read */
export async function kindOfOther(reader: ByteReader): Promise<keyof typeof OTHER_KINDS> {
  const begin = Buffer.from(await reader.read(0, 4096));
  if (begin.length >= 20 && (begin.readUInt32LE(16) === BOLT_MAGIC || begin.readUInt32BE(16) === BOLT_MAGIC))
    return 'database-file';
  const text = begin.toString('latin1').trimStart();
  if (text.startsWith('{"errors"') || /^<(!doctype|html|\?xml)/i.test(text)) return 'error-answer';
  return 'other';
}
