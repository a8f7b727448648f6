import { gzipSync } from 'node:zlib';
import { readArchiveSet } from '../../../src/collect/file-sets/archive-set.ts';
import { FormatDamage } from '../../../src/collect/formats/format-damage.ts';
import { walkTarEntries } from '../../../src/collect/formats/tar-entries.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { paxRecord, tarOfMembers } from '../../collect/formats/tar-members.ts';
import { memoryTree } from '../../collect/memory-tree.ts';
import { bytesOf, chunksOf, type FuzzedParser, oneFile } from '../fuzzed-parser.ts';
import { mendTar } from '../mending.ts';

const STATE = 'var/state';
const LONG = `${STATE}/${'long/'.repeat(30)}file`;

/** Names and sizes in headers of their own, links, and what a host starts with. */
const GNU = tarOfMembers([
  { name: 'etc/bootstrap.env', content: 'A=1\n' },
  { name: `${STATE}/`, type: '5' },
  { name: '././@LongLink', type: 'L', content: `${LONG}\0` },
  { name: LONG.slice(0, 100), content: 'long' },
  { name: `${STATE}/link`, type: '1' },
  { name: `${STATE}/symbolic`, type: '2' },
  { name: `${STATE}/z`, content: Buffer.alloc(513, 7) },
]);
const PAX = tarOfMembers([
  { name: 'g', type: 'g', content: paxRecord('comment', 'of all') },
  { name: 'x', type: 'x', content: `${paxRecord('path', LONG)}${paxRecord('size', '5')}` },
  { name: 'cut', content: 'large', size: '00000000000' },
  { name: 'etc/bootstrap.env', content: 'A=1\n' },
]);
const SETTINGS = { timeFormat: 'YYYY-MM-DD', completionMarker: null, sourceRoot: '/', timeZone: null };
const KEPT = ['/etc/bootstrap.env', `/${STATE}`];

async function setVerdict(files: ReadonlyMap<string, Uint8Array>, signal: AbortSignal): Promise<string> {
  const { copies, contents } = await readArchiveSet(memoryTree(files), SETTINGS, KEPT, signal);
  const states: string[] = [];
  for (const copy of copies.copies) {
    const digests = [
      await contents.fileDigest(copy, 'etc/bootstrap.env', 'key'),
      await contents.treeDigest(copy, STATE, 'key', null),
    ];
    states.push(`${copy.complete ? 'whole' : 'not whole'}, ${digests.filter((one) => one !== null).length} digests`);
  }
  return states.join('; ');
}

export const ARCHIVE_SET_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'tar, its entries',
    artifacts: () => [oneFile(GNU), oneFile(PAX)],
    read: async (input) => {
      let files = 0;
      await walkTarEntries({ chunks: chunksOf(bytesOf(input)) }, async ({ isFile }, content) => {
        if (isFile) files += 1;
        for await (const piece of content.pieces()) void piece;
      });
      return files > 0 ? 'files' : 'none';
    },
    declared: [FormatDamage],
    mend: mendTar,
  },
  {
    name: 'dated tar archives',
    artifacts: () => [
      new Map([
        ['2026-11-20.tar', GNU],
        ['2026-11-21.tar', PAX],
      ]),
    ],
    read: setVerdict,
    declared: [SourceError],
    mend: mendTar,
  },
  {
    name: 'dated tar archives, compressed',
    artifacts: () => [new Map([['2026-11-20.tar.gz', gzipSync(GNU)]])],
    read: setVerdict,
    declared: [SourceError],
  },
];
