import { expect, test } from 'vitest';
import { file1 } from '../../../src/evaluate/controls/file-1.ts';
import { BEFORE_ALL } from '../../../src/model/instant.ts';
import { type FileCase, judgeOrganization } from '../file-case.ts';

test('one active binding whose store is there', () => {
  expect(judgeOrganization(file1)).toMatchObject({ status: 'pass' });
  const bindings = [{}, { bindingId: 'binding-old', state: 'inactive' }];
  expect(judgeOrganization(file1, { bindings }).status).toBe('pass');
});

test.each([
  ['none', [], 'no storage binding is active'],
  ['only inactive ones', [{ state: 'inactive' }], 'no storage binding is active'],
  ['two', [{}, { bindingId: 'binding-2' }], '2 storage bindings are active at once'],
  ['one of an unknown kind', [{ kind: 'tape' }], 'a kind that is not known: tape'],
])('%s is a gap', (_, bindings, because) => {
  const finding = judgeOrganization(file1, { bindings });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain(because);
});

test('a store that is not there is a gap, one that did not answer is unknown', () => {
  const gone = judgeOrganization(file1, { store: [{ exists: false, detail: 'no such bucket' }] });
  expect(gone).toMatchObject({ status: 'fail', because: 'the store is not there: no such bucket' });
  expect(judgeOrganization(file1, { store: 'blind' }).status).toBe('unknown');
});

test('the store of another binding does not answer for the active one', () => {
  expect(judgeOrganization(file1, { bindings: [{ bindingId: 'binding-new' }] }).status).toBe('unknown');
});

test('what a directory lies on is told with it', () => {
  const disk = {
    ownMount: false,
    fileSystem: 'ext4',
    freeBytes: 3.5 * 1024 ** 3,
    totalBytes: 10 * 1024 ** 3,
    freeInodes: 999,
    totalInodes: 1000,
  };
  const because = (changes: object, empty = false) =>
    judgeOrganization(file1, {
      store: [{ kind: 'bundled', detail: 'a directory', empty, disk: { ...disk, ...changes } }],
      counts: [{ after: BEFORE_ALL, count: 2 }],
    }).because;
  expect(because({})).toContain(
    'the store is there: a directory; no mount of its own, ext4, 3.5 GiB (35 %) and 99 % of inodes free',
  );
  expect(because({ ownMount: true, fileSystem: null, freeInodes: null, totalInodes: null })).toContain(
    'a directory; a mount of its own, 3.5 GiB (35 %) free',
  );
  expect(because({ freeBytes: null, totalBytes: null })).toContain('no mount of its own, ext4, 99 % of inodes free');
  expect(because({}, true)).toContain('the store is an empty directory; no mount of its own, ext4, 3.5 GiB');
});

test('an empty bucket counts as the store only where nothing is registered', () => {
  const store = [{ detail: 'a bucket without objects', empty: true }];
  const counts = [{ after: BEFORE_ALL, count: 2 }];
  expect(judgeOrganization(file1, { store, counts })).toMatchObject({
    status: 'unknown',
    because:
      'the store is a bucket without objects, while its database lists 2 files: it may have been emptied, or not be the one in use',
  });
  expect(judgeOrganization(file1, { store, counts: 'blind' }).status).toBe('unknown');
  expect(judgeOrganization(file1, { store, counts: [{ after: BEFORE_ALL, count: 0 }] }).status).toBe('pass');
});

test('an empty directory counts as the store only where nothing is registered', () => {
  const store = [{ kind: 'bundled', detail: 'an empty directory', empty: true }];
  const judged = (counts: FileCase['counts']) => judgeOrganization(file1, { store, ...(counts && { counts }) });
  const mounted = { after: BEFORE_ALL, count: 0 };
  expect(judged([mounted])).toMatchObject({ status: 'pass' });
  const unmounted = judged([{ ...mounted, count: 12 }, { count: 3 }]);
  expect(unmounted.status).toBe('unknown');
  expect(unmounted.because).toContain('its database lists 12 files: it may be unmounted');
  expect(judged([]).status).toBe('unknown');
  expect(judged('blind').status).toBe('unknown');
  expect(judgeOrganization(file1, { store: [{ empty: false }], counts: 'blind' }).status).toBe('pass');
});
