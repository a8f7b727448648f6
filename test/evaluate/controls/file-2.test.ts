import { expect, test } from 'vitest';
import { file2 } from '../../../src/evaluate/controls/file-2.ts';
import { judgeOrganization } from '../file-case.ts';

test('a place of its own', () => {
  expect(judgeOrganization(file2)).toMatchObject({ status: 'pass' });
});

test('an overlap is a gap, named without names and counts of others', () => {
  const finding = judgeOrganization(file2, { overlaps: [{ relation: 'inside', shared: 7 }] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe('its files lie inside the place of another organization');
});

test('a gap stays one where other organizations are blind, a pass does not', () => {
  expect(judgeOrganization(file2, { overlaps: 'blind' }).status).toBe('unknown');
});

test('bundled storage is shared by design', () => {
  expect(judgeOrganization(file2, { bindings: [{ kind: 'bundled' }], overlaps: [{}] }).status).toBe('not-applicable');
  expect(judgeOrganization(file2, { bindings: [] }).status).toBe('not-applicable');
});
