import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBackupInfo } from '../../../../src/collect/formats/barman/backup-info.ts';
import { SourceError } from '../../../../src/model/source-error.ts';

/** As Barman 3.4 writes it, with a tablespace. */
const DONE = `backup_label='START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\\nSTART TIMELINE: 1\\n'
begin_offset=40
begin_time=2026-11-22 21:42:31.830492+00:00
begin_wal=000000010000000000000002
begin_xlog=0/2000028
compression=None
copy_stats={'copy_time': 1.68971, 'total_time': 1.68971}
deduplicated_size=351378
end_offset=0
end_time=2026-11-22 21:42:33.536018+00:00
end_wal=000000010000000000000002
end_xlog=0/3000000
error=None
included_files=None
mode=rsync-concurrent
pgdata=/var/lib/postgresql/15/main
server_name=main
size=23351378
status=DONE
systemid=18446744073709551615
tablespaces=[('it\\'s', 16387, '/srv/a "b"'), ("o", 2, '/x')]
timeline=1
version=150020
xlog_segment_size=16777216
`;

const parse = (text: string) => parseBackupInfo(Buffer.from(text));

describe('backup.info', () => {
  test('every field that is used', () => {
    expect(parse(DONE)).toEqual({
      status: 'DONE',
      mode: 'rsync-concurrent',
      serverName: 'main',
      systemIdentifier: '18446744073709551615',
      timeline: 1,
      version: 150020,
      beginTime: '2026-11-22T21:42:31.830Z',
      endTime: '2026-11-22T21:42:33.536Z',
      timesWithoutZone: false,
      beginWal: '000000010000000000000002',
      endWal: '000000010000000000000002',
      beginLsn: '0/2000028',
      endLsn: '0/3000000',
      size: 23351378,
      deduplicatedSize: 351378,
      segmentBytes: 16777216,
      compression: null,
      encryption: null,
      tablespaceOids: [16387, 2],
      parentId: null,
    });
  });

  test.each([
    ['2026-11-22 21:42:33.536018+05:30', '2026-11-22T16:12:33.536Z'],
    ['2026-11-22 21:42:33-08:00', '2026-11-23T05:42:33.000Z'],
    ['2026-11-22 21:42:33.5+05:53:28', '2026-11-22T15:49:05.500Z'],
  ])('an end at %s is %s', (written, instant) => {
    expect(parse(DONE.replace(/end_time=.*/, `end_time=${written}`)).endTime).toBe(instant);
  });

  test('a time without its distance from UTC is no instant', () => {
    const info = parse(DONE.replace(/end_time=.*/, 'end_time=2026-11-22 21:42:33.536018'));
    expect(info).toMatchObject({ endTime: null, timesWithoutZone: true, beginTime: '2026-11-22T21:42:31.830Z' });
  });

  test('an incremental one names its parent (3.11 and later)', () => {
    const info = parse(`${DONE}parent_backup_id=20260101T000000\n`);
    expect(info.parentId).toBe('20260101T000000');
  });

  test.each([
    ['size', '-1'],
    ['size', '1e9'],
    ['status', ''],
    ['systemid', '7.7e18'],
    ['timeline', 'one'],
    ['begin_wal', '00000001000000000000000g'],
    ['end_time', '2026-02-30 00:00:00+00:00'],
    ['end_time', '2026-11-22 25:00:00+00:00'],
    ['xlog_segment_size', '16777215'],
    ['xlog_segment_size', '0'],
    ['tablespaces', "[('a', 1)]"],
    ['tablespaces', "__import__('os')"],
    ['tablespaces', '['.repeat(100_000)],
    ['parent_backup_id', '../../x'],
  ])('%s=%s is damage', (field, value) => {
    const text = `${DONE}${field}=${value}\n`;
    expect(() => parse(text)).toThrow(SourceError);
    expect(() => parse(text)).toThrow(/^backup\.info is damaged/);
  });

  test('truncated at any byte it is damage, or says the same', () => {
    for (let length = 0; length < DONE.length; length += 1) {
      const last = DONE.lastIndexOf('xlog_segment_size');
      if (length === last) expect(parse(DONE.slice(0, length))).toEqual(parse(DONE));
      else expect(() => parse(DONE.slice(0, length)), `${length} bytes`).toThrow(SourceError);
    }
  });

  test('no value of it gets into a message', () => {
    const text = DONE.replace('systemid=18446744073709551615', 'systemid=secret-value');
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret-value') }),
    );
  });

  test('random bytes and mutations never throw anything but SourceError', async () => {
    const bytes = Buffer.from(DONE);
    const mutated = fc
      .array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        return new Uint8Array(copy);
      });
    const literal = fc
      .string({ unit: fc.constantFrom(...'[](){}\'"\\,:0123456789.eE+-NoneTrux \t') })
      .map((text) => new Uint8Array(Buffer.from(`${DONE}tablespaces=${text}\n`)));
    const any = fc.oneof(fc.uint8Array({ maxLength: 2000 }), mutated, literal);
    await fc.assert(
      fc.property(any, (input) => {
        try {
          parseBackupInfo(input);
        } catch (error) {
          expect(error).toBeInstanceOf(SourceError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
