import { describe, expect, test } from 'vitest';
import { file8 } from '../../../src/evaluate/controls/file-8.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { judgeStore } from '../file-case.ts';
import { ago } from '../fixture.ts';

describe('FILE-8', () => {
  test('passes with what a sample without a loss says of all, its seed, method and population', () => {
    expect(judgeStore(file8)).toMatchObject({
      status: 'pass',
      because:
        '59 of 59 found, none compared by checksum: with 95 % confidence at least 95 % are there (5,000 rows, drawn from all rows by a hash, seed 20261122); no second copy of them was looked into',
    });
    expect(judgeStore(file8, { samples: [{ drawn: 299, found: 299 }] }).because).toContain('at least 99 %');
    expect(judgeStore(file8, { samples: [{ drawn: 1, found: 1 }] }).because).toContain('at least 5 %');
    const all = judgeStore(file8, { samples: [{ drawn: 6, found: 6, population: 6, checksumsCompared: 6 }] });
    expect(all.because).toContain('6 of 6 found, 6 compared by checksum: these are all');
    const many = judgeStore(file8, { samples: [{ population: 100_000_000, populationIsEstimate: true }] });
    expect(many.because).toContain('(about 100,000,000 rows');
    const none = judgeStore(file8, { samples: [{ drawn: 0, found: 0, population: 0 }] });
    expect(none).toMatchObject({ status: 'pass', because: expect.stringContaining('lists no file') });
  });

  test.each([
    ['are missing', { found: 57, missing: 2, examples: ['0a1b', '2c3d'] }, '2 not there, such as 0a1b, 2c3d'],
    [
      'are missing, with names of several lines',
      { found: 57, missing: 2, examples: ['a\nb', '\u202ec'] },
      'such as a\\u{a}b, \\u{202e}c',
    ],
    ['have another size', { found: 58, sizeDiffers: 1 }, '1 of another size than listed'],
    ['have another checksum', { found: 58, checksumDiffers: 1 }, '1 with another checksum than listed'],
    ['are missing and others were not asked for', { found: 1, missing: 1, unchecked: 57 }, '1 not there'],
  ])('fails where files %s', (_, sample, because) => {
    expect(judgeStore(file8, { samples: [sample] })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining(because),
    });
  });

  test.each([
    ['was denied some', [{ found: 50, unchecked: 9 }], '9 files could not be asked for'],
    ['read names that lead elsewhere', [{ found: 58, refused: 1 }], 'names an absolute path, a step upwards or a link'],
    [
      'met links',
      [{ found: 57, refused: 2, links: 2 }],
      'of 59 files drawn: 2 files are symbolic links, or behind one',
    ],
    ['drew nothing of many', [{ drawn: 0, found: 0 }], 'none of 5,000 rows was drawn'],
    ['drew nothing of the second of two lists', [{}, { drawn: 0, found: 0 }], 'none of 5,000 rows was drawn'],
    ['counted fewer found than drawn', [{ found: 58 }], 'of 59 files drawn only 58 were found'],
    ['looked for nothing', [], 'no file was looked for'],
    ['did not answer', 'blind' as const, ''],
  ])('is unknown where the audit %s', (_, samples, because) => {
    const finding = judgeStore(file8, { samples });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(because);
  });

  describe('of objects that are encrypted with a key of AWS KMS', () => {
    const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1';
    type Key = NonNullable<Facts['file-sample']['keys']>[number];
    const judged = (key: Partial<Key>, sample: Partial<Facts['file-sample']> = {}) =>
      judgeStore(file8, {
        samples: [{ ...sample, keys: [{ key: ARN, state: 'enabled', deletionDate: null, because: null, ...key }] }],
      });

    test('passes where it is enabled, and names it', () => {
      expect(judged({})).toMatchObject({ status: 'pass', because: expect.stringContaining(`is enabled (${ARN})`) });
    });

    test.each([
      ['is gone', { state: 'missing' as const }, 'does not exist any more: they are lost'],
      ['is disabled', { state: 'disabled' as const }, 'is disabled: enabling it lets them be opened'],
      [
        'will be deleted',
        { state: 'pending-deletion' as const, deletionDate: ago(-2 * DAY) },
        'will be deleted on 2026-11-24 18:00 UTC: cancelling that before then',
      ],
      ['was to be deleted', { state: 'pending-deletion' as const, deletionDate: ago(DAY) }, 'they are lost'],
    ])('fails where it %s, though each file is there', (_, key, because) => {
      const finding = judged(key);
      expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining(because) });
      expect(finding.remediation).toMatch(/^The key of files that cannot be opened: aws kms cancel-key-deletion/);
    });

    test('is unknown where nobody could ask about it', () => {
      const finding = judged({ state: null, because: 'no provider of kind aws-kms' });
      expect(finding).toMatchObject({
        status: 'unknown',
        because: expect.stringContaining('was not told: no provider'),
      });
      expect(finding.remediation).toContain('kms:DescribeKey');
    });

    test('fails for files that are missing before anything else', () => {
      const finding = judged({ state: null }, { found: 58, missing: 1 });
      expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining('1 not there') });
    });
  });

  test('tells what no row names where that was counted, and rests nothing on it', () => {
    expect(judgeStore(file8, { inventory: [{}] })).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('of 5,012 files in the store, 12 files are named by none of 5,000 rows'),
    });
    expect(judgeStore(file8, { inventory: 'blind' }).status).toBe('pass');
    expect(judgeStore(file8, { inventory: [{ missing: 2 }] }).because).toContain('2 rows named no file');
  });

  test('passes with what each copy was found to hold, its moment and the bound', () => {
    const copySamples = [
      {},
      { method: 'restic' as const, copy: '4436b8a9', location: 'offsite', expected: 59, found: 59 },
    ];
    expect(judgeStore(file8, { copySamples })).toMatchObject({
      status: 'pass',
      because: expect.stringMatching(
        /; in backup set 2026-11-22 in sets of .* 58 of 58 found, none compared by checksum: with 95 % confidence at least 94 % are there \(5,000 rows, seed 20261122\); in restic snapshot 4436b8a9 in offsite of .* 59 of 59 listed, none compared by checksum/,
      ),
    });
    const all = judgeStore(file8, { copySamples: [{ population: 59, checksumsCompared: 58 }] });
    expect(all.because).toContain('58 of 58 found, 58 compared by checksum: these are all');
    const young = judgeStore(file8, { copySamples: [{ population: 59, expected: 0, found: 0 }] });
    expect(young).toMatchObject({ status: 'pass', because: expect.stringContaining('has to be in backup set') });
  });

  test.each([
    [
      'lacks files',
      { found: 56, missing: 2, examples: ['0a1b'] },
      'of 58 files drawn that must be there: 2 not there, such as 0a1b',
    ],
    ['has files of another size', { found: 57, sizeDiffers: 1 }, '1 of another size than listed'],
    ['has other contents', { found: 57, checksumDiffers: 1 }, '1 with another checksum than listed'],
    ['lacks one and was not asked for others', { found: 1, missing: 1, unchecked: 56 }, '1 not there'],
  ])('fails where a copy %s, whatever the store and other copies hold', (_, sample, because) => {
    expect(judgeStore(file8, { copySamples: [{}, sample] })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining(because),
    });
  });

  test.each([
    ['was not asked for all', [{ found: 50, unchecked: 8 }], '8 files could not be asked for'],
    ['was asked for names that lead elsewhere', [{ found: 57, refused: 1 }], 'which is not followed'],
    ['need hold none of what was drawn', [{ expected: 0, found: 0 }], 'nothing tells what it holds'],
    ['was counted short', [{ found: 57 }], 'only 57 were found'],
    ['did not answer', 'blind' as const, ''],
  ])('is unknown where a copy %s', (_, copySamples, because) => {
    const finding = judgeStore(file8, { copySamples });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(because);
  });

  test('tells how many files lie in an archive, which are there and cannot be read at once', () => {
    const some = judgeStore(file8, { samples: [{ archived: 3 }], copySamples: [{ archived: 1 }] });
    expect(some.status).toBe('pass');
    expect(some.because).toContain('; 3 of them lie in an archive storage class: each must be brought back before');
    expect(some.because).toContain('; 1 of them lies in an archive storage class: it must be brought back before');
    const lost = judgeStore(file8, { samples: [{ found: 58, missing: 1, archived: 58 }] });
    expect(lost.because).toContain('; 58 files found; 58 of them lie in an archive storage class');
  });

  test('is about rows that the database still lists, and unknown where too few of those drawn are left', () => {
    const some = judgeStore(file8, { samples: [{ drawn: 35, found: 35, gone: 5 }] });
    expect(some.status).toBe('pass');
    expect(some.because).toContain('5 rows more were drawn and are not listed any more');
    const few = judgeStore(file8, { samples: [{ drawn: 2, found: 2, gone: 38 }] });
    expect(few).toMatchObject({ status: 'unknown', because: expect.stringContaining('too few to tell of 5,000 rows') });
    const none = judgeStore(file8, { samples: [{ drawn: 0, found: 0, gone: 40, population: 40 }] });
    expect(none).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('of 40 rows none was looked for'),
    });
    const all = judgeStore(file8, { samples: [{ drawn: 2, found: 2, gone: 38, population: 2 }] });
    expect(all).toMatchObject({ status: 'pass', because: expect.stringContaining('these are all') });
  });

  test('is unknown where rows are dated in the future, for which nobody looks', () => {
    const finding = judgeStore(file8, { samples: [{ drawn: 0, found: 0, population: 0, future: 3 }] });
    expect(finding).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('3 rows are dated in the future'),
    });
    const lost = judgeStore(file8, { samples: [{ found: 58, missing: 1, future: 3 }] });
    expect(lost.status).toBe('fail');
  });

  test('fails where what was drawn cannot be read out of a copy', () => {
    const finding = judgeStore(file8, { copySamples: [{ found: 58, damaged: 1 }] });
    expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining('1 that cannot be read') });
  });

  test('says that a newer copy was passed over, and why', () => {
    const passedOver = { copy: '2026-11-22', moment: ago(DAY), because: 'its marker is missing' };
    const { because } = judgeStore(file8, { copySamples: [{ passedOver }] });
    expect(because).toContain(
      'the newest there, 2026-11-22 of 2026-11-21 18:00 UTC, was passed over: its marker is missing',
    );
  });

  test('says of what a program listed that nothing of it was read', () => {
    const listed = judgeStore(file8, { copySamples: [{ method: 'borg' }] });
    expect(listed).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('what the files hold was not read'),
    });
  });
});
