import { Readable } from 'node:stream';
import { readBtrfsListing } from '../../../src/collect/backups/physical/filesystem/btrfs-listing.ts';
import { readLvmListing } from '../../../src/collect/backups/physical/filesystem/lvm-listing.ts';
import type { SnapshotListing } from '../../../src/collect/backups/physical/filesystem/snapshot-listing.ts';
import { readZfsListing } from '../../../src/collect/backups/physical/filesystem/zfs-listing.ts';
import { parseBorgArchives, parseBorgNode } from '../../../src/collect/backups/repositories/borg-listing.ts';
import { eachLine } from '../../../src/collect/backups/repositories/program-output.ts';
import { parseResticNode, parseResticSnapshots } from '../../../src/collect/backups/repositories/restic-listing.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { bytesOf, chunksOf, type FuzzedParser, oneFile, textOf } from '../fuzzed-parser.ts';

/* As the programs print them: restic 0.14, Borg 1.2, and the listings in the forms that their manuals give. */

const ID = '8c9d1b1f2c3a4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6';
const RESTIC = `[{"time":"2026-11-22T02:00:03.123456789+01:00","tree":"${ID}","paths":["/backups"],"hostname":"db1","username":"root","id":"${ID}","short_id":"8c9d1b1f"}]\n`;
const RESTIC_NODES = `{"time":"2026-11-22T02:00:03Z","tree":"${ID}","paths":["/backups"],"id":"${ID}","struct_type":"snapshot"}
{"name":"acme.dump","type":"file","path":"/backups/acme.dump","uid":0,"gid":0,"size":351378,"mode":420,"mtime":"2026-11-22T01:00:03.5+01:00","struct_type":"node"}
{"name":"backups","type":"dir","path":"/backups","mtime":"2026-11-22T01:00:03Z","struct_type":"node"}\n`;
const BORG = `{"archives":[{"archive":"acme-2026-11-22","barchive":"acme-2026-11-22","hostname":"db1","id":"${ID}","name":"acme-2026-11-22","start":"2026-11-22T02:00:03.000000","time":"2026-11-22T02:00:03.000000"}],
"encryption":{"mode":"repokey-blake2"},"repository":{"id":"${ID}","last_modified":"2026-11-22T02:00:04.000000","location":"/srv/borg"}}\n`;
const BORG_NODES = `{"type": "-", "mode": "-rw-r--r--", "path": "backups/acme.dump", "size": 351378, "mtime": "2026-11-22T01:00:03.500000"}
{"type": "h", "path": "backups/acme-2.dump", "size": 0, "mtime": "2026-11-22T01:00:03.500000"}\n`;
const ZFS =
  'tank/pg@daily-1\t1795222800\t1048576\t100\ntank/wal@daily-2\t1795309200\t512\t200\ntank/home@daily-2\t1795309200\t-\t200\n';
const LVM = JSON.stringify({
  report: [
    {
      lv: [
        { lv_name: 'pg', vg_name: 'vg0', origin: '', lv_time: '2026-01-01 00:00:00 +0000', lv_attr: 'owi-aos---' },
        {
          lv_name: 'pg-1',
          vg_name: 'vg0',
          origin: 'pg',
          lv_time: '2026-11-22 02:00:03 +0100',
          lv_attr: 'swi-a-s---',
          lv_size: '1073741824',
        },
        { lv_name: 'thin', vg_name: 'vg0', origin: '[pg]', lv_time: '2026-11-20 02:00:03', lv_attr: 'Vwi---tz-k' },
      ],
    },
  ],
});
const BTRFS = `ID 258 gen 10 cgen 10 top level 5 otime 2026-11-22 02:00:01 parent_uuid 6b9f2f3e-3a1c-8f4e-9e3a-0123456789ab uuid 11111111-3a1c-8f4e-9e3a-0123456789ab path .snapshots/pg 1
ID 259 gen 11 cgen 11 top level 5 otime 2026-11-22 02:00:02 path other/1\n`;

function nodes(program: string, listing: string, parse: (line: string) => unknown): FuzzedParser {
  return {
    name: `${program} files`,
    artifacts: () => [oneFile(listing)],
    read: async (input) => {
      const lines = Readable.from(chunksOf(bytesOf(input)));
      let count = 0;
      await eachLine(lines, program, (line) => {
        if (parse(line) !== null) count += 1;
      });
      return count > 0 ? 'files' : 'none';
    },
    declared: [SourceError],
  };
}

function listing(name: string, text: string, parse: (text: string) => SnapshotListing): FuzzedParser {
  return {
    name,
    artifacts: () => [oneFile(text)],
    read: (input) => (parse(textOf(input)).unreadable.length > 0 ? 'with unreadable lines' : 'read'),
    declared: [SourceError],
  };
}

export const LISTING_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'restic snapshots',
    artifacts: () => [oneFile(RESTIC)],
    read: (input) => (parseResticSnapshots(textOf(input)).length > 0 ? 'snapshots' : 'none'),
    declared: [SourceError],
  },
  nodes('restic', RESTIC_NODES, parseResticNode),
  {
    name: 'Borg archives',
    artifacts: () => [oneFile(BORG)],
    read: (input) => (parseBorgArchives(textOf(input)).encrypted ? 'encrypted' : 'readable'),
    declared: [SourceError],
  },
  nodes('Borg', BORG_NODES, parseBorgNode),
  listing('ZFS listing', ZFS, readZfsListing),
  ...[null, 'Europe/Berlin'].flatMap((zone) => [
    listing(`LVM listing, ${zone ?? 'no zone'}`, LVM, (text) => readLvmListing(text, zone)),
    listing(`Btrfs listing, ${zone ?? 'no zone'}`, BTRFS, (text) => readBtrfsListing(text, zone)),
  ]),
];
